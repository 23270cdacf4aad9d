namespace CoSim.Os;

/// <summary>A file in an epoll set, with the events wanted.</summary>
public unsafe struct EpollItem
{
    public EpollItem* Next;         // in the set
    public EpollItem* NextWatcher;  // of the file
    public Epoll* Set;
    public File* File;              // not referenced: a file that goes takes its items with it
    public int Fd;
    public uint Events;
    public ulong Data;

    /// <summary>Edge triggered: something has happened since the item was last reported.</summary>
    public int Edge;
    public PollTable Queues;
}

/// <summary>An epoll set (epoll(7)): level or edge triggered, EPOLLONESHOT.</summary>
public unsafe partial struct Epoll
{
    private const int Add = 1, Delete = 2, Modify = 3;
    private const uint OneShot = 1u << 30, EdgeTriggered = 1u << 31, ControlBits = 0xF000_0000, Exclusive = 1u << 28;

    // EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLET, EPOLLWAKEUP.
    private const uint ExclusiveBits = 0x1D | EdgeTriggered | 1u << 29 | Exclusive;

    private const int MaxEvents = int.MaxValue / 12;

    /// <summary>Protects the lists of files' watchers; taken before the lock of a set.</summary>
    private static SpinLock s_watchers;

    private SpinLock _lock;
    private EpollItem* _first;
    private WaitQueue _waiters;
    private static FileOps s_ops;

    /// <summary>Fills the table of operations.</summary>
    public static void Initialize()
    {
        s_ops.Poll = &Poll;
        s_ops.SeeksNowhere = true;
        s_ops.Release = &Release;
    }

    /// <summary>epoll_create1(flags): a descriptor or -errno.</summary>
    public static long Create(int flags)
    {
        if ((flags & ~OpenFlags.CloseOnExec) != 0) return -Errno.EINVAL;
        Epoll* e = Heap.New<Epoll>();
        if (e == null) return -Errno.ENOMEM;
        int fd = AnonymousFile.Create(Text.Address(ref s_ops), e, flags | OpenFlags.ReadWrite, "anon_inode:[eventpoll]"u8);
        if (fd < 0) Heap.Free(e);
        return fd;
    }

    /// <summary>The set behind a descriptor, with a reference on its file, or null.</summary>
    private static Epoll* Of(int fd, out File* file, out int error)
    {
        file = FileTable.Get(fd);
        error = file == null ? -Errno.EBADF : file->Ops != Text.Address(ref s_ops) ? -Errno.EINVAL : 0;
        if (error == 0) return (Epoll*)file->Private;
        File.Put(file);
        return null;
    }

    /// <summary>epoll_ctl(set, operation, fd, event).</summary>
    public static long Control(TrapFrame* f)
    {
        uint events = 0;
        ulong data = 0;
        if ((int)f->Rsi != Delete && (UserMemory.Read32(f->R10, out events) != 0 || UserMemory.Read64(f->R10 + 4, out data) != 0)) return -Errno.EFAULT;
        File* set = FileTable.Get((int)f->Rdi), target = set == null ? null : FileTable.Get((int)f->Rdx);
        long r = set == null || target == null ? -Errno.EBADF
            : target->Ops == null || target->Ops->Poll == null ? -Errno.EPERM
            : target == set || set->Ops != Text.Address(ref s_ops) ? -Errno.EINVAL : CheckExclusive((int)f->Rsi, target, events);
        if (r == 0)
        {
            Epoll* e = (Epoll*)set->Private;
            r = Change(e, (int)f->Rsi, (int)f->Rdx, target, events, data);
            if (r == 0) WaitQueue.WakeAll(&e->_waiters); // a waiter must join the new queues
        }
        File.Put(target);
        File.Put(set);
        return r;
    }

    /// <summary>EPOLLEXCLUSIVE may not be changed later, not be set on a set, and goes with few other bits.</summary>
    private static long CheckExclusive(int operation, File* target, uint events)
    {
        if (operation == Delete || (events & Exclusive) == 0) return 0;
        return operation == Modify || operation == Add && (target->Ops == Text.Address(ref s_ops) || (events & ~ExclusiveBits) != 0) ? -Errno.EINVAL : 0;
    }

    private static long Change(Epoll* e, int operation, int fd, File* target, uint events, ulong data)
    {
        EpollItem* fresh = operation == Add ? Heap.New<EpollItem>() : null;
        if (operation == Add && fresh == null) return -Errno.ENOMEM;
        s_watchers.Acquire();
        e->_lock.Acquire();
        EpollItem** link = &e->_first;
        while (*link != null && ((*link)->Fd != fd || (*link)->File != target)) link = &(*link)->Next;
        EpollItem* found = *link, gone = fresh;
        long r = 0;
        if (operation == Add && found != null) r = -Errno.EEXIST;
        else if (operation != Add && found == null) r = -Errno.ENOENT;
        else if (operation == Delete)
        {
            *link = found->Next;
            Unwatch(found);
            gone = found;
        }
        else if (operation is Add or Modify)
        {
            EpollItem* i = found;
            if (operation == Add)
            {
                i = fresh;
                gone = null;
                *link = i;
            }
            i->Set = e;
            i->File = target;
            i->Fd = fd;
            i->Events = events;
            i->Data = data;
            i->Edge = 1; // whatever is ready now counts as news
            if (operation == Add) Watch(i);
        }
        else r = -Errno.EINVAL;
        e->_lock.Release();
        s_watchers.Release();
        Heap.Free(gone);
        return r;
    }

    /// <summary>epoll_wait: up to <paramref name="limit"/> events (12 bytes each) at <paramref name="user"/>. Their number, 0 at the deadline, or -errno.</summary>
    public static long Wait(int fd, ulong user, int limit, long deadline)
    {
        if (limit <= 0 || limit > MaxEvents) return -Errno.EINVAL;
        if (!UserMemory.MayAccess(user, (ulong)limit * 12)) return -Errno.EFAULT;
        Epoll* e = Of(fd, out File* set, out int error);
        if (e == null) return error;
        Task* self = Cpu.CurrentTask;
        long r;
        for (bool expired = deadline == 0; ;)
        {
            WaitEntry entry = default;
            entry.Task = self;
            WaitQueue.Add(&e->_waiters, &entry);
            self->State = TaskState.Interruptible;
            r = Collect(e, user, limit);
            if (r == 0 && !expired)
            {
                if (SignalDelivery.Pending(self)) r = -Errno.EINTR;
                else
                {
                    self->State = TaskState.Interruptible;
                    // The collection may have slept on nothing but could have faulted user pages in: look once more.
                    expired = !AnyReady(e) && Time.SleepUntil(ClockId.Monotonic, deadline) != 0;
                }
            }
            else expired = true;
            self->State = TaskState.Running;
            WaitQueue.Remove(&entry);
            if (r != 0 || expired && deadline == 0) break;
            if (expired)
            {
                r = Collect(e, user, limit);
                break;
            }
        }
        File.Put(set);
        return r;
    }

    private static bool AnyReady(Epoll* e)
    {
        e->_lock.Acquire();
        bool any = false;
        for (EpollItem* i = e->_first; i != null && !any; i = i->Next) any = Ready(i, false) != 0;
        e->_lock.Release();
        return any;
    }

    /// <summary>Joins the queues of the item's file for as long as it is in the set; both locks are held.</summary>
    private static void Watch(EpollItem* i)
    {
        i->NextWatcher = i->File->Watchers;
        i->File->Watchers = i;
        i->Queues.Callback = &Happened;
        i->Queues.Context = i;
        i->File->Ops->Poll(i->File, &i->Queues);
    }

    private static void Unwatch(EpollItem* i)
    {
        EpollItem** link = &i->File->Watchers;
        while (*link != null && *link != i) link = &(*link)->NextWatcher;
        if (*link != null) *link = i->NextWatcher;
        PollTable.Leave(&i->Queues);
    }

    /// <summary>The file's queue was woken, perhaps by an interrupt handler.</summary>
    private static void Happened(WaitEntry* entry)
    {
        EpollItem* i = (EpollItem*)entry->Context;
        Atomic.Store32(&i->Edge, 1);
        WaitQueue.WakeAll(&i->Set->_waiters);
    }

    /// <summary>The last descriptor of a file is closed: it leaves all sets.</summary>
    public static void FileGone(File* f)
    {
        s_watchers.Acquire();
        while (f->Watchers != null)
        {
            EpollItem* i = f->Watchers;
            Epoll* e = i->Set;
            e->_lock.Acquire();
            EpollItem** link = &e->_first;
            while (*link != i) link = &(*link)->Next;
            *link = i->Next;
            Unwatch(i);
            e->_lock.Release();
            Heap.Free(i);
        }
        s_watchers.Release();
    }

    /// <summary>The events to report; <paramref name="take"/>: of an edge-triggered item they will not be reported again.</summary>
    private static uint Ready(EpollItem* i, bool take)
    {
        if ((i->Events & ~ControlBits) == 0) return 0;
        // Cleared before the file is asked: what happens meanwhile is news again.
        if ((i->Events & EdgeTriggered) != 0 && (take ? Atomic.Exchange32(&i->Edge, 0) : Atomic.Load32(&i->Edge)) == 0) return 0;
        return (uint)i->File->Ops->Poll(i->File, null) & ((i->Events & ~ControlBits) | PollEvents.Err | PollEvents.Hup);
    }

    private static long Collect(Epoll* e, ulong user, int limit)
    {
        byte* records = (byte*)Heap.Allocate((ulong)Bits.Min(limit, 128) * 12);
        if (records == null) return -Errno.ENOMEM;
        int n = 0;
        e->_lock.Acquire();
        for (EpollItem* i = e->_first; i != null && n < limit && n < 128; i = i->Next)
        {
            uint ready = Ready(i, true);
            if (ready == 0) continue;
            *(uint*)(records + n * 12) = ready;
            *(ulong*)(records + n * 12 + 4) = i->Data;
            n++;
            if ((i->Events & OneShot) != 0) i->Events &= ControlBits;
        }
        e->_lock.Release();
        long r = UserMemory.CopyTo(user, records, (ulong)n * 12) != 0 ? -Errno.EFAULT : n;
        Heap.Free(records);
        return r;
    }

    private static int Poll(File* f, PollTable* table)
    {
        Epoll* e = (Epoll*)f->Private;
        PollTable.Join(table, &e->_waiters);
        bool any = false;
        e->_lock.Acquire();
        for (EpollItem* i = e->_first; i != null; i = i->Next) any |= Ready(i, false) != 0;
        e->_lock.Release();
        return any ? PollEvents.In | PollEvents.RdNorm : 0;
    }

    private static void Release(File* f)
    {
        Epoll* e = (Epoll*)f->Private;
        s_watchers.Acquire();
        while (e->_first != null)
        {
            EpollItem* i = e->_first;
            e->_first = i->Next;
            Unwatch(i);
            Heap.Free(i);
        }
        s_watchers.Release();
        Heap.Free(e);
    }
}
