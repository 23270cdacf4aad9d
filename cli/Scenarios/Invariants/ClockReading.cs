using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>What a guest got when it read a clock.</summary>
/// <param name="Clock">Which.</param>
/// <param name="Core">The core that read it; -1 where the device does not know, and where the reader went from one core to another.</param>
/// <param name="Time">When.</param>
/// <param name="Value">What it showed: ticks of a counter, nanoseconds of a system clock.</param>
internal readonly record struct ClockReading(WatchedClock Clock, int Core, SimTime Time, ulong Value)
{
    /// <summary>
    /// When it was asked for: <see cref="Time"/> for a counter, the beginning of the call for a system clock. The clock was read at some moment
    /// between the two, and the thread may have waited for its core before it got to see the value.
    /// </summary>
    public SimTime Since { get; init; } = Time;

    /// <summary>Units of the value that its last digit stands for: the clock showed this much more at most, less one.</summary>
    public ulong Unit { get; init; } = 1;

    /// <summary>Readings of one clock in different frames have nothing to do with each other: time namespaces. 0 for all others.</summary>
    public ReadingFrame Frame { get; init; }
}

/// <summary>What readings of a clock can be compared with each other.</summary>
/// <param name="Place">Tells time namespaces apart or, where that of a process is not known, processes.</param>
/// <param name="Offset">The namespace's offset of the clock in nanoseconds, as far as known.</param>
internal readonly record struct ReadingFrame(ulong Place, long Offset);
