namespace CoSim.Scenarios.TimekeepingBugs;

/// <summary>A leap second while a program waits with timeouts of CLOCK_REALTIME, as Java and databases did in 2012.</summary>
public static unsafe class LeapSecond
{
    /// <summary>2012-07-01 00:00:00 UTC.</summary>
    private const long Midnight = 1_341_100_800;

    private const long Timeout = 50 * Time.Millisecond;
    private const int MostWakeups = 100_000;

    /// <summary>Has a leap second inserted, and counts how often timeouts of 50 ms end in the seconds before and after it.</summary>
    /// <param name="set">Set the clock to what it shows, as administrators did, before the last second.</param>
    public static int Run(bool set)
    {
        long error = Time.Set(Time.Realtime, (Midnight - 2) * Time.Second);
        if (error == 0) error = Adjust.Status(Adjust.InsertLeapSecond);
        if (error < 0) return (int)-error;
        Count("before the leap second"u8);
        // 23:59:59 is there twice.
        Time.SleepUntil(Time.Realtime, Midnight * Time.Second + Time.Second / 2);
        while (Time.Now(Time.Realtime) < Midnight * Time.Second)
        {
        }
        Count("after the leap second"u8);
        if (!set) return 0;
        Time.Set(Time.Realtime, Time.Now(Time.Realtime));
        Count("after the clock was set to what it showed"u8);
        return 0;
    }

    private static void Count(System.ReadOnlySpan<byte> when)
    {
        long start = Time.Now(Time.Monotonic);
        int wakeups = 0, early = 0;
        for (; wakeups < MostWakeups && Time.Now(Time.Monotonic) - start < Time.Second; wakeups++)
        {
            long deadline = Time.Now(Time.Realtime) + Timeout;
            Time.SleepUntil(Time.Realtime, deadline);
            if (Time.Now(Time.Realtime) < deadline) early++;
        }
        Line.Of(when).Add(": "u8).Add(wakeups).Add(" timeouts of 50 ms ended in a second, "u8).Add(early).Add(" too early"u8).End();
    }
}
