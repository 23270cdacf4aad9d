using CoSim.Guest;

namespace CoSim.Scenarios;

/// <summary>The clocks and sleeps of Linux, by system calls; times are nanoseconds.</summary>
public static unsafe class Time
{
    public const long Millisecond = 1_000_000, Second = 1_000_000_000;

    /// <summary>Clock ids.</summary>
    public const int Realtime = 0, Monotonic = 1, MonotonicRaw = 4, RealtimeCoarse = 5, MonotonicCoarse = 6, Boottime = 7;

    private const uint SysNanosleep = 35, SysClockSettime = 227, SysClockGettime = 228, SysClockNanosleep = 230;
    private const ulong AbsoluteTime = 1;

    /// <summary>A clock's time, by the system call.</summary>
    public static long Now(int clock)
    {
        long* time = stackalloc long[2];
        SystemCall.Invoke(SysClockGettime, (ulong)clock, (ulong)time);
        return time[0] * Second + time[1];
    }

    /// <summary>Sets a clock.</summary>
    /// <returns>0 or -errno.</returns>
    public static long Set(int clock, long nanoseconds)
    {
        long* time = stackalloc long[2];
        Split(nanoseconds, time);
        return SystemCall.Invoke(SysClockSettime, (ulong)clock, (ulong)time);
    }

    /// <summary>Sleeps.</summary>
    public static void Sleep(long nanoseconds)
    {
        long* time = stackalloc long[2];
        Split(nanoseconds, time);
        SystemCall.Invoke(SysNanosleep, (ulong)time);
    }

    /// <summary>Sleeps until a clock shows a time.</summary>
    /// <returns>0 or -errno.</returns>
    public static long SleepUntil(int clock, long nanoseconds)
    {
        long* time = stackalloc long[2];
        Split(nanoseconds, time);
        return SleepUntil(clock, time);
    }

    /// <summary>Sleeps until a clock shows a time, given as a timespec.</summary>
    /// <returns>0 or -errno.</returns>
    public static long SleepUntil(int clock, long* time) => SystemCall.Invoke6(SysClockNanosleep, (ulong)clock, AbsoluteTime, (ulong)time, 0, 0, 0);

    /// <summary>Makes a timespec of nanoseconds that are not negative.</summary>
    public static void Split(long nanoseconds, long* time)
    {
        time[0] = nanoseconds / Second;
        time[1] = nanoseconds % Second;
    }
}
