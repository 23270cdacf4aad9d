using System.Buffers;
using System.Globalization;
using CoSim.Hw.Simulation;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>What a trace says about itself before its first event.</summary>
public sealed class TraceHeader
{
    /// <summary>Version of the format that this code writes. A reader refuses a higher one.</summary>
    public const uint CurrentVersion = 3;

    /// <summary>Most facts and kinds that a reader accepts.</summary>
    private const int MostEntries = 4096;

    /// <summary>Longest name of a kind or a field, in characters.</summary>
    private const int LongestName = 64;

    /// <summary>Describes a trace.</summary>
    /// <param name="level">How much it holds.</param>
    /// <param name="facts">Machine, seed, command line and the like, in a fixed order.</param>
    /// <param name="kinds">The kinds of events in it.</param>
    public TraceHeader(TraceLevel level, IReadOnlyList<KeyValuePair<string, string>> facts, IReadOnlyList<EventKind> kinds)
    {
        Level = level;
        Facts = facts;
        Kinds = kinds;
        ById = new EventKind?[EventKind.MaxId];
        foreach (EventKind kind in kinds)
            ById[kind.Id] = kind;
        CoreClock = ParseClock(Fact(CoreClockFact));
    }

    /// <summary>Name of the fact that states the cores' clock: <c>2250000000 Hz</c>, or a fraction.</summary>
    public const string CoreClockFact = "machine.core-hertz";

    /// <summary>The cores' clock; null when the trace does not state it. Cycles of instructions become times by it.</summary>
    public Frequency? CoreClock { get; }

    /// <summary>How much the trace holds.</summary>
    public TraceLevel Level { get; }

    /// <summary>Machine, seed, command line and the like.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; }

    /// <summary>The kinds of events in the trace.</summary>
    public IReadOnlyList<EventKind> Kinds { get; }

    internal EventKind?[] ById { get; }

    /// <summary>Value of a fact; null when the trace does not state it.</summary>
    public string? Fact(string name)
    {
        foreach ((string key, string value) in Facts)
        {
            if (key == name)
                return value;
        }

        return null;
    }

    internal void Write(IBufferWriter<byte> target)
    {
        MessagePackWriter writer = new(target);
        writer.WriteMapHeader(4);
        writer.Write("version");
        writer.Write(CurrentVersion);
        writer.Write("level");
        writer.Write((uint)Level);
        writer.Write("facts");
        writer.WriteMapHeader(Facts.Count);
        foreach ((string key, string value) in Facts)
        {
            writer.Write(key);
            writer.Write(value);
        }

        writer.Write("kinds");
        writer.WriteArrayHeader(Kinds.Count);
        foreach (EventKind kind in Kinds)
        {
            writer.WriteArrayHeader(3);
            writer.Write((uint)kind.Id);
            writer.Write(kind.Name);
            writer.WriteMapHeader(kind.Fields.Count);
            foreach (EventField field in kind.Fields)
            {
                writer.Write(field.Name);
                writer.Write((uint)field.Type);
            }
        }

        writer.Flush();
    }

    internal static TraceHeader Read(ReadOnlyMemory<byte> body)
    {
        MessagePackReader reader = new(body);
        uint? version = null;
        TraceLevel level = TraceLevel.Inputs;
        List<KeyValuePair<string, string>> facts = [];
        List<EventKind> kinds = [];
        for (int entries = reader.ReadMapHeader(); entries > 0; entries--)
        {
            switch (Text(ref reader))
            {
                case "version":
                    version = reader.ReadUInt32();
                    if (version is 0 or > CurrentVersion)
                        throw new TraceFormatException($"version {version} of the trace format; this build reads up to {CurrentVersion}");
                    break;
                case "level":
                    uint number = reader.ReadUInt32();
                    level = number <= (uint)TraceLevel.Pipeline ? (TraceLevel)number : throw new TraceFormatException($"header: level {number} is not known");
                    break;
                case "facts":
                    for (int left = Few(reader.ReadMapHeader()); left > 0; left--)
                        facts.Add(new(Text(ref reader), Text(ref reader)));
                    break;
                case "kinds":
                    for (int left = Few(reader.ReadArrayHeader()); left > 0; left--)
                        AddKind(kinds, ReadKind(ref reader));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return version == null ? throw new TraceFormatException("header: it states no version") : new TraceHeader(level, facts, kinds);
    }

    private static Frequency? ParseClock(string? text)
    {
        const ulong largestNumerator = 1UL << 63, largestDenominator = 1UL << 40;
        if (text == null || !text.EndsWith(" Hz", StringComparison.Ordinal))
            return null;
        string[] parts = text[..^3].Split('/');
        ulong denominator = 1;
        bool valid = parts.Length <= 2
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong numerator)
            && (parts.Length == 1 || ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out denominator))
            && numerator is > 0 and < largestNumerator
            && denominator is > 0 and < largestDenominator;
        return valid ? new Frequency(ulong.Parse(parts[0], CultureInfo.InvariantCulture), denominator) : null;
    }

    private static void AddKind(List<EventKind> kinds, EventKind kind)
    {
        if (kinds.Exists(k => k.Id == kind.Id || k.Name == kind.Name))
            throw new TraceFormatException($"header: kind {kind.Id} or '{kind.Name}' is described twice");
        kinds.Add(kind);
    }

    /// <summary>Names go into file formats that allow less than a string may hold.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static EventKind ReadKind(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != 3)
            throw new TraceFormatException("header: the description of a kind of events is not a number, a name and fields");
        uint id = reader.ReadUInt32();
        string name = Text(ref reader);
        if (id >= Instructions.InstructionLayout.Group)
            throw new TraceFormatException($"header: kind '{name}' has number {id}; numbers end at {Instructions.InstructionLayout.Group - 1}");
        if (!IsName(name))
            throw new TraceFormatException($"header: kind {id} has a name that is not of small letters, digits and hyphens");
        int count = reader.ReadMapHeader();
        if (count > EventValues.Count)
            throw new TraceFormatException($"header: kind '{name}' has {count} fields; {EventValues.Count} is the most");
        EventField[] fields = new EventField[count];
        int texts = 0;
        for (int i = 0; i < count; i++)
        {
            string field = Text(ref reader);
            uint type = reader.ReadUInt32();
            if (type > (uint)FieldType.Text)
                throw new TraceFormatException($"header: field '{field}' of kind '{name}' has type {type}, which is not known");
            if (!IsName(field) || fields.Take(i).Any(f => f.Name == field))
                throw new TraceFormatException($"header: a field of kind '{name}' has a name that is used twice, or not of small letters, digits and hyphens");
            fields[i] = new EventField(field, (FieldType)type);
            texts += type == (uint)FieldType.Text ? 1 : 0;
        }

        return texts > 1 ? throw new TraceFormatException($"header: kind '{name}' has {texts} texts; one is the most") : new EventKind((byte)id, name, fields);
    }

    private static string Text(ref MessagePackReader reader) => reader.ReadString() ?? throw new TraceFormatException("header: nil where a name must stand");

    private static int Few(int count) => count <= MostEntries ? count : throw new TraceFormatException($"header: {count} entries; {MostEntries} is the most");
}
