namespace CoSim.Os.Timekeeping;

/// <summary>Time structures in user memory. All functions return 0 or -EFAULT.</summary>
internal static unsafe class UserTime
{
    internal static int ReadTimespec(ulong user, Timespec* value) => UserMemory.CopyFrom(value, user, (ulong)sizeof(Timespec));

    internal static int WriteTimespec(ulong user, Timespec value) => UserMemory.WritePair(user, (ulong)value.Sec, (ulong)value.Nsec);

    /// <summary>Writes a clock's value. One unsigned division by a constant, which the compiler makes a multiplication.</summary>
    internal static int WriteNsec(ulong user, long nsec)
    {
        if (nsec < 0) return WriteTimespec(user, Timespec.FromNsec(nsec));
        ulong sec = (ulong)nsec / (ulong)TimeUnits.NsecPerSec;
        return UserMemory.WritePair(user, sec, (ulong)nsec - sec * (ulong)TimeUnits.NsecPerSec);
    }

    internal static int WriteTimeval(ulong user, long nsec)
    {
        ulong sec = (ulong)nsec / (ulong)TimeUnits.NsecPerSec;
        return UserMemory.WritePair(user, sec, ((ulong)nsec - sec * (ulong)TimeUnits.NsecPerSec) / (ulong)TimeUnits.NsecPerUsec);
    }
}

/// <summary>struct itimerspec.</summary>
internal struct Itimerspec
{
    internal Timespec Interval;
    internal Timespec Value;

    internal readonly bool IsValid => Interval.IsValid && Value.IsValid;
}
