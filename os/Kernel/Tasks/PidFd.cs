namespace CoSim.Os;

/// <summary>A process as a file (pidfd_open(2)): readable once the process has ended, and a name for it that is never used again.</summary>
public static unsafe partial class PidFd
{
    private static FileOps s_ops;

    /// <summary>Fills the table of operations.</summary>
    public static void Initialize()
    {
        s_ops.Poll = &Poll;
        s_ops.Release = &Release;
        s_ops.Info = &Info;
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
        return Create(g, (int)flags);
    }

    /// <summary>A descriptor of a process whose reference it takes over, also on failure.</summary>
    private static int Create(ThreadGroup* g, int flags)
    {
        int fd = AnonymousFile.Create(Text.Address(ref s_ops), g, flags | OpenFlags.ReadWrite | OpenFlags.CloseOnExec, "anon_inode:[pidfd]"u8);
        if (fd < 0) Put(g);
        return fd;
    }

    /// <summary>CLONE_PIDFD: a descriptor of the new process in the parent, and its number at a user address. The descriptor or -errno.</summary>
    public static int CreateFor(ThreadGroup* g, ulong user)
    {
        Atomic.FetchAdd32(Text.Address(ref g->Refs), 1);
        int fd = Create(g, 0);
        if (fd < 0 || UserMemory.Write32(user, (uint)fd) == 0) return fd;
        FileTable.Close(Cpu.CurrentTask->Files, fd);
        return -Errno.EFAULT;
    }

    /// <summary>pidfd_send_signal(fd, signal, siginfo, flags).</summary>
    public static long SendSignal(TrapFrame* f)
    {
        if ((uint)f->R10 != 0) return -Errno.EINVAL;
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        ThreadGroup* g = Of(file);
        long r = g == null ? -Errno.EBADF : SendSignal(g, (int)f->Rsi, f->Rdx);
        File.Put(file);
        return r;
    }

    private static long SendSignal(ThreadGroup* g, int signal, ulong user)
    {
        SigInfo info;
        if (user != 0)
        {
            if (UserMemory.CopyFrom(&info, user, (ulong)sizeof(SigInfo)) != 0) return -Errno.EFAULT;
            if (SigInfo.Number(&info) != signal) return -Errno.EINVAL;
            // Only a process itself may be told of what the kernel, or kill, would have sent.
            bool pretends = SigInfo.Code(&info) >= 0 || SigInfo.Code(&info) == SignalCode.Tkill;
            if (pretends && (g != Cpu.CurrentTask->Group || g->Leader != Cpu.CurrentTask)) return -Errno.EPERM;
        }
        else
        {
            SigInfo.Set(&info, signal, SignalCode.User);
            SigInfo.SetSender(&info, Cpu.CurrentTask->Group->Id, Permission.ShowUid(Cpu.CurrentTask->Cred->Uid));
        }
        Task* leader = GetLeader(g);
        if (leader == null) return -Errno.ESRCH;
        long r = (uint)signal > Signal.Max ? -Errno.EINVAL : !Permission.Signal(leader) ? -Errno.EPERM : 0;
        if (r == 0 && signal != 0) SignalDelivery.SendToGroup(g, &info);
        TaskList.Put(leader);
        return r;
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

    private static void Info(File* f, TextBuffer* text)
    {
        ThreadGroup* g = (ThreadGroup*)f->Private;
        ulong pid = g->Reaped ? ulong.MaxValue : (ulong)g->Id;
        text->Format("Pid:\t%d\nNSpid:\t%d\n"u8, pid, pid);
    }

    private static void Release(File* f) => Put((ThreadGroup*)f->Private);

    /// <summary>Drops a reference of a process.</summary>
    internal static void Put(ThreadGroup* g)
    {
        if (Atomic.FetchAdd32(Text.Address(ref g->Refs), -1) == 1) Heap.Free(g);
    }
}
