using System.Text.RegularExpressions;
using CoSim.Cli.Options;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Stops;

/// <summary>A test of events: their kind, and any of their fields.</summary>
internal sealed partial class EventTest
{
    /// <summary>Separates fields.</summary>
    private const char Comma = ',';

    private readonly FieldTest[] _fields;

    /// <summary>The kinds that a run reports while it runs, whether or not it is recorded.</summary>
    public static IReadOnlyList<EventKind> WhileRunning { get; } =
        [.. TraceEvents.All.Where(k => !k.IsOfPipeline).Except([TraceEvents.Stop, TraceEvents.Retire, TraceEvents.Deliver, TraceEvents.MicroOp, TraceEvents.Operands, TraceEvents.Image])];

    private EventTest(string text, EventKind kind, FieldTest[] fields)
    {
        Text = text;
        Kind = kind;
        _fields = fields;
    }

    /// <summary>As the user wrote it.</summary>
    public string Text { get; }

    /// <summary>The kind that passes.</summary>
    public EventKind Kind { get; }

    /// <summary>Reads <c>KIND</c> or <c>KIND:FIELD=VALUE,FIELD>=VALUE,...</c>.</summary>
    /// <param name="option">Where it comes from, for messages.</param>
    /// <param name="text">What the user wrote.</param>
    /// <param name="kinds">The kinds that there are.</param>
    /// <exception cref="BadInputException">There is no such kind or field, or the value is none of its values.</exception>
    public static EventTest Parse(string option, string text, IReadOnlyList<EventKind> kinds)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = (colon < 0 ? text : text[..colon]).Trim();
        EventKind kind = kinds.FirstOrDefault(k => k.Name == name)
            ?? throw new BadInputException($"{option} '{text}'", $"no kind of events '{name}'; {NearestWord.Hint(name, [.. kinds.Select(k => k.Name)])}");
        IEnumerable<string> parts = colon < 0 ? [] : text[(colon + 1)..].Split(Comma);
        return new EventTest(text, kind, [.. parts.Select(p => FieldOf(option, text, kind, p))]);
    }

    /// <summary>Whether an event passes.</summary>
    public bool Holds(in TraceEvent e)
    {
        if (e.Kind.Name != Kind.Name)
            return false;
        foreach (FieldTest field in _fields)
        {
            if (!field.Holds(in e))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static FieldTest FieldOf(string option, string text, EventKind kind, string part)
    {
        Match match = Field().Match(part);
        if (!match.Success)
            throw new BadInputException($"{option} '{text}'", $"'{part.Trim()}' is no FIELD=VALUE");
        string name = match.Groups["name"].Value;
        int index = kind.IndexOf(name);
        if (index < 0)
            throw new BadInputException($"{option} '{text}'", $"{kind.Name} has no field '{name}'; {NearestWord.Hint(name, [.. kind.Fields.Select(f => f.Name)])}");
        string sign = match.Groups["sign"].Value, value = match.Groups["value"].Value;
        Comparison comparison = sign == "~" ? Comparison.Equal : ValueTest.Operators.First(o => o.Text == sign).Comparison;
        bool isText = index == kind.TextField;
        if (isText ? sign is not ("=" or "==" or "!=" or "~") : sign == "~")
            throw new BadInputException($"{option} '{text}'", $"{kind.Name}.{name} is {(isText ? "a text: it is compared by =, != and ~ (contains)" : "a number: ~ is for texts")}");
        if (isText)
            return new FieldTest(index, FieldType.Text, default, value, sign);
        FieldType type = kind.Fields[index].Type;
        return TryValue(type, value, out ulong number)
            ? new FieldTest(index, type, new ValueTest(ulong.MaxValue, comparison, Ordered(type, number)), "", sign)
            : throw new BadInputException($"{option} '{text}'", $"{kind.Name}.{name} is {Meaning(type)}, not '{value}'");
    }

    private static bool TryValue(FieldType type, string text, out ulong value)
    {
        value = ulong.MaxValue;
        switch (type)
        {
            case FieldType.Delay when text == "never":
                return true;
            case FieldType.Delay:
                bool isTime = PlaceChoice.TryTime(text, out SimTime time) && time.Femtoseconds < ulong.MaxValue;
                value = isTime ? (ulong)time.Femtoseconds : 0;
                return isTime;
            case FieldType.Signed when text.StartsWith('-'):
                bool isNumber = ValueTest.TryNumber(text[1..], out value) && value <= 1UL << 63;
                value = 0 - value;
                return isNumber;
            default:
                return ValueTest.TryNumber(text, out value);
        }
    }

    /// <summary>Signed values in the order of unsigned ones.</summary>
    private static ulong Ordered(FieldType type, ulong value) => type == FieldType.Signed ? value ^ (1UL << 63) : value;

    private static string Meaning(FieldType type) => type switch
    {
        FieldType.Delay => "a time with its unit (5us) or 'never'",
        FieldType.Signed => "a number, perhaps negative",
        _ => "a number: decimal, or hexadecimal behind 0x",
    };

    [GeneratedRegex(@"^\s*(?<name>[\w-]+)\s*(?<sign>==|!=|<=|>=|=|<|>|~)\s*(?<value>.*?)\s*$")]
    private static partial Regex Field();

    private readonly record struct FieldTest(int Index, FieldType Type, ValueTest Test, string Text, string Sign)
    {
        public bool Holds(in TraceEvent e) => Type != FieldType.Text ? Test.Holds(Ordered(Type, e.Values[Index])) : Sign switch
        {
            "~" => e.Text?.Contains(Text, StringComparison.Ordinal) == true,
            "!=" => e.Text != Text,
            _ => e.Text == Text,
        };
    }
}
