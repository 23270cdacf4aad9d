namespace CoSim.Os;

/// <summary>Calls on paths.</summary>
public static unsafe partial class SystemCalls
{
    private const int AtFdCwd = -100, AtSymlinkNoFollow = 0x100, AtRemoveDir = 0x200, AtSymlinkFollow = 0x400, AtEmptyPath = 0x1000;

    private static void RegisterPaths()
    {
        Set(Nr.Open, &Open);
        Set(Nr.Openat, &OpenAt);
        Set(Nr.Creat, &Creat);
        Set(Nr.Mkdir, &Mkdir);
        Set(Nr.Mkdirat, &MkdirAt);
        Set(Nr.Mknod, &Mknod);
        Set(Nr.Mknodat, &MknodAt);
        Set(Nr.Rmdir, &Rmdir);
        Set(Nr.Unlink, &Unlink);
        Set(Nr.Unlinkat, &UnlinkAt);
        Set(Nr.Rename, &Rename);
        Set(Nr.Renameat, &RenameAt);
        Set(Nr.Renameat2, &RenameAt);
        Set(Nr.Link, &Link);
        Set(Nr.Linkat, &LinkAt);
        Set(Nr.Symlink, &Symlink);
        Set(Nr.Symlinkat, &SymlinkAt);
        Set(Nr.Readlink, &Readlink);
        Set(Nr.Readlinkat, &ReadlinkAt);
        Set(Nr.Getcwd, &Getcwd);
        Set(Nr.Chdir, &Chdir);
        Set(Nr.Fchdir, &Fchdir);
        Set(Nr.Chroot, &Chroot);
        Set(Nr.Umask, &Umask);
        Set(Nr.Mount, &Mount);
        Set(Nr.Umount2, &Umount);
        RegisterAttributes();
    }

    /// <summary>Copies the path and walks it. On success the walk must be released and the buffer freed (<see cref="Done"/>).</summary>
    private static int Walk(int directory, ulong user, bool follow, Vfs.Walk* w, out byte* buffer)
    {
        buffer = (byte*)Heap.Allocate(Vfs.PathMax);
        if (buffer == null) return -Errno.ENOMEM;
        int r = UserMemory.CopyString(buffer, user, Vfs.PathMax);
        if (r >= 0) r = WalkKernel(directory, buffer, follow, w);
        if (r >= 0) return 0;
        Heap.Free(buffer);
        buffer = null;
        return r;
    }

    private static int WalkKernel(int directory, byte* path, bool follow, Vfs.Walk* w)
    {
        if (*path == '/' || directory == AtFdCwd) return Vfs.Resolve(Cpu.CurrentTask->Fs->Working, path, follow, w);
        File* file = FileTable.GetAny(directory);
        if (file == null) return -Errno.EBADF;
        int r = file->Inode->Type != FileMode.Directory ? -Errno.ENOTDIR : Vfs.Resolve(file->Dentry, path, follow, w);
        File.Put(file);
        return r;
    }

    private static long Done(Vfs.Walk* w, byte* buffer, long result)
    {
        w->Release();
        Heap.Free(buffer);
        return result;
    }

    private static uint Masked(ulong mode) => (uint)mode & 0xFFF & ~Cpu.CurrentTask->Fs->Umask;

    private static long Open(TrapFrame* f) => DoOpen(AtFdCwd, f->Rdi, (int)f->Rsi, f->Rdx);

    private static long OpenAt(TrapFrame* f) => DoOpen((int)f->Rdi, f->Rsi, (int)f->Rdx, f->R10);

    private static long Creat(TrapFrame* f) => DoOpen(AtFdCwd, f->Rdi, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate, f->Rsi);

    private static long DoOpen(int directory, ulong path, int flags, ulong mode)
    {
        bool exclusive = (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive);
        Vfs.Walk w;
        int r = Walk(directory, path, (flags & OpenFlags.NoFollow) == 0 && !exclusive, &w, out byte* buffer);
        if (r != 0) return r;
        return Done(&w, buffer, OpenWalked(&w, flags, mode, exclusive));
    }

    private static long OpenWalked(Vfs.Walk* w, int flags, ulong mode, bool exclusive)
    {
        if ((flags & OpenFlags.TmpFile) == OpenFlags.TmpFile) return -Errno.EOPNOTSUPP;
        if (w->Entry == null)
        {
            if ((flags & OpenFlags.Create) == 0) return -Errno.ENOENT;
            if (w->TrailingSlash) return -Errno.EISDIR;
            // /proc says that there is no such name before anybody asks whether one can be made.
            if (w->Parent->Inode->Device != 1) return w->Parent->Inode->Device == ProcFs.Device ? -Errno.ENOENT : -Errno.EACCES;
            int r = Vfs.Add(w->Parent, w->Name, w->NameLength, Inode.Create(FileMode.Regular | Masked(mode), RamFs.FileOps), out w->Entry);
            if (r != 0) return r;
        }
        else if (exclusive) return -Errno.EEXIST;
        Inode* inode = w->Entry->Inode;
        // To cut a file off is to write to it.
        bool write = (flags & OpenFlags.AccessMask) != OpenFlags.ReadOnly || (flags & OpenFlags.Truncate) != 0;
        if ((flags & OpenFlags.Path) == 0)
        {
            if (inode->Type == FileMode.Link) return -Errno.ELOOP;
            if (inode->Type == FileMode.Directory && (write || (flags & OpenFlags.Create) != 0)) return -Errno.EISDIR;
            if (inode->Type == FileMode.Character && inode->FileOps == null) return -Errno.ENXIO;
            if (write && inode->Executing > 0) return -Errno.ETXTBSY;
            if (write && NamespaceFiles.IsNamespace(inode)) return -Errno.EPERM; // as on an immutable file
            if (Permission.Inode(inode, (write ? 2 : 0) | ((flags & OpenFlags.AccessMask) != OpenFlags.WriteOnly ? 4 : 0), false) != 0) return -Errno.EACCES;
        }
        if ((flags & OpenFlags.Directory) != 0 && inode->Type != FileMode.Directory) return -Errno.ENOTDIR;
        if ((flags & OpenFlags.Truncate) != 0 && write && inode->FileOps == RamFs.FileOps) PageCache.Truncate(inode, 0);
        File* file = File.Open(w->Entry, flags, out int error);
        if (file == null) return error;
        int fd = FileTable.Install(file, (flags & OpenFlags.CloseOnExec) != 0, 0);
        if (fd < 0) File.Put(file);
        return fd;
    }

    private static long Mkdir(TrapFrame* f) => Make(AtFdCwd, f->Rdi, FileMode.Directory | (uint)f->Rsi & 0xFFF, 0);

    private static long MkdirAt(TrapFrame* f) => Make((int)f->Rdi, f->Rsi, FileMode.Directory | (uint)f->Rdx & 0xFFF, 0);

    private static long Mknod(TrapFrame* f) => Make(AtFdCwd, f->Rdi, (uint)f->Rsi, f->Rdx);

    private static long MknodAt(TrapFrame* f) => Make((int)f->Rdi, f->Rsi, (uint)f->Rdx, f->R10);

    private static long Make(int directory, ulong path, uint mode, ulong device)
    {
        Vfs.Walk w;
        int r = Walk(directory, path, false, &w, out byte* buffer);
        if (r != 0) return r;
        uint type = mode & FileMode.TypeMask;
        if (type == 0) type = FileMode.Regular;
        if (w.Entry != null) return Done(&w, buffer, -Errno.EEXIST);
        if (w.Parent->Inode->Device != 1) return Done(&w, buffer, w.Parent->Inode->Device == ProcFs.Device ? -Errno.ENOENT : -Errno.EPERM);
        FileOps* ops = type switch
        {
            FileMode.Directory => RamFs.DirectoryOps,
            FileMode.Regular => RamFs.FileOps,
            FileMode.Character => Devices.Find((uint)(device >> 8) & 0xFFF, (uint)device & 0xFF),
            _ => null,
        };
        if (type is FileMode.Fifo or FileMode.Socket or FileMode.Block) return Done(&w, buffer, -Errno.EPERM);
        Inode* inode = Inode.Create(type | Masked(mode), ops);
        if (inode != null)
        {
            inode->SpecialDevice = device;
            if (type == FileMode.Directory) inode->Links = 2;
        }
        r = Vfs.Add(w.Parent, w.Name, w.NameLength, inode, out Dentry* d);
        Dentry.Put(d);
        return Done(&w, buffer, r);
    }

    private static long Rmdir(TrapFrame* f) => Remove(AtFdCwd, f->Rdi, true);

    private static long Unlink(TrapFrame* f) => Remove(AtFdCwd, f->Rdi, false);

    private static long UnlinkAt(TrapFrame* f) => (f->Rdx & ~(ulong)AtRemoveDir) != 0 ? -Errno.EINVAL : Remove((int)f->Rdi, f->Rsi, f->Rdx != 0);

    private static long Remove(int directory, ulong path, bool isDirectory)
    {
        Vfs.Walk w;
        int r = Walk(directory, path, false, &w, out byte* buffer);
        return r != 0 ? r : Done(&w, buffer, Vfs.Unlink(&w, isDirectory));
    }

    private static long Rename(TrapFrame* f) => DoRename(AtFdCwd, f->Rdi, AtFdCwd, f->Rsi, 0);

    private static long RenameAt(TrapFrame* f) => DoRename((int)f->Rdi, f->Rsi, (int)f->Rdx, f->R10, f->ErrorCode == Nr.Renameat2 ? f->R8 : 0);

    private static long DoRename(int fromDirectory, ulong from, int toDirectory, ulong to, ulong flags)
    {
        const ulong NoReplace = 1;
        if ((flags & ~NoReplace) != 0) return -Errno.EINVAL;
        Vfs.Walk a, b;
        int r = Walk(fromDirectory, from, false, &a, out byte* buffer1);
        if (r != 0) return r;
        r = Walk(toDirectory, to, false, &b, out byte* buffer2);
        if (r != 0) return Done(&a, buffer1, r);
        long result = a.Parent->Inode->Device != b.Parent->Inode->Device ? -Errno.EXDEV : Vfs.Rename(&a, &b, flags != 0);
        Done(&b, buffer2, 0);
        return Done(&a, buffer1, result);
    }

    private static long Link(TrapFrame* f) => DoLink(AtFdCwd, f->Rdi, AtFdCwd, f->Rsi, false);

    private static long LinkAt(TrapFrame* f) => DoLink((int)f->Rdi, f->Rsi, (int)f->Rdx, f->R10, (f->R8 & AtSymlinkFollow) != 0);

    private static long DoLink(int fromDirectory, ulong from, int toDirectory, ulong to, bool follow)
    {
        Vfs.Walk a, b;
        int r = Walk(fromDirectory, from, follow, &a, out byte* buffer1);
        if (r != 0) return r;
        r = Walk(toDirectory, to, false, &b, out byte* buffer2);
        if (r != 0) return Done(&a, buffer1, r);
        if (a.Entry == null) r = -Errno.ENOENT;
        else if (a.Entry->Inode->Type == FileMode.Directory) r = -Errno.EPERM;
        else if (b.Entry != null) r = -Errno.EEXIST;
        else if (a.Entry->Inode->Device != 1 || b.Parent->Inode->Device != 1) r = -Errno.EXDEV;
        else
        {
            Inode.Get(a.Entry->Inode);
            r = Vfs.Add(b.Parent, b.Name, b.NameLength, a.Entry->Inode, out Dentry* d);
            if (r == 0) a.Entry->Inode->Links++;
            Dentry.Put(d);
        }
        Done(&b, buffer2, 0);
        return Done(&a, buffer1, r);
    }

    private static long Symlink(TrapFrame* f) => DoSymlink(f->Rdi, AtFdCwd, f->Rsi);

    private static long SymlinkAt(TrapFrame* f) => DoSymlink(f->Rdi, (int)f->Rsi, f->Rdx);

    private static void FreeTarget(Inode* inode) => Heap.Free(inode->Data);

    private static long DoSymlink(ulong target, int directory, ulong path)
    {
        byte* text = (byte*)Heap.Allocate(Vfs.PathMax);
        if (text == null) return -Errno.ENOMEM;
        int n = UserMemory.CopyString(text, target, Vfs.PathMax);
        Vfs.Walk w = default;
        byte* buffer = null;
        int r = n < 0 ? n : n == 0 ? -Errno.ENOENT : Walk(directory, path, false, &w, out buffer);
        if (r != 0)
        {
            Heap.Free(text);
            return r;
        }
        if (w.Entry != null) r = -Errno.EEXIST;
        else if (w.Parent->Inode->Device != 1) r = -Errno.EPERM;
        else
        {
            Inode* inode = Inode.Create(FileMode.Link | 0x1FF, null);
            if (inode != null)
            {
                inode->Data = text;
                inode->Size = (ulong)n;
                inode->Destroy = &FreeTarget;
                text = null;
            }
            r = Vfs.Add(w.Parent, w.Name, w.NameLength, inode, out Dentry* d);
            Dentry.Put(d);
        }
        Heap.Free(text);
        return Done(&w, buffer, r);
    }

    private static long Readlink(TrapFrame* f) => DoReadlink(AtFdCwd, f->Rdi, f->Rsi, (int)f->Rdx);

    private static long ReadlinkAt(TrapFrame* f) => DoReadlink((int)f->Rdi, f->Rsi, f->Rdx, (int)f->R10);

    private static long DoReadlink(int directory, ulong path, ulong to, int size)
    {
        if (size <= 0) return -Errno.EINVAL;
        Vfs.Walk w;
        int r = Walk(directory, path, false, &w, out byte* buffer);
        if (r != 0) return r;
        if (w.Entry == null) return Done(&w, buffer, -Errno.ENOENT);
        if (w.Entry->Inode->Type != FileMode.Link) return Done(&w, buffer, -Errno.EINVAL);
        byte* text = (byte*)Heap.Allocate(Vfs.PathMax);
        if (text == null) return Done(&w, buffer, -Errno.ENOMEM);
        Vfs.Lock.Acquire();
        r = Vfs.ReadLinkLocked(w.Entry->Inode, text, Vfs.PathMax);
        Vfs.Lock.Release();
        if (r > size) r = size;
        if (r > 0 && UserMemory.CopyTo(to, text, (ulong)r) != 0) r = -Errno.EFAULT;
        Heap.Free(text);
        return Done(&w, buffer, r);
    }

    private static long Getcwd(TrapFrame* f)
    {
        byte* buffer = (byte*)Heap.Allocate(Vfs.PathMax);
        if (buffer == null) return -Errno.ENOMEM;
        int n = Vfs.PathOf(Cpu.CurrentTask->Fs->Working, buffer, Vfs.PathMax);
        long r = n < 0 ? n : (ulong)n + 1 > f->Rsi ? -Errno.ERANGE : UserMemory.CopyTo(f->Rdi, buffer, (ulong)n + 1) != 0 ? -Errno.EFAULT : n + 1;
        Heap.Free(buffer);
        return r;
    }

    private static long Chdir(TrapFrame* f) => ChangeTo(f->Rdi, false);

    private static long Chroot(TrapFrame* f) => !Permission.Capable(Cpu.CurrentTask->Cred->UserNs, Cap.SysChroot) ? -Errno.EPERM : ChangeTo(f->Rdi, true);

    private static long ChangeTo(ulong path, bool root)
    {
        Vfs.Walk w;
        int r = Walk(AtFdCwd, path, true, &w, out byte* buffer);
        if (r != 0) return r;
        if (w.Entry == null) return Done(&w, buffer, -Errno.ENOENT);
        if (w.Entry->Inode->Type != FileMode.Directory) return Done(&w, buffer, -Errno.ENOTDIR);
        FsContext* fs = Cpu.CurrentTask->Fs;
        Dentry.Get(w.Entry);
        Dentry* old = root ? fs->Root : fs->Working;
        if (root) fs->Root = w.Entry;
        else fs->Working = w.Entry;
        Dentry.Put(old);
        return Done(&w, buffer, 0);
    }

    private static long Fchdir(TrapFrame* f)
    {
        File* file = FileTable.GetAny((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        long r = file->Inode->Type != FileMode.Directory ? -Errno.ENOTDIR : 0;
        if (r == 0)
        {
            FsContext* fs = Cpu.CurrentTask->Fs;
            Dentry* old = fs->Working;
            Dentry.Get(file->Dentry);
            fs->Working = file->Dentry;
            Dentry.Put(old);
        }
        File.Put(file);
        return r;
    }

    private static long Umask(TrapFrame* f)
    {
        uint old = Cpu.CurrentTask->Fs->Umask;
        Cpu.CurrentTask->Fs->Umask = (uint)f->Rdi & 0x1FF;
        return old;
    }

    private static long Mount(TrapFrame* f)
    {
        const ulong Remount = 32, Bind = 4096, Propagation = 0xE0000;
        if (!Permission.Capable(Cap.SysAdmin)) return -Errno.EPERM;
        byte* type = stackalloc byte[32];
        type[0] = 0;
        if (f->Rdx != 0 && UserMemory.CopyString(type, f->Rdx, 32) < 0) return -Errno.EFAULT;
        Vfs.Walk w;
        int r = Walk(AtFdCwd, f->Rsi, true, &w, out byte* buffer);
        if (r != 0) return r;
        Dentry* d = w.Entry;
        if (d == null) r = -Errno.ENOENT;
        else if ((f->R10 & (Remount | Propagation)) != 0) r = 0;
        else if ((f->R10 & Bind) != 0) r = -Errno.EINVAL;
        else if (d->Inode->Type != FileMode.Directory) r = -Errno.ENOTDIR;
        else if (Text.Equal(type, "proc"u8)) r = MountTree(d, ProcFs.Root);
        else if (Text.Equal(type, "sysfs"u8)) r = MountTree(d, SysFs.Root);
        else if (Text.Equal(type, "mqueue"u8)) r = MountTree(d, MessageQueues.Root);
        else if (Text.Equal(type, "devtmpfs"u8)) r = 0; // /dev is populated from the start
        else if (Text.Equal(type, "tmpfs"u8) || Text.Equal(type, "ramfs"u8)) Vfs.Mount(d, RamFs.CreateRoot());
        else r = -Errno.ENODEV;
        return Done(&w, buffer, r);
    }

    /// <summary>There is one /proc, one /sys and one tree of message queues; mounting it again where it is succeeds, elsewhere it moves there.</summary>
    private static int MountTree(Dentry* on, Dentry* root)
    {
        if (on == root) return 0;
        if (root->Covers != null) return -Errno.EBUSY;
        Vfs.Mount(on, root);
        return 0;
    }

    private static long Umount(TrapFrame* f)
    {
        Vfs.Walk w;
        int r = Walk(AtFdCwd, f->Rdi, true, &w, out byte* buffer);
        if (r != 0) return r;
        if (w.Entry == null) r = -Errno.ENOENT;
        else if (w.Entry->Covers == null) r = -Errno.EINVAL;
        else
        {
            Vfs.Lock.Acquire();
            Dentry* on = w.Entry->Covers;
            on->Mounted = null;
            w.Entry->Covers = null;
            Vfs.Lock.Release();
            Dentry.Put(on);
        }
        return Done(&w, buffer, r);
    }
}
