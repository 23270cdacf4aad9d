using CoSim.Traces.Recording;

namespace CoSim.Cli.Clocks;

/// <summary>Makes events of the clocks that programs read.</summary>
internal sealed class ProgramClockEvents(EventSource events) : IProgramClockObserver
{
    /// <summary>Names by number (clock_gettime(2), include/uapi/linux/time.h).</summary>
    private static readonly string[] Names =
    [
        "realtime", "monotonic", "process-cputime", "thread-cputime", "monotonic-raw", "realtime-coarse",
        "monotonic-coarse", "boottime", "realtime-alarm", "boottime-alarm", "sgi-cycle", "tai",
    ];

    /// <inheritdoc/>
    public void OnProgramClock(in ProgramClockRead read)
    {
        string name = read.Clock < 0 ? "cputime" : read.Clock < Names.Length ? Names[read.Clock] : "unknown";
        events.ProgramClock(read.Time, name,
        [
            (ulong)read.Core, read.Rip, unchecked((ulong)read.Clock), unchecked((ulong)read.Nanoseconds), (ulong)(read.Time - read.Since).Femtoseconds,
            read.ByVdso ? 1UL : 0, read.BySystemCall ? 1UL : 0, read.AddressSpace, read.Thread, read.Namespace.Page,
        ]);
    }
}
