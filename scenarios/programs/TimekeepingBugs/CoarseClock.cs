namespace CoSim.Scenarios.TimekeepingBugs;

/// <summary>Reads a coarse clock before and after changes of the frequency, as an NTP daemon makes them.</summary>
public static class CoarseClock
{
    private const int Changes = 200;
    private const long Fastest = 500;

    /// <summary>Not a part of a tick, so that the changes come at all places of one.</summary>
    private const long Between = 1_700_000;

    /// <summary>Counts readings that are behind the one before.</summary>
    public static int Run()
    {
        long backwards = 0, largest = 0;
        for (int i = 0; i < Changes; i++)
        {
            for (long until = Time.Now(Time.Monotonic) + Between; Time.Now(Time.Monotonic) < until;)
            {
            }
            long before = Time.Now(Time.MonotonicCoarse);
            long error = Adjust.Frequency((i & 1) == 0 ? -Fastest : Fastest);
            long step = Time.Now(Time.MonotonicCoarse) - before;
            if (error < 0) return (int)-error;
            if (step >= 0) continue;
            backwards++;
            if (-step > largest) largest = -step;
        }
        Line.Of("CLOCK_MONOTONIC_COARSE: went backwards after "u8).Add(backwards).Add(" of "u8).Add(Changes).Add(" changes of the frequency, by up to "u8).Add(largest).Add(" ns"u8).End();
        return 0;
    }
}
