namespace CoSim.Os.Timekeeping;

/// <summary>
/// One CPU's cheap clock while its counter cannot be trusted (Linux 6.1, kernel/sched/clock.c): between two ticks it counts the counter, but
/// never backwards and never further than the tick after the last; at each tick it is taken back to CLOCK_MONOTONIC, of which it is a fixed
/// distance ahead.
/// </summary>
internal unsafe struct SchedClockData
{
    /// <summary>The counter, in nanoseconds, at the last tick.</summary>
    internal ulong TickRaw;

    /// <summary>CLOCK_MONOTONIC, in nanoseconds, at the last tick.</summary>
    internal ulong TickMonotonic;

    /// <summary>What the clock has shown last, in nanoseconds.</summary>
    internal ulong Clock;

    /// <summary>Nanoseconds at a reading of the counter. The caller keeps interrupts off.</summary>
    /// <param name="d">The CPU's data.</param>
    /// <param name="raw">The counter, in nanoseconds.</param>
    /// <param name="offset">What the clock is ahead of CLOCK_MONOTONIC, in nanoseconds; a negative number wraps.</param>
    internal static ulong Read(SchedClockData* d, ulong raw, ulong offset)
    {
        long delta = (long)(raw - d->TickRaw);
        ulong begin = d->TickMonotonic + offset, clock = begin + (delta < 0 ? 0 : (ulong)delta);
        ulong least = Later(begin, d->Clock), most = Later(d->Clock, begin + (ulong)TimeUnits.TickNsec);
        clock = Earlier(Later(clock, least), most);
        d->Clock = clock;
        return clock;
    }

    private static ulong Later(ulong a, ulong b) => (long)(a - b) > 0 ? a : b;

    private static ulong Earlier(ulong a, ulong b) => (long)(a - b) < 0 ? a : b;
}
