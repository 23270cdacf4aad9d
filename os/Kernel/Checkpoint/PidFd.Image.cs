namespace CoSim.Os;

/// <summary>Files that stand for processes, in images.</summary>
public static unsafe partial class PidFd
{
    /// <summary>A file for a process, or for one that has been collected already. Null when memory is out.</summary>
    internal static File* Load(ThreadGroup* g, int flags)
    {
        if (g != null) Atomic.FetchAdd32(Text.Address(ref g->Refs), 1);
        else if ((g = Gone()) == null) return null;
        File* f = AnonymousFile.CreateFile(Text.Address(ref s_ops), g, flags, "anon_inode:[pidfd]"u8, 0x180);
        if (f == null) Put(g);
        return f;
    }

    /// <summary>A process of which nothing is left but that it has ended.</summary>
    private static ThreadGroup* Gone()
    {
        ThreadGroup* g = Heap.New<ThreadGroup>();
        if (g == null) return null;
        g->Refs = 1;
        g->Zombie = g->Reaped = true;
        return g;
    }
}
