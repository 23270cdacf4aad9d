using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Short waits without sleeping.</summary>
public static class Delay
{
    /// <summary>Spins for at least this many microseconds of the scheduler's clock, which must be running.</summary>
    public static void Microseconds(ulong us)
    {
        ulong end = Time.SchedClock() + us * 1000;
        while (Time.SchedClock() < end) Machine.Pause();
    }
}
