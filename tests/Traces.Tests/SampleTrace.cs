using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests;

/// <summary>Traces with random but reproducible content.</summary>
internal static class SampleTrace
{
    public static TraceHeader Header { get; } = new(
        TraceLevel.Events,
        [new("machine.model", "7742"), new("machine.cores", "2"), new("command", "study")],
        TraceEvents.All);

    public static List<TraceEvent> Events(int seed, int count)
    {
        Random random = new(seed);
        string[] texts = ["tsc", "hpet", "hpet.timer0", "apic3.timer", ""];
        UInt128 time = 0;
        List<TraceEvent> events = [];
        for (int i = 0; i < count; i++)
        {
            // Cores take turns, so time may go back a little; an idle machine may skip ten years.
            time += random.Next(20) == 0 ? (UInt128)random.NextInt64() << 10 : (UInt128)random.Next(1_000_000);
            time -= time > 1000 ? (UInt128)random.Next(1000) : 0;
            EventKind kind = TraceEvents.All[random.Next(TraceEvents.All.Count)];
            TraceEvent e = new(kind, SimTime.FromFemtoseconds(time));
            for (int field = 0; field < kind.Fields.Count; field++)
            {
                if (field == kind.TextField)
                    e.Text = texts[random.Next(texts.Length)];
                else
                    e.Values[field] = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            }

            events.Add(e);
        }

        return events;
    }

    public static byte[] Write(IEnumerable<TraceEvent> events, byte[]? image) => Write(events, image, compressed: true);

    public static byte[] Write(IEnumerable<TraceEvent> events, byte[]? image, bool compressed)
    {
        MemoryStream stream = new();
        TraceWriter writer = new(stream, Header) { Compresses = compressed };
        if (image != null)
            writer.WriteData("flash", image);
        foreach (TraceEvent e in events)
            writer.Write(e);
        writer.Finish();
        return stream.ToArray();
    }
}
