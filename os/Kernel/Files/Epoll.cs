namespace CoSim.Os;

/// <summary>
/// An epoll set (epoll(7)), level triggered; EPOLLONESHOT is honoured. EPOLLET is accepted and reported level triggered, which a correct
/// edge-triggered program tolerates.
/// </summary>
public unsafe struct Epoll
{
    private const int Add = 1, Delete = 2, Modify = 3;
    private const uint OneShot = 1u << 30, ControlBits = 0xF000_0000;

    private struct Item
    {
        public Item* Next;
        public File* File;          // not referenced: closing the file removes it from the set
        public int Fd;
        public uint Events;
        public ulong Data;
    }

    private SpinLock _lock;
    private Item* _first;
    private WaitQueue _waiters;
    private static FileOps s_ops;

    /// <summary>Fills the table of operations.</summary>
    public static void Initialize()
    {
        s_ops.Poll = &Poll;
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
        Epoll* e = Of((int)f->Rdi, out File* set, out int error);
        if (e == null) return error;
        File* target = FileTable.Get((int)f->Rdx);
        long r = target == null ? -Errno.EBADF : target == set ? -Errno.EINVAL : target->Ops == null || target->Ops->Poll == null ? -Errno.EPERM : 0;
        uint events = 0;
        ulong data = 0;
        if (r == 0 && (int)f->Rsi != Delete && (UserMemory.Read32(f->R10, out events) != 0 || UserMemory.Read64(f->R10 + 4, out data) != 0)) r = -Errno.EFAULT;
        if (r == 0) r = Change(e, (int)f->Rsi, (int)f->Rdx, target, events, data);
        if (r == 0) WaitQueue.WakeAll(&e->_waiters); // a waiter must join the new queues
        File.Put(target);
        File.Put(set);
        return r;
    }

    private static long Change(Epoll* e, int operation, int fd, File* target, uint events, ulong data)
    {
        Item* fresh = operation == Add ? Heap.New<Item>() : null;
        if (operation == Add && fresh == null) return -Errno.ENOMEM;
        e->_lock.Acquire();
        Item** link = &e->_first;
        while (*link != null && ((*link)->Fd != fd || (*link)->File != target)) link = &(*link)->Next;
        Item* found = *link, gone = fresh;
        long r = 0;
        if (operation == Add && found != null) r = -Errno.EEXIST;
        else if (operation != Add && found == null) r = -Errno.ENOENT;
        else if (operation == Delete)
        {
            *link = found->Next;
            gone = found;
        }
        else if (operation is Add or Modify)
        {
            Item* i = found;
            if (operation == Add)
            {
                i = fresh;
                gone = null;
                *link = i;
            }
            i->File = target;
            i->Fd = fd;
            i->Events = events;
            i->Data = data;
        }
        else r = -Errno.EINVAL;
        e->_lock.Release();
        Heap.Free(gone);
        return r;
    }

    /// <summary>epoll_wait: up to <paramref name="limit"/> events (12 bytes each) at <paramref name="user"/>. Their number, 0 at the deadline, or -errno.</summary>
    public static long Wait(int fd, ulong user, int limit, long deadline)
    {
        if (limit <= 0) return -Errno.EINVAL;
        Epoll* e = Of(fd, out File* set, out int error);
        if (e == null) return error;
        Task* self = Cpu.CurrentTask;
        long r;
        for (bool expired = deadline == 0; ;)
        {
            PollTable table = default;
            table.Task = self;
            WaitEntry entry = default;
            entry.Task = self;
            WaitQueue.Add(&e->_waiters, &entry);
            self->State = TaskState.Interruptible;
            r = Collect(e, expired ? null : &table, user, limit);
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
            PollTable.Leave(&table);
            if (r != 0 || expired && deadline == 0) break;
            if (expired)
            {
                r = Collect(e, null, user, limit);
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
        for (Item* i = e->_first; i != null && !any; i = i->Next) any = Ready(i, null) != 0;
        e->_lock.Release();
        return any;
    }

    private static uint Ready(Item* i, PollTable* table)
    {
        // A file that was closed is no longer at its descriptor.
        File* now = FileTable.Get(i->Fd);
        uint ready = 0;
        if (now == i->File) ready = (uint)now->Ops->Poll(now, table) & ((i->Events & ~ControlBits) | PollEvents.Err | PollEvents.Hup);
        File.Put(now);
        return (i->Events & ~ControlBits) == 0 ? 0 : ready;
    }

    private static long Collect(Epoll* e, PollTable* table, ulong user, int limit)
    {
        byte* records = (byte*)Heap.Allocate((ulong)Bits.Min(limit, 128) * 12);
        if (records == null) return -Errno.ENOMEM;
        int n = 0;
        e->_lock.Acquire();
        for (Item* i = e->_first; i != null && n < limit && n < 128; i = i->Next)
        {
            uint ready = Ready(i, table);
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
        for (Item* i = e->_first; i != null; i = i->Next) any |= Ready(i, table) != 0;
        e->_lock.Release();
        return any ? PollEvents.In | PollEvents.RdNorm : 0;
    }

    private static void Release(File* f)
    {
        Epoll* e = (Epoll*)f->Private;
        while (e->_first != null)
        {
            Item* i = e->_first;
            e->_first = i->Next;
            Heap.Free(i);
        }
        Heap.Free(e);
    }
}
