using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Terminal;
using CoSim.Traces.Format;
using CoSim.Traces.Profile;

namespace CoSim.Cli.Trace;

/// <summary>Two traces with instructions beside each other: the cores' paths, their cycles by cause, what each function cost.</summary>
internal sealed class InstructionComparison
{
    private const int FirstCause = 2;

    private readonly InstructionProfile _left, _right;
    private readonly SortedDictionary<int, PathAlignment> _paths = [];

    private InstructionComparison(InstructionProfile left, InstructionProfile right)
    {
        _left = left;
        _right = right;
    }

    /// <summary>Core cycles of the left and the right run: of all cores together.</summary>
    public (ulong Left, ulong Right) Cycles => (_left.Total(1), _right.Total(1));

    /// <summary>Compares; null when one of them holds no instructions.</summary>
    /// <param name="left">Events of one.</param>
    /// <param name="right">Events of the other.</param>
    /// <param name="leftNames">Its names of addresses.</param>
    /// <param name="rightNames">The other's.</param>
    public static InstructionComparison? Of(IEnumerable<TraceEvent> left, IEnumerable<TraceEvent> right, TraceSymbols leftNames, TraceSymbols rightNames)
    {
        SortedSet<int> cores = [];
        InstructionComparison comparison = new(Profile(left, leftNames, cores), Profile(right, rightNames, cores));
        if (comparison._left.IsEmpty || comparison._right.IsEmpty)
            return null;
        foreach (int core in cores)
            comparison._paths.Add(core, PathAlignment.Of(Path(left, core), Path(right, core)));
        return comparison;
    }

    /// <summary>Writes the findings.</summary>
    public void Write(TextWriter output)
    {
        foreach ((int core, PathAlignment path) in _paths)
        {
            output.WriteLine(path.Gaps == 0
                ? string.Create(CultureInfo.InvariantCulture, $"core {core}: the same path, {path.Same} instructions")
                : string.Create(CultureInfo.InvariantCulture, $"core {core}: {path.Same} instructions in both, {path.OnlyLeft} before only, {path.OnlyRight} then only, in {path.Gaps} places{(path.IsComplete ? "" : "; behind the last place the paths have nothing in common")}"));
        }

        (ulong before, ulong then) = Cycles;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cycles: {before} before, {then} then, {Difference(before, then)}"));
        WriteCauses(output);
        SymbolCosts.Write(output, SymbolCosts.Compare(SymbolCosts.Of(_left), SymbolCosts.Of(_right)));
    }

    /// <summary>Adds the findings to a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        (ulong before, ulong then) = Cycles;
        json.WriteNumber("cyclesBefore", before);
        json.WriteNumber("cyclesThen", then);
        json.WriteStartArray("paths");
        foreach ((int core, PathAlignment path) in _paths)
        {
            json.WriteStartObject();
            json.WriteNumber("core", core);
            json.WriteNumber("same", path.Same);
            json.WriteNumber("onlyBefore", path.OnlyLeft);
            json.WriteNumber("onlyThen", path.OnlyRight);
            json.WriteNumber("places", path.Gaps);
            json.WriteBoolean("aligned", path.IsComplete);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("causes");
        for (int i = 0; i < _left.Causes.Count; i++)
        {
            json.WriteStartArray(_left.Causes[i]);
            json.WriteNumberValue(_left.Total(FirstCause + i));
            json.WriteNumberValue(_right.Total(FirstCause + i));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartArray("symbols");
        foreach (SymbolCost cost in SymbolCosts.Compare(SymbolCosts.Of(_left), SymbolCosts.Of(_right)))
        {
            json.WriteStartObject();
            json.WriteString("symbol", cost.Symbol);
            json.WriteNumber("instructionsBefore", cost.Instructions);
            json.WriteNumber("instructionsThen", cost.OtherInstructions);
            json.WriteNumber("cyclesBefore", cost.Cycles);
            json.WriteNumber("cyclesThen", cost.OtherCycles);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteCauses(TextWriter output)
    {
        TextTable table = new TextTable().Words("cause").Numbers("cycles").Numbers("then").Numbers("difference");
        bool any = false;
        for (int i = 0; i < Math.Min(_left.Causes.Count, _right.Causes.Count); i++)
        {
            ulong before = _left.Total(FirstCause + i), then = _right.Total(FirstCause + i);
            if (before == then)
                continue;
            any = true;
            table.Row(_left.Causes[i], before.ToString(CultureInfo.InvariantCulture), then.ToString(CultureInfo.InvariantCulture), Difference(before, then));
        }

        if (!any)
            return;
        output.WriteLine();
        Screen.For(output).Write(table);
    }

    private static string Difference(ulong before, ulong then) => unchecked((long)(then - before)).ToString("+0;-0;0", CultureInfo.InvariantCulture);

    private static InstructionProfile Profile(IEnumerable<TraceEvent> events, TraceSymbols names, SortedSet<int> cores)
    {
        InstructionProfile profile = new(names, withCallers: false);
        foreach (TraceEvent e in events)
        {
            profile.Take(in e);
            if (e.Kind.Name == TraceEvents.Retire.Name)
                _ = cores.Add(e.Core);
        }

        return profile;
    }

    private static IEnumerable<ulong> Path(IEnumerable<TraceEvent> events, int core) =>
        events.Where(e => e.Kind.Name == TraceEvents.Retire.Name && e.Core == core).Select(e => e.Number("rip"));
}
