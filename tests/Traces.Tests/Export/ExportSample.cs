using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests.Export;

/// <summary>A short run of two cores with one of everything that exporters treat in a way of its own.</summary>
internal static class ExportSample
{
    private const ulong User = 0x401000, Kernel = 0xFFFF_FFFF_8000_1000;

    public static TraceHeader Header { get; } = new(TraceLevel.Events, [new("machine.model", "7742"), new("machine.cores", "2")], TraceEvents.All);

    public static IReadOnlyList<TraceEvent> Events { get; } =
    [
        At(1_000, TraceEvents.PostCode, 0x10),
        At(1_200, TraceEvents.MsrWrite, 0, Kernel, 0xC000_0082, Kernel),
        At(1_300, TraceEvents.MmioWrite, 0, Kernel, 0xFEE0_0380, 4, 50_000),
        At(1_300, TraceEvents.TimerProgrammed, "apic0.timer", 0, 2_000_000_000),
        At(1_400, TraceEvents.AddressSpace, 0, Kernel, 0x1A_2000),
        At(1_500, TraceEvents.UserReturn, 0, User, 0, 1),
        At(1_600, TraceEvents.ClockRead, "tsc", 0, User + 2, 0, 3_600),
        At(1_700, TraceEvents.SystemCall, 0, User + 8, 228, 1, 0x7FFE_0000, 0, 0, 0, 0),
        At(1_650, TraceEvents.Activity, "halted", 1),
        At(1_900, TraceEvents.CounterRead, "hpet", 0, 1234),
        At(2_000, TraceEvents.UserReturn, 0, User + 10, 0, 0),
        At(2_100, TraceEvents.SystemCall, 0, User + 20, 35, 0x7FFE_0010, 0, 0, 0, 0, 0),
        At(2_300, TraceEvents.AddressSpace, 0, Kernel, 0x1A_4000),
        At(2_400, TraceEvents.UserReturn, 0, User + 0x100, unchecked((ulong)-11L), 0),
        At(2_450, TraceEvents.Exception, 0, User + 0x101, 14, 6, 0x50_0000),
        At(2_500, TraceEvents.UserReturn, 0, User + 0x101, 0, 1),
        At(2_600, TraceEvents.Line, "hpet.timer0", 0, 1),
        At(3_300, TraceEvents.TimerExpired, "apic0.timer"),
        At(3_300, TraceEvents.InterruptAccepted, 0, 236, 0),
        At(3_310, TraceEvents.Interrupt, 0, User + 0x110, 236),
        At(3_400, TraceEvents.MmioWrite, 0, Kernel, 0xFEE0_00B0, 4, 0),
        At(3_450, TraceEvents.AddressSpace, 0, Kernel, 0x1A_2000),
        At(3_500, TraceEvents.UserReturn, 0, User + 22, 0, 0),
        At(3_600, TraceEvents.Line, "hpet.timer0", 0, 0),
        At(3_700, TraceEvents.ConsoleOutput, 'H'),
        At(3_700, TraceEvents.ConsoleOutput, 'i'),
        At(3_800, TraceEvents.ConsoleOutput, '\n'),
        At(3_850, TraceEvents.NamespaceChange, "unshare", 0, 0, 0x80, 0, 0),
        At(3_900, TraceEvents.TimerProgrammed, "odd name;", 0, ulong.MaxValue),
        At(4_000, TraceEvents.Stop, "Requested, \"as asked\"", 0, 1_000, 0xABCD),
    ];

    public static byte[] Trace() => Write(Header, Events);

    private static byte[] Write(TraceHeader header, IEnumerable<TraceEvent> events)
    {
        MemoryStream stream = new();
        TraceWriter writer = new(stream, header);
        foreach (TraceEvent e in events)
            writer.Write(in e);
        writer.Finish();
        return stream.ToArray();
    }

    private static TraceEvent At(uint nanoseconds, EventKind kind, params ulong[] values) => At(nanoseconds, kind, null, values);

    private static TraceEvent At(uint nanoseconds, EventKind kind, string? text, params ulong[] values)
    {
        TraceEvent e = new(kind, SimTime.FromFemtoseconds((nanoseconds * (UInt128)SimDuration.FemtosecondsPerNanosecond) + 500_321)) { Text = text };
        for (int i = 0; i < values.Length; i++)
            e.Values[i] = values[i];
        return e;
    }
}
