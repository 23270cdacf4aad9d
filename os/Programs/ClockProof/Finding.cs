namespace CoSim.Os.Programs.ClockProof;

/// <summary>What one process found about its kind of timer; written to a pipe in one piece.</summary>
public struct Finding
{
    /// <summary>Number of the kind.</summary>
    public int Kind;

    /// <summary>Rounds done; and those that ended before their time, more than the tolerance after it, and not at all.</summary>
    public ulong Rounds, Early, Late, Lost;

    /// <summary>Steps of the timer's clock backwards.</summary>
    public ulong Backwards;

    /// <summary>The latest end after its time, and the earliest before it, in nanoseconds.</summary>
    public long WorstLate, WorstEarly;

    /// <summary>Whether nothing was wrong.</summary>
    public readonly bool Good => (Early | Late | Lost | Backwards) == 0;

    /// <summary>Counts a round that should have ended at <paramref name="due"/> and did at <paramref name="now"/>.</summary>
    public void Count(long due, long now)
    {
        Rounds++;
        long late = now - due;
        if (late < 0) Early++;
        if (late > Waits.Tolerance) Late++;
        if (late > WorstLate) WorstLate = late;
        if (-late > WorstEarly) WorstEarly = -late;
    }
}
