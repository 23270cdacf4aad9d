using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Short waits without sleeping.</summary>
public static class Delay
{
    /// <summary>Spins for at least this many microseconds of the TSC, which must be calibrated.</summary>
    public static void Microseconds(ulong us)
    {
        ulong end = Time.BusyClock() + us * 1000;
        while (Time.BusyClock() < end) Machine.Pause();
    }
}
