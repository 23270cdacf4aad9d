namespace CoSim.Os;

/// <summary>An event counter (eventfd(2)).</summary>
public unsafe partial struct EventFd
{
    private const int Semaphore = 1;
    private ulong _count;
    private bool _semaphore;
    private SpinLock _lock;
    private WaitQueue _waiters;
    private static FileOps s_ops;

    /// <summary>Fills the table of operations.</summary>
    public static void Initialize()
    {
        s_ops.Read = &Read;
        s_ops.Write = &Write;
        s_ops.SeeksNowhere = true;
        s_ops.Poll = &Poll;
        s_ops.Release = &Release;
    }

    /// <summary>eventfd2(count, flags).</summary>
    public static long Create(ulong count, int flags)
    {
        if ((flags & ~(Semaphore | OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0) return -Errno.EINVAL;
        EventFd* e = Heap.New<EventFd>();
        if (e == null) return -Errno.ENOMEM;
        e->_count = (uint)count;
        e->_semaphore = (flags & Semaphore) != 0;
        int fd = AnonymousFile.Create(Text.Address(ref s_ops), e, flags & ~Semaphore | OpenFlags.ReadWrite, "anon_inode:[eventfd]"u8);
        if (fd < 0) Heap.Free(e);
        return fd;
    }

    private static long Read(File* f, ulong user, ulong count, ulong* position)
    {
        if (count < 8) return -Errno.EINVAL;
        EventFd* e = (EventFd*)f->Private;
        WaitEntry entry = default;
        entry.Task = Cpu.CurrentTask;
        WaitQueue.Add(&e->_waiters, &entry);
        long r = 0;
        ulong value = 0;
        while (r == 0)
        {
            Cpu.CurrentTask->State = TaskState.Interruptible;
            e->_lock.Acquire();
            if (e->_count != 0)
            {
                value = e->_semaphore ? 1 : e->_count;
                e->_count -= value;
                r = 8;
            }
            e->_lock.Release();
            if (r != 0) break;
            if ((f->Flags & OpenFlags.NonBlock) != 0) r = -Errno.EAGAIN;
            else if (SignalDelivery.Pending(Cpu.CurrentTask)) r = -Errno.ERESTARTSYS;
            else Scheduler.Schedule();
        }
        Cpu.CurrentTask->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        if (r < 0) return r;
        WaitQueue.WakeAll(&e->_waiters);
        return UserMemory.Write64(user, value) != 0 ? -Errno.EFAULT : 8;
    }

    private static long Write(File* f, ulong user, ulong count, ulong* position)
    {
        if (count < 8) return -Errno.EINVAL;
        if (UserMemory.Read64(user, out ulong value) != 0) return -Errno.EFAULT;
        if (value == ulong.MaxValue) return -Errno.EINVAL;
        EventFd* e = (EventFd*)f->Private;
        WaitEntry entry = default;
        entry.Task = Cpu.CurrentTask;
        WaitQueue.Add(&e->_waiters, &entry);
        long r = 0;
        while (r == 0)
        {
            Cpu.CurrentTask->State = TaskState.Interruptible;
            e->_lock.Acquire();
            if (value < ulong.MaxValue - e->_count)
            {
                e->_count += value;
                r = 8;
            }
            e->_lock.Release();
            if (r != 0) break;
            if ((f->Flags & OpenFlags.NonBlock) != 0) r = -Errno.EAGAIN;
            else if (SignalDelivery.Pending(Cpu.CurrentTask)) r = -Errno.ERESTARTSYS;
            else Scheduler.Schedule();
        }
        Cpu.CurrentTask->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        if (r > 0) WaitQueue.WakeAll(&e->_waiters);
        return r;
    }

    private static int Poll(File* f, PollTable* table)
    {
        EventFd* e = (EventFd*)f->Private;
        PollTable.Join(table, &e->_waiters);
        return (e->_count != 0 ? PollEvents.In | PollEvents.RdNorm : 0) | (e->_count < ulong.MaxValue - 1 ? PollEvents.Out | PollEvents.WrNorm : 0);
    }

    private static void Release(File* f) => Heap.Free(f->Private);
}
