namespace CoSim.Os;

/// <summary>A task's root, working directory and umask (CLONE_FS).</summary>
public unsafe struct FsContext
{
    public int Refs;
    public Dentry* Root, Working;
    public uint Umask;

    /// <summary>Takes a reference (CLONE_FS).</summary>
    public static FsContext* Share(FsContext* fs)
    {
        Atomic.FetchAdd32(Text.Address(ref fs->Refs), 1);
        return fs;
    }

    /// <summary>A copy with one reference, or null when memory is out.</summary>
    public static FsContext* Copy(FsContext* fs)
    {
        FsContext* n = Heap.New<FsContext>();
        if (n == null) return null;
        n->Refs = 1;
        n->Root = fs->Root;
        n->Working = fs->Working;
        n->Umask = fs->Umask;
        Dentry.Get(n->Root);
        Dentry.Get(n->Working);
        return n;
    }

    /// <summary>Drops a reference; null is allowed.</summary>
    public static void Put(FsContext* fs)
    {
        if (fs == null || Atomic.FetchAdd32(Text.Address(ref fs->Refs), -1) != 1) return;
        Dentry.Put(fs->Root);
        Dentry.Put(fs->Working);
        Heap.Free(fs);
    }
}

/// <summary>The directory tree and walking it.</summary>
public static unsafe partial class Vfs
{
    public const int PathMax = 4096, NameMax = 255, MaxLinks = 40;

    /// <summary>Protects the shape of the tree. Never held while user memory is touched.</summary>
    public static SpinLock Lock;

    public static Dentry* Root;

    /// <summary>Result of a walk: the entry (null: missing), its parent, and the last name. Both dentries carry references.</summary>
    public struct Walk
    {
        public Dentry* Entry, Parent;
        public byte* Name;          // last component, inside the path buffer
        public int NameLength;
        public bool TrailingSlash;

        // Entries made on the fly during the walk, which nothing else keeps alive.
        internal PinArray Pins;
        internal int PinCount;

        internal int Pin(Dentry* d)
        {
            if (PinCount == MaxPins) { Dentry.Put(d); return -Errno.ELOOP; }
            ((Dentry**)Text.Address(ref Pins))[PinCount++] = d;
            return 0;
        }

        internal void Unpin()
        {
            while (PinCount > 0) Dentry.Put(((Dentry**)Text.Address(ref Pins))[--PinCount]);
        }

        /// <summary>Drops the references of a successful walk.</summary>
        public void Release()
        {
            Dentry.Put(Entry);
            Dentry.Put(Parent);
        }
    }

    private const int MaxPins = 8;

    [System.Runtime.CompilerServices.InlineArray(MaxPins)]
    internal struct PinArray { private ulong _first; }

    /// <summary>The top of what is mounted on a directory.</summary>
    public static Dentry* Covered(Dentry* d)
    {
        while (d->Mounted != null) d = d->Mounted;
        return d;
    }

    /// <summary>
    /// Resolves a NUL-terminated path from <paramref name="start"/> (or the root, for an absolute path). A missing last component is not an
    /// error: Entry is then null. 0 or -errno. <paramref name="path"/> must stay alive while the walk's name is used.
    /// </summary>
    public static int Resolve(Dentry* start, byte* path, bool followLast, Walk* result)
    {
        if (*path == 0) return -Errno.ENOENT;
        *result = default;
        Lock.Acquire();
        int links = 0;
        int r = ResolveLocked(start, path, followLast, ref links, result);
        if (r == 0)
        {
            Dentry.Get(result->Parent);
            if (result->Entry != null) Dentry.Get(result->Entry);
        }
        result->Unpin();
        Lock.Release();
        return r;
    }

    private static int ResolveLocked(Dentry* start, byte* path, bool followLast, ref int links, Walk* result)
    {
        Dentry* root = Cpu.CurrentTask->Fs != null ? Cpu.CurrentTask->Fs->Root : Root;
        Dentry* at = *path == '/' ? Covered(root) : start;
        while (*path == '/') path++;
        result->Entry = result->Parent = at;
        result->Name = path;
        result->NameLength = 0;
        result->TrailingSlash = false;
        while (*path != 0)
        {
            byte* name = path;
            int n = 0;
            while (path[n] != 0 && path[n] != '/') n++;
            path += n;
            bool last, slash = *path == '/';
            while (*path == '/') path++;
            last = *path == 0;
            if (n > NameMax) return -Errno.ENAMETOOLONG;
            if (at->Inode->Type != FileMode.Directory) return -Errno.ENOTDIR;
            Dentry* next = Step(at, name, n, root, result, out int stepError);
            if (stepError != 0) return stepError;
            result->Parent = at;
            result->Name = name;
            result->NameLength = n;
            result->TrailingSlash = slash;
            result->Entry = next;
            if (next == null) return last ? 0 : -Errno.ENOENT;
            if (next->Inode->Type == FileMode.Link && (!last || followLast || slash))
            {
                if (++links > MaxLinks) return -Errno.ELOOP;
                int r = Follow(at, next, ref links, result);
                if (r != 0) return r;
                next = result->Entry;
                if (next == null) return last ? 0 : -Errno.ENOENT;
            }
            at = next;
        }
        if (result->TrailingSlash && result->Entry != null && result->Entry->Inode->Type != FileMode.Directory) return -Errno.ENOTDIR;
        return 0;
    }

    private static Dentry* Step(Dentry* at, byte* name, int n, Dentry* root, Walk* walk, out int error)
    {
        error = 0;
        if (n == 1 && name[0] == '.') return at;
        if (n == 2 && name[0] == '.' && name[1] == '.')
        {
            if (at == Covered(root)) return at;
            while (at->Covers != null) at = at->Covers;
            return Covered(at->Parent);
        }
        Dentry* d;
        if (at->Inode->Ops != null && at->Inode->Ops->Lookup != null)
        {
            d = at->Inode->Ops->Lookup(at, name, n);
            if (d != null) error = walk->Pin(d);
        }
        else d = Dentry.FindChild(at, name, n);
        return d == null || error != 0 ? null : Covered(d);
    }

    private static int Follow(Dentry* directory, Dentry* link, ref int links, Walk* result)
    {
        InodeOps* ops = link->Inode->Ops;
        if (ops != null && ops->FollowLink != null)
        {
            Dentry* target = ops->FollowLink(link->Inode, out int error);
            if (target == null) return error;
            result->Entry = target;
            return result->Pin(target);
        }
        byte* target2 = (byte*)Heap.Allocate(PathMax);
        if (target2 == null) return -Errno.ENOMEM;
        int n = ReadLinkLocked(link->Inode, target2, PathMax - 1);
        if (n < 0)
        {
            Heap.Free(target2);
            return n;
        }
        target2[n] = 0;
        // The name of a missing target is needed after this buffer is gone: dangling links cannot be created through.
        int r = ResolveLocked(directory, target2, true, ref links, result);
        if (r == 0 && result->Entry == null) r = -Errno.ENOENT;
        Heap.Free(target2);
        return r;
    }

    /// <summary>The target of a symbolic link: its length or -errno; the lock is held.</summary>
    public static int ReadLinkLocked(Inode* inode, byte* to, int capacity)
    {
        if (inode->Ops != null && inode->Ops->ReadLink != null) return inode->Ops->ReadLink(inode, to, capacity);
        int n = Bits.Min((int)inode->Size, capacity);
        Text.Copy(to, inode->Data, (ulong)n);
        return n;
    }

    /// <summary>Writes the absolute path of an entry, seen from the task's root, NUL-terminated. Returns its length, or -ERANGE.</summary>
    public static int PathOf(Dentry* d, byte* to, int capacity)
    {
        Lock.Acquire();
        Dentry* root = Covered(Cpu.CurrentTask->Fs != null ? Cpu.CurrentTask->Fs->Root : Root);
        bool deleted = d->Unlinked;
        byte* at = to + capacity - 1;
        *at = 0;
        while (d != root)
        {
            while (d->Covers != null) d = d->Covers;
            if (d == root || d->Parent == d) break;
            if (at - to < d->NameLength + 1)
            {
                Lock.Release();
                return -Errno.ERANGE;
            }
            at -= d->NameLength;
            Text.Copy(at, d->Name, (ulong)d->NameLength);
            *--at = (byte)'/';
            d = d->Parent;
        }
        Lock.Release();
        if (*at == 0) *--at = (byte)'/';
        int n = (int)(to + capacity - 1 - at);
        Text.Move(to, at, (ulong)n + 1);
        if (!deleted || n + 11 > capacity) return n;
        Text.Copy(to + n, " (deleted)"u8);
        to[n + 10] = 0;
        return n + 10;
    }
}
