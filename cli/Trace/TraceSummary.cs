using System.Globalization;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>What `cosim trace info` tells.</summary>
/// <param name="Header">What the trace says about itself.</param>
/// <param name="IsComplete">Whether recording ended in order.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Counts">Events by name of their kind; only kinds that occur.</param>
/// <param name="First">Time of the first event.</param>
/// <param name="Last">The latest time.</param>
internal sealed record TraceSummary(TraceHeader Header, bool IsComplete, long Bytes, IReadOnlyList<(string Kind, ulong Count)> Counts, SimTime First, SimTime Last)
{
    /// <summary>Reads a whole trace.</summary>
    public static TraceSummary Of(TraceReader trace)
    {
        ulong[] counts = new ulong[EventKind.MaxId];
        foreach (TraceEvent e in trace.Events())
            counts[e.Kind.Id]++;
        return new TraceSummary(
            trace.Header,
            trace.IsComplete,
            trace.Length,
            [.. trace.Header.Kinds.Where(k => counts[k.Id] > 0).Select(k => (k.Name, counts[k.Id]))],
            trace.Blocks.Count == 0 ? SimTime.Zero : trace.Blocks.Min(b => b.FirstTime),
            trace.Blocks.Count == 0 ? SimTime.Zero : trace.Blocks.Max(b => b.LastTime));
    }

    private ulong Total => Counts.Aggregate(0UL, (sum, c) => sum + c.Count);

    /// <summary>Writes facts and counts for people.</summary>
    public void Write(TextWriter output)
    {
        TextTable facts = new TextTable().Words("fact").Words("value");
        facts.Row("level", Header.Level.ToString().ToLowerInvariant());
        facts.Row("complete", IsComplete ? "yes" : "no: recording was cut; the trace ends with its last whole block");
        facts.Row("bytes", Bytes.ToString(CultureInfo.InvariantCulture));
        facts.Row("events", Total.ToString(CultureInfo.InvariantCulture));
        facts.Row("first", EventText.Time(First) + " s");
        facts.Row("last", EventText.Time(Last) + " s");
        foreach ((string name, string value) in Header.Facts)
            facts.Row(name, value);
        Screen.For(output).Write(facts);
        if (Counts.Count == 0)
            return;
        output.WriteLine();
        TextTable kinds = new TextTable().Words("kind").Numbers("events");
        foreach ((string kind, ulong count) in Counts)
            kinds.Row(kind, count.ToString(CultureInfo.InvariantCulture));
        Screen.For(output).Write(kinds);
    }

    /// <summary>Writes the same as JSON.</summary>
    public void WriteJson(TextWriter output)
    {
        output.WriteLine(JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("schema", "cosim.trace.info/1");
            json.WriteString("level", Header.Level.ToString().ToLowerInvariant());
            json.WriteBoolean("complete", IsComplete);
            json.WriteNumber("bytes", Bytes);
            json.WriteNumber("events", Total);
            json.WriteString("firstFs", First.Femtoseconds.ToString(CultureInfo.InvariantCulture));
            json.WriteString("lastFs", Last.Femtoseconds.ToString(CultureInfo.InvariantCulture));
            json.WriteStartObject("facts");
            foreach ((string name, string value) in Header.Facts)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartObject("kinds");
            foreach ((string kind, ulong count) in Counts)
                json.WriteNumber(kind, count);
            json.WriteEndObject();
            json.WriteEndObject();
        }));
    }
}
