namespace CoSim.Os;

/// <summary>A process as a file (pidfd_open(2)): readable once the process has ended, and a name for it that is never used again.</summary>
public static unsafe class PidFd
{
    private static FileOps s_ops;

    /// <summary>Fills the table of operations.</summary>
    public static void Initialize()
    {
        s_ops.Poll = &Poll;
        s_ops.Release = &Release;
    }

    /// <summary>pidfd_open(pid, flags): a descriptor, -EINVAL (also for a thread that leads no process), -ESRCH.</summary>
    public static long Open(TrapFrame* f)
    {
        int pid = (int)f->Rdi;
        uint flags = (uint)f->Rsi;
        if ((flags & ~(uint)OpenFlags.NonBlock) != 0 || pid <= 0) return -Errno.EINVAL;
        ulong irq = TaskList.Lock.AcquireIrqSave();
        Task* t = TaskList.FindLocked(pid);
        ThreadGroup* g = t == null || t->Group->Leader != t ? null : t->Group;
        if (g != null) Atomic.FetchAdd32(Text.Address(ref g->Refs), 1);
        TaskList.Lock.ReleaseIrqRestore(irq);
        if (g == null) return t == null ? -Errno.ESRCH : -Errno.EINVAL;
        int fd = AnonymousFile.Create(Text.Address(ref s_ops), g, (int)flags | OpenFlags.ReadWrite | OpenFlags.CloseOnExec, "anon_inode:[pidfd]"u8);
        if (fd < 0) Put(g);
        return fd;
    }

    /// <summary>The process of a file, or null for other files.</summary>
    public static ThreadGroup* Of(File* file) => file->Ops == Text.Address(ref s_ops) ? (ThreadGroup*)file->Private : null;

    /// <summary>The first thread of a process, with a reference; null when the process's parent has collected it.</summary>
    public static Task* GetLeader(ThreadGroup* g)
    {
        ulong irq = TaskList.Lock.AcquireIrqSave();
        Task* t = g->Reaped ? null : g->Leader;
        if (t != null) TaskList.Get(t);
        TaskList.Lock.ReleaseIrqRestore(irq);
        return t;
    }

    private static int Poll(File* f, PollTable* table)
    {
        ThreadGroup* g = (ThreadGroup*)f->Private;
        PollTable.Join(table, &g->Ended);
        return g->Zombie ? PollEvents.In | PollEvents.RdNorm : 0;
    }

    private static void Release(File* f) => Put((ThreadGroup*)f->Private);

    private static void Put(ThreadGroup* g)
    {
        if (Atomic.FetchAdd32(Text.Address(ref g->Refs), -1) == 1) Heap.Free(g);
    }
}
