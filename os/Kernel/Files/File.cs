namespace CoSim.Os;

/// <summary>What an open file can do. A null entry means: not supported (EINVAL, ENOTTY or always ready, as fits).</summary>
public unsafe struct FileOps
{
    /// <summary>(file, user address, count, position): bytes or -errno. The position is advanced by the operation itself.</summary>
    public delegate*<File*, ulong, ulong, ulong*, long> Read;
    public delegate*<File*, ulong, ulong, ulong*, long> Write;

    /// <summary>Ready events (POLLIN ...); registers with the table's wait queues if it is not null.</summary>
    public delegate*<File*, PollTable*, int> Poll;
    public delegate*<File*, uint, ulong, long> Ioctl;

    /// <summary>At open; may refuse with -errno.</summary>
    public delegate*<File*, int> Open;

    /// <summary>When the last descriptor is gone.</summary>
    public delegate*<File*, void> Release;

    /// <summary>When a process closes a descriptor of it, also one of several.</summary>
    public delegate*<File*, void> Flush;

    /// <summary>Extra fields for /proc/PID/fdinfo.</summary>
    public delegate*<File*, TextBuffer*, void> Info;
    public bool Seekable;

    /// <summary>lseek succeeds and moves nothing.</summary>
    public bool SeeksNowhere;

    /// <summary>Seekable for reading alone: pwrite fails with ESPIPE, as for all generated files.</summary>
    public bool NoPositionedWrite;
}

/// <summary>Flags of open(2).</summary>
public static class OpenFlags
{
    public const int AccessMask = 3, ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, NoCtty = 0x100, Truncate = 0x200, Append = 0x400;
    public const int NonBlock = 0x800, Directory = 0x10000, NoFollow = 0x20000, CloseOnExec = 0x80000, Path = 0x200000, TmpFile = 0x400000;
}

/// <summary>An open file description, shared by dup and fork.</summary>
public unsafe struct File
{
    public int Refs;
    public int Flags;
    public FileOps* Ops;
    public Dentry* Dentry;
    public Inode* Inode;
    public ulong Position;
    public void* Private;

    /// <summary>Members of epoll sets that watch this file; they go with it.</summary>
    public EpollItem* Watchers;

    /// <summary>What the opener was allowed: some files ask for that at each write.</summary>
    public Credentials* Cred;

    /// <summary>Opened for reading (and not by O_PATH).</summary>
    public readonly bool CanRead => (Flags & OpenFlags.AccessMask) != OpenFlags.WriteOnly && (Flags & OpenFlags.Path) == 0;

    /// <summary>Opened for writing (and not by O_PATH).</summary>
    public readonly bool CanWrite => (Flags & OpenFlags.AccessMask) != OpenFlags.ReadOnly && (Flags & OpenFlags.Path) == 0;

    /// <summary>Opens an entry; takes its own references. Null with error when the file refuses.</summary>
    public static File* Open(Dentry* d, int flags, out int error)
    {
        error = -Errno.ENFILE;
        File* f = Heap.New<File>();
        if (f == null) return null;
        f->Refs = 1;
        f->Flags = flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoCtty | OpenFlags.Truncate | OpenFlags.CloseOnExec);
        f->Dentry = d;
        f->Inode = d->Inode;
        f->Cred = Credentials.Get(Cpu.CurrentTask->Cred);
        f->Ops = (flags & OpenFlags.Path) != 0 ? null : d->Inode->FileOps;
        Os.Dentry.Get(d);
        if (f->Ops != null && f->Ops->Open != null)
        {
            error = f->Ops->Open(f);
            if (error != 0)
            {
                f->Ops = null;
                Put(f);
                return null;
            }
        }
        error = 0;
        return f;
    }

    /// <summary>Takes a reference.</summary>
    public static void Get(File* f) => Atomic.FetchAdd32(Text.Address(ref f->Refs), 1);

    /// <summary>Drops a reference; the last releases the file. Null is allowed.</summary>
    public static void Put(File* f)
    {
        if (f == null || Atomic.FetchAdd32(Text.Address(ref f->Refs), -1) != 1) return;
        if (f->Watchers != null) Epoll.FileGone(f);
        if (f->Ops != null && f->Ops->Release != null) f->Ops->Release(f);
        Os.Dentry.Put(f->Dentry);
        Credentials.Put(f->Cred);
        Heap.Free(f);
    }

    /// <summary>Reads to user memory: bytes, 0 at the end, or -errno.</summary>
    public static long Read(File* f, ulong user, ulong count, ulong* position)
    {
        if (!f->CanRead) return -Errno.EBADF;
        if (f->Ops == null || f->Ops->Read == null) return f->Inode->Type == FileMode.Directory ? -Errno.EISDIR : -Errno.EINVAL;
        if (count > 0x7FFF_F000) count = 0x7FFF_F000;
        return !UserMemory.IsUser(user, count) ? -Errno.EFAULT : f->Ops->Read(f, user, count, position);
    }

    /// <summary>Writes from user memory: bytes or -errno.</summary>
    public static long Write(File* f, ulong user, ulong count, ulong* position)
    {
        if (!f->CanWrite) return -Errno.EBADF;
        if (f->Ops == null || f->Ops->Write == null) return -Errno.EINVAL;
        if (count > 0x7FFF_F000) count = 0x7FFF_F000;
        return !UserMemory.IsUser(user, count) ? -Errno.EFAULT : f->Ops->Write(f, user, count, position);
    }
}

/// <summary>Files without a name in the tree: pipes, timers, event counters, epoll sets, namespaces.</summary>
public static unsafe class AnonymousFile
{
    /// <summary>st_dev of such files.</summary>
    public const uint Device = 14;

    /// <summary>A file over <paramref name="context"/> (as File.Private) in the caller's table, of no type, as such files are. Returns the descriptor or -errno; on failure Release is not called.</summary>
    public static int Create(FileOps* ops, void* context, int flags, System.ReadOnlySpan<byte> name)
    {
        File* f = CreateFile(ops, context, flags, name, 0x180);
        if (f == null) return -Errno.ENFILE;
        int fd = FileTable.Install(f, (flags & OpenFlags.CloseOnExec) != 0, 0);
        if (fd >= 0) return fd;
        f->Ops = null;
        File.Put(f);
        return fd;
    }

    /// <summary>The same without a descriptor; null when memory is out.</summary>
    public static File* CreateFile(FileOps* ops, void* context, int flags, System.ReadOnlySpan<byte> name, uint mode)
    {
        Inode* inode = Inode.Create(mode, ops);
        if (inode == null) return null;
        inode->Device = Device;
        Dentry* d = Dentry.Create(Text.Literal(name), name.Length, inode);
        if (d == null)
        {
            Inode.Put(inode);
            return null;
        }
        File* f = Heap.New<File>();
        if (f == null)
        {
            Dentry.Put(d);
            return null;
        }
        f->Refs = 1;
        f->Flags = flags & ~OpenFlags.CloseOnExec;
        f->Ops = ops;
        f->Cred = Credentials.Get(Cpu.CurrentTask->Cred);
        f->Dentry = d;
        f->Inode = inode;
        f->Private = context;
        return f;
    }
}
