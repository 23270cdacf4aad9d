namespace CoSim.Os;

/// <summary>Capability numbers (capabilities(7), include/uapi/linux/capability.h) that this kernel asks for, and sets of them.</summary>
public static class Cap
{
    public const int Chown = 0, DacOverride = 1, DacReadSearch = 2, Fowner = 3, Kill = 5, SetGid = 6, SetUid = 7, SetPcap = 8, SysPtrace = 19, SysAdmin = 21, SysBoot = 22, SysChroot = 18;
    public const int SysNice = 23, SysResource = 24, SysTime = 25, SetFcap = 31, Syslog = 34, WakeAlarm = 35;

    /// <summary>The highest one of Linux 6.1: CAP_CHECKPOINT_RESTORE.</summary>
    public const int Last = 40;

    /// <summary>All of them.</summary>
    public const ulong All = (1UL << (Last + 1)) - 1;

    /// <summary>A capability's bit in a set.</summary>
    public static ulong Bit(int capability) => 1UL << capability;
}
