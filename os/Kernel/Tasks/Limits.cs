namespace CoSim.Os;

/// <summary>Resource limits (getrlimit(2)). Stored, inherited and reported; RLIMIT_NOFILE is enforced.</summary>
public static unsafe class Limits
{
    public const int Stack = 3, Processes = 6, OpenFiles = 7, LockedMemory = 8, SignalsPending = 11, MessageQueue = 12, Count = 16;
    public const ulong Infinity = ulong.MaxValue;

    /// <summary>A limit of a process by its RLIMIT_ number, below <see cref="Count"/>.</summary>
    public static ResourceLimit* Of(ThreadGroup* g, int which) => (ResourceLimit*)Text.Address(ref g->Limits) + which;

    /// <summary>What init starts with.</summary>
    public static void SetDefaults(ThreadGroup* g)
    {
        for (int i = 0; i < Count; i++) Set(g, i, Infinity, Infinity);
        Set(g, Stack, AddressSpace.StackLimit, Infinity);
        Set(g, 4, 0, Infinity); // RLIMIT_CORE
        Set(g, Processes, 1024, 1024);
        Set(g, OpenFiles, 1024, FileTable.Max);
        Set(g, LockedMemory, 8 << 20, 8 << 20);
        Set(g, SignalsPending, 1024, 1024);
        Set(g, MessageQueue, 819200, 819200);
        Set(g, 13, 0, 0); // RLIMIT_NICE
        Set(g, 14, 0, 0); // RLIMIT_RTPRIO
    }

    private static void Set(ThreadGroup* g, int which, ulong soft, ulong hard)
    {
        Of(g, which)->Soft = soft;
        Of(g, which)->Hard = hard;
    }
}
