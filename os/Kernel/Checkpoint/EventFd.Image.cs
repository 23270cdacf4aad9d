namespace CoSim.Os;

/// <summary>Event counters and epoll sets in images.</summary>
public unsafe partial struct EventFd
{
    /// <summary>What tells an event counter from other files.</summary>
    internal static FileOps* FileOps => Text.Address(ref s_ops);

    internal static void Save(File* f, ulong* detail)
    {
        EventFd* e = (EventFd*)f->Private;
        detail[0] = e->_count;
        detail[1] = e->_semaphore ? 1UL : 0;
    }

    /// <summary>The counter's file; null when memory is out.</summary>
    internal static File* Load(ulong* detail, int flags)
    {
        EventFd* e = Heap.New<EventFd>();
        if (e == null) return null;
        e->_count = detail[0];
        e->_semaphore = detail[1] != 0;
        File* f = AnonymousFile.CreateFile(FileOps, e, flags, "anon_inode:[eventfd]"u8, 0x180);
        if (f == null) Heap.Free(e);
        return f;
    }
}

/// <summary>Epoll sets in images.</summary>
public unsafe partial struct Epoll
{
    /// <summary>What tells an epoll set from other files.</summary>
    internal static FileOps* FileOps => Text.Address(ref s_ops);

    internal static void Save(File* f, ulong id, ImageObjects* o, ImageWriter* w)
    {
        for (EpollItem* i = ((Epoll*)f->Private)->_first; i != null; i = i->Next)
        {
            // A file that only others hold open cannot be named: its member goes, as when the others close it.
            if (o->Files.Find(i->File) < 0) continue;
            w->Begin(ImageRecord.Watch, 6);
            w->Word(id);
            w->Word((ulong)i->Fd);
            w->Word(o->Files.Id(i->File));
            w->Word(i->Events);
            w->Word(i->Data);
            w->Word((ulong)i->Edge);
        }
    }

    /// <summary>An empty set; null when memory is out.</summary>
    internal static File* Load(int flags)
    {
        Epoll* e = Heap.New<Epoll>();
        if (e == null) return null;
        File* f = AnonymousFile.CreateFile(FileOps, e, flags, "anon_inode:[eventpoll]"u8, 0x180);
        if (f == null) Heap.Free(e);
        return f;
    }

    /// <summary>Adds a member. 0 or -errno.</summary>
    internal static int LoadWatch(File* set, File* target, ImageReader* r, int fd)
    {
        if (set->Ops != FileOps || target == set || target->Ops == null || target->Ops->Poll == null) return -Errno.EINVAL;
        uint events = (uint)r->Word();
        ulong data = r->Word();
        int edge = r->Flag() ? 1 : 0;
        Epoll* e = (Epoll*)set->Private;
        long error = Change(e, Add, fd, target, events, data);
        if (error != 0) return (int)error;
        for (EpollItem* i = e->_first; i != null; i = i->Next) if (i->Fd == fd && i->File == target) i->Edge = edge;
        return 0;
    }
}
