using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests;

/// <summary>Traces with instructions, random but reproducible.</summary>
internal static class InstructionSample
{
    private static readonly Frequency Clock = new(2_250_000_000, 1);

    public static TraceHeader Header { get; } = new(
        TraceLevel.Pipeline,
        [new("machine.model", "7742"), new(TraceHeader.CoreClockFact, Clock.ToString())],
        TraceEvents.All);

    /// <summary>Cores that run through loops and jump about, with other events between, and some values that no machine has.</summary>
    public static List<TraceEvent> Random(int seed, int count)
    {
        Random random = new(seed);
        ulong[] cycle = new ulong[3], rip = [0x1000, 0xFFFF_FFFF_8000_0000, 0x40_0000];
        List<TraceEvent> events = [];
        int core = 0;
        while (events.Count < count)
        {
            core = random.Next(50) == 0 ? random.Next(3) : core;
            ulong at = rip[core];
            rip[core] = random.Next(10) == 0 ? at - (ulong)random.Next(100) : random.Next(300) == 0 ? (ulong)random.NextInt64() : at + 3;
            if (random.Next(100) == 0)
            {
                TraceEvent read = new(TraceEvents.ClockRead, TimeOf(cycle[core])) { Text = "tsc" };
                read.Values[0] = (ulong)core;
                read.Values[3] = cycle[core];
                events.Add(read);
            }

            if (random.Next(4) == 0)
                events.Add(MicroOp(random, core, at, random.Next(3), cycle[core]));
            TraceEvent e = new(random.Next(200) == 0 ? TraceEvents.Deliver : TraceEvents.Retire, default);
            e.Values[0] = (ulong)core;
            e.Values[1] = at;
            ulong passed = 0;
            while (random.Next(3) == 0)
            {
                int cause = random.Next(CycleCauses.Count);
                ulong cycles = (ulong)random.Next(1, random.Next(5) == 0 ? 500 : 3);
                e.Values[3 + cause] += cycles;
                passed += cycles;
            }

            cycle[core] += random.Next(100) == 0 ? (ulong)random.Next(1 << 20) : passed;
            e.Values[2] = cycle[core];
            e.Time = TimeOf(cycle[core]);
            if (random.Next(3) == 0)
                events.Add(Operands(random, in e));
            events.Add(e);
        }

        return events;
    }

    /// <summary>A loop of seven instructions with the same costs in each round.</summary>
    public static IEnumerable<TraceEvent> Loop(int count)
    {
        ulong cycle = 0;
        for (int i = 0; i < count; i++)
        {
            TraceEvent e = new(TraceEvents.Retire, default);
            e.Values[1] = 0x1000 + (ulong)(i % 7 * 4);
            if (i % 7 % 3 == 0)
            {
                e.Values[3] = 1;
                e.Values[9] = (ulong)(i % 7);
                cycle += 1 + (ulong)(i % 7);
            }

            e.Values[2] = cycle;
            yield return e;
        }
    }

    public static byte[] Write(IEnumerable<TraceEvent> events) => Write(events, Header);

    public static byte[] Write(IEnumerable<TraceEvent> events, TraceHeader header) => Write(events, header, compressed: true);

    public static byte[] Write(IEnumerable<TraceEvent> events, TraceHeader header, bool compressed)
    {
        MemoryStream stream = new();
        TraceWriter writer = new(stream, header) { Compresses = compressed };
        foreach (TraceEvent e in events)
            writer.Write(in e);
        writer.Finish();
        return stream.ToArray();
    }

    private static SimTime TimeOf(ulong cycle) => SimTime.FromFemtoseconds(Clock.SpanOf(cycle));

    /// <summary>Operands that come again at the same distance mostly, and now and then ones without their instruction.</summary>
    private static TraceEvent Operands(Random random, in TraceEvent instruction)
    {
        bool alone = random.Next(50) == 0;
        ulong rip = instruction.Values[1];
        TraceEvent e = new(TraceEvents.Operands, default);
        e.Values[0] = instruction.Values[0];
        e.Values[1] = rip + (alone ? 1u : 0);
        e.Values[2] = instruction.Values[2];
        e.Values[3] = random.Next(40) == 0 ? (ulong)random.Next(5) : (rip % 3) + 1;
        for (ulong i = 0; i < e.Values[3]; i++)
            e.Values[4 + (int)i] = random.Next(20) == 0 ? (ulong)random.NextInt64() : (rip * 64) + (instruction.Values[2] * 8) + i;
        e.Time = TimeOf(e.Values[2]);
        return e;
    }

    private static TraceEvent MicroOp(Random random, int core, ulong rip, int index, ulong cycle)
    {
        TraceEvent e = new(TraceEvents.MicroOp, default);
        e.Values[0] = (ulong)core;
        e.Values[1] = rip;
        e.Values[2] = (ulong)index;
        e.Values[3] = cycle;
        for (int stage = 4; stage <= 9; stage++)
            e.Values[stage] = e.Values[stage - 1] + (ulong)random.Next(random.Next(4) == 0 ? 300 : 2);
        e.Values[10] = (ulong)random.Next(8);
        e.Values[11] = (ulong)random.Next(3);
        e.Time = TimeOf(e.Values[9]);
        return e;
    }
}
