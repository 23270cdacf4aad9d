namespace CoSim.Os;

/// <summary>Flags of clone(2), clone3(2) and unshare(2).</summary>
public static class CloneFlags
{
    public const ulong SignalMask = 0xFF, NewTime = 0x80;
    public const ulong Vm = 0x100, Fs = 0x200, Files = 0x400, SigHand = 0x800, PidFd = 0x1000, Vfork = 0x4000, Parent = 0x8000, Thread = 0x10000;
    public const ulong NewNs = 0x20000, SysVSem = 0x40000, SetTls = 0x80000, Detached = 0x400000, ParentSetTid = 0x100000, ChildClearTid = 0x200000, ChildSetTid = 0x1000000;
    public const ulong NewCgroup = 0x2000000, NewUts = 0x4000000, NewIpc = 0x8000000, NewUser = 0x10000000, NewPid = 0x20000000, NewNet = 0x40000000;
    public const ulong ClearSigHand = 0x1_0000_0000, Legacy = 0xFFFF_FFFF;

    /// <summary>Namespaces that this kernel does not have.</summary>
    public const ulong Unsupported = NewNs | NewCgroup | NewUts | NewIpc | NewPid | NewNet;
}
