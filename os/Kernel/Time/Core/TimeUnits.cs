namespace CoSim.Os.Timekeeping;

/// <summary>Unit constants of guest time. All durations are 64-bit integers in the unit their name ends with.</summary>
internal static class TimeUnits
{
    internal const long NsecPerSec = 1_000_000_000;
    internal const long NsecPerMsec = 1_000_000;
    internal const long NsecPerUsec = 1_000;
    internal const long UsecPerSec = 1_000_000;

    /// <summary>Ticks per second of jiffies (CONFIG_HZ of the kernel that the OS is compared with).</summary>
    internal const uint Hz = 250;

    /// <summary>Nanoseconds in one tick: exact, because 250 divides 10^9.</summary>
    internal const long TickNsec = NsecPerSec / Hz;

    /// <summary>Ticks per second of <c>times</c> and of /proc/PID/stat, the AT_CLKTCK of the ABI.</summary>
    internal const long UserHz = 100;

    /// <summary>The largest ktime; "never", and the value at which conversions saturate.</summary>
    internal const long KtimeMax = long.MaxValue;

    /// <summary>The largest whole second that a ktime holds (KTIME_SEC_MAX, 9223372036).</summary>
    internal const long KtimeSecMax = KtimeMax / NsecPerSec;

    /// <summary>The largest second that the clock may be set to: KTIME_SEC_MAX less 30 years of uptime (TIME_SETTOD_SEC_MAX).</summary>
    internal const long SettodSecMax = KtimeSecMax - 30L * 365 * 24 * 3600;
}

/// <summary>struct timespec of the 64-bit ABI: seconds, and nanoseconds in 0..999999999.</summary>
internal struct Timespec
{
    internal long Sec;
    internal long Nsec;

    internal Timespec(long sec, long nsec)
    {
        Sec = sec;
        Nsec = nsec;
    }

    /// <summary>Splits nanoseconds; the nanosecond part of a negative value is still 0..999999999.</summary>
    internal static Timespec FromNsec(long nsec)
    {
        long sec = nsec / TimeUnits.NsecPerSec;
        long rest = nsec % TimeUnits.NsecPerSec;
        if (rest < 0)
        {
            sec--;
            rest += TimeUnits.NsecPerSec;
        }
        return new Timespec(sec, rest);
    }

    /// <summary>Nanoseconds, saturating at KTIME_MAX as a kernel deadline does. Only a normalised value may be converted.</summary>
    internal readonly long ToKtime()
    {
        if (Sec >= TimeUnits.KtimeSecMax) return TimeUnits.KtimeMax;
        if (Sec <= -TimeUnits.KtimeSecMax) return -TimeUnits.KtimeMax;
        return Sec * TimeUnits.NsecPerSec + Nsec;
    }

    /// <summary>True when a caller may pass it as a time or duration: no negative seconds, nanoseconds in range.</summary>
    internal readonly bool IsValid => Sec >= 0 && (ulong)Nsec < (ulong)TimeUnits.NsecPerSec;

    /// <summary>True when the wall clock may be set to it.</summary>
    internal readonly bool IsValidSettod => IsValid && Sec < TimeUnits.SettodSecMax;

    internal static Timespec Add(Timespec a, Timespec b) => Normalise(a.Sec + b.Sec, a.Nsec + b.Nsec);

    internal static Timespec Subtract(Timespec a, Timespec b) => Normalise(a.Sec - b.Sec, a.Nsec - b.Nsec);

    internal static int Compare(Timespec a, Timespec b)
    {
        if (a.Sec != b.Sec) return a.Sec < b.Sec ? -1 : 1;
        return a.Nsec == b.Nsec ? 0 : a.Nsec < b.Nsec ? -1 : 1;
    }

    /// <summary>Carries a nanosecond part that is out of range by a few seconds; subtraction because that is the common case.</summary>
    internal static Timespec Normalise(long sec, long nsec)
    {
        while (nsec >= TimeUnits.NsecPerSec)
        {
            nsec -= TimeUnits.NsecPerSec;
            sec++;
        }
        while (nsec < 0)
        {
            nsec += TimeUnits.NsecPerSec;
            sec--;
        }
        return new Timespec(sec, nsec);
    }
}

/// <summary>struct timeval: seconds and microseconds.</summary>
internal struct Timeval
{
    internal long Sec;
    internal long Usec;
}

/// <summary>Saturating arithmetic on ktimes.</summary>
internal static class Ktime
{
    /// <summary>Sum of a time and a duration; an overflow means "never" (KTIME_MAX).</summary>
    internal static long AddSafe(long a, long b)
    {
        long sum = unchecked(a + b);
        return (sum < 0 && a >= 0 && b >= 0) || (a >= 0 && sum < a && b >= 0) ? TimeUnits.KtimeMax : sum;
    }

    /// <summary>An expiry for a queue: a negative one has overflowed, and means the last second that there is.</summary>
    internal static long Saturated(long expires) => expires >= 0 ? expires : TimeUnits.KtimeSecMax * TimeUnits.NsecPerSec;
}
