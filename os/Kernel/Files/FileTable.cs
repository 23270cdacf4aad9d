namespace CoSim.Os;

/// <summary>The descriptors of a process (CLONE_FILES shares them).</summary>
public unsafe struct FileTable
{
    /// <summary>Most descriptors (RLIMIT_NOFILE's hard limit).</summary>
    public const int Max = 4096;

    public int Refs;
    public SpinLock Lock;
    public File** Files;
    public ulong* CloseOnExec;      // bit per descriptor
    public int Capacity;

    /// <summary>An empty table, or null when memory is out.</summary>
    public static FileTable* Create(int capacity)
    {
        FileTable* t = Heap.New<FileTable>();
        if (t == null) return null;
        t->Refs = 1;
        t->Capacity = capacity;
        t->Files = (File**)Heap.Allocate((ulong)capacity * 8);
        t->CloseOnExec = (ulong*)Heap.Allocate((ulong)(capacity + 63) / 64 * 8);
        return t->Files == null || t->CloseOnExec == null ? null : t;
    }

    /// <summary>Takes a reference (CLONE_FILES).</summary>
    public static FileTable* Share(FileTable* t)
    {
        Atomic.FetchAdd32(Text.Address(ref t->Refs), 1);
        return t;
    }

    /// <summary>A table with the same descriptions, or null when memory is out.</summary>
    public static FileTable* Copy(FileTable* t)
    {
        t->Lock.Acquire();
        FileTable* n = Create(t->Capacity);
        for (int i = 0; n != null && i < t->Capacity; i++)
        {
            n->Files[i] = t->Files[i];
            if (n->Files[i] != null) File.Get(n->Files[i]);
        }
        if (n != null) Text.Copy(n->CloseOnExec, t->CloseOnExec, (ulong)(t->Capacity + 63) / 64 * 8);
        t->Lock.Release();
        return n;
    }

    /// <summary>Drops a reference; the last closes all descriptors. Null is allowed.</summary>
    public static void Put(FileTable* t)
    {
        if (t == null || Atomic.FetchAdd32(Text.Address(ref t->Refs), -1) != 1) return;
        for (int i = 0; i < t->Capacity; i++) Drop(t->Files[i]);
        Heap.Free(t->Files);
        Heap.Free(t->CloseOnExec);
        Heap.Free(t);
    }

    /// <summary>
    /// Descriptors that Linux' table of the running task would have room for, 64 and its double and so on: select(2) looks at no more of its sets.
    /// </summary>
    public static int Described
    {
        get
        {
            FileTable* t = Cpu.CurrentTask->Files;
            t->Lock.Acquire();
            int highest = t->Capacity - 1;
            while (highest > 0 && t->Files[highest] == null) highest--;
            t->Lock.Release();
            int room = 64;
            while (room <= highest) room = room == 64 ? 256 : room * 2;
            return room;
        }
    }

    /// <summary>The running task's file of a descriptor, with a reference, or null. One opened with O_PATH is no file to work with.</summary>
    public static File* Get(int fd)
    {
        File* f = GetAny(fd);
        if (f == null || (f->Flags & OpenFlags.Path) == 0) return f;
        File.Put(f);
        return null;
    }

    /// <summary>Whether the running task has the descriptor.</summary>
    public static bool IsOpen(int fd)
    {
        File* f = GetAny(fd);
        File.Put(f);
        return f != null;
    }

    /// <summary>Likewise, O_PATH or not: for calls that only want to know which file it is.</summary>
    public static File* GetAny(int fd)
    {
        FileTable* t = Cpu.CurrentTask->Files;
        if ((uint)fd >= (uint)t->Capacity) return null;
        if (Atomic.Load32(Text.Address(ref t->Refs)) == 1)
        {
            File* only = t->Files[fd]; // nobody else can close it
            if (only != null) File.Get(only);
            return only;
        }
        t->Lock.Acquire();
        File* f = t->Files[fd];
        if (f != null) File.Get(f);
        t->Lock.Release();
        return f;
    }

    /// <summary>Gives a file (and the caller's reference) the lowest free descriptor from <paramref name="lowest"/> on. -EMFILE when full.</summary>
    public static int Install(File* f, bool closeOnExec, int lowest)
    {
        FileTable* t = Cpu.CurrentTask->Files;
        ulong limit = Bits.Min(Limits.Of(Cpu.CurrentTask->Group, Limits.OpenFiles)->Soft, Max);
        t->Lock.Acquire();
        int fd = lowest;
        while (fd < t->Capacity && t->Files[fd] != null) fd++;
        int r = (ulong)fd >= limit ? -Errno.EMFILE : fd >= t->Capacity ? Grow(t, fd + 1) : 0;
        if (r == 0)
        {
            t->Files[fd] = f;
            SetCloseOnExec(t, fd, closeOnExec);
            r = fd;
        }
        t->Lock.Release();
        return r;
    }

    /// <summary>Puts a file at a descriptor, closing what was there. The descriptor or -errno.</summary>
    public static int InstallAt(File* f, int fd, bool closeOnExec)
    {
        FileTable* t = Cpu.CurrentTask->Files;
        if ((ulong)fd >= Bits.Min(Limits.Of(Cpu.CurrentTask->Group, Limits.OpenFiles)->Soft, Max)) return -Errno.EBADF;
        t->Lock.Acquire();
        if (fd >= t->Capacity && Grow(t, fd + 1) != 0)
        {
            t->Lock.Release();
            return -Errno.EMFILE;
        }
        File* old = t->Files[fd];
        t->Files[fd] = f;
        SetCloseOnExec(t, fd, closeOnExec);
        t->Lock.Release();
        Drop(old);
        return fd;
    }

    /// <summary>Frees a descriptor. 0 or -EBADF.</summary>
    public static int Close(FileTable* t, int fd)
    {
        if ((uint)fd >= (uint)t->Capacity) return -Errno.EBADF;
        t->Lock.Acquire();
        File* f = t->Files[fd];
        t->Files[fd] = null;
        t->Lock.Release();
        if (f == null) return -Errno.EBADF;
        Drop(f);
        return 0;
    }

    /// <summary>A descriptor of a file is gone. Null is allowed.</summary>
    private static void Drop(File* f)
    {
        if (f != null && f->Ops != null && f->Ops->Flush != null) f->Ops->Flush(f);
        File.Put(f);
    }

    /// <summary>FD_CLOEXEC of a descriptor below the capacity.</summary>
    public static bool IsCloseOnExec(FileTable* t, int fd) => (t->CloseOnExec[fd >> 6] >> (fd & 63) & 1) != 0;

    /// <summary>Sets or clears FD_CLOEXEC.</summary>
    public static void SetCloseOnExec(FileTable* t, int fd, bool on)
    {
        if (on) t->CloseOnExec[fd >> 6] |= 1UL << (fd & 63);
        else t->CloseOnExec[fd >> 6] &= ~(1UL << (fd & 63));
    }

    /// <summary>At exec.</summary>
    public static void CloseMarked(FileTable* t)
    {
        for (int fd = 0; fd < t->Capacity; fd++)
            if (t->Files[fd] != null && IsCloseOnExec(t, fd)) Close(t, fd);
    }

    private static int Grow(FileTable* t, int wanted)
    {
        int capacity = Bits.Min(Max, Bits.Max(wanted, t->Capacity * 2));
        if (capacity < wanted) return -Errno.EMFILE;
        File** files = (File**)Heap.Allocate((ulong)capacity * 8);
        ulong* marks = (ulong*)Heap.Allocate((ulong)(capacity + 63) / 64 * 8);
        if (files == null || marks == null) return -Errno.ENOMEM;
        Text.Copy(files, t->Files, (ulong)t->Capacity * 8);
        Text.Copy(marks, t->CloseOnExec, (ulong)(t->Capacity + 63) / 64 * 8);
        Heap.Free(t->Files);
        Heap.Free(t->CloseOnExec);
        t->Files = files;
        t->CloseOnExec = marks;
        t->Capacity = capacity;
        return 0;
    }
}
