using CoSim.Guest;

namespace CoSim.Scenarios.TimekeepingBugs;

/// <summary>Compares CLOCK_MONOTONIC with the TSC over half a second, in which something may stop the machine.</summary>
public static class LostTime
{
    /// <summary>Measures.</summary>
    /// <param name="megahertz">The TSC's frequency.</param>
    public static int Run(long megahertz)
    {
        const long ticksToMilliseconds = 1000;
        if (megahertz == 0) return 2;
        ulong ticks = Machine.RdtscOrdered();
        long before = Time.Now(Time.Monotonic);
        Time.Sleep(Time.Second / 2);
        long after = Time.Now(Time.Monotonic);
        ticks = Machine.RdtscOrdered() - ticks;
        long counted = (long)ticks / (megahertz * ticksToMilliseconds), shown = (after - before) / Time.Millisecond;
        Line.Of("the TSC counted "u8).Add(counted).Add(" ms, CLOCK_MONOTONIC "u8).Add(shown).Add(" ms: lost "u8).Add(counted - shown).Add(" ms"u8).End();
        return 0;
    }
}
