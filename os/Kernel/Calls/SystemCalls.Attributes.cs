namespace CoSim.Os;

/// <summary>File attributes: the stat family, modes, owners, times.</summary>
public static unsafe partial class SystemCalls
{
    private const long UtimeNow = 0x3FFFFFFF, UtimeOmit = 0x3FFFFFFE;

    private static void RegisterAttributes()
    {
        Set(Nr.Stat, &Stat);
        Set(Nr.Lstat, &Lstat);
        Set(Nr.Fstat, &Fstat);
        Set(Nr.Newfstatat, &FstatAt);
        Set(Nr.Statx, &Statx);
        Set(Nr.Statfs, &Statfs);
        Set(Nr.Fstatfs, &Fstatfs);
        Set(Nr.Access, &Access);
        Set(Nr.Faccessat, &AccessAt);
        Set(Nr.Faccessat2, &AccessAt);
        Set(Nr.Truncate, &Truncate);
        Set(Nr.Chmod, &Chmod);
        Set(Nr.Fchmod, &Fchmod);
        Set(Nr.Fchmodat, &ChmodAt);
        Set(Nr.Chown, &Chown);
        Set(Nr.Lchown, &Chown);
        Set(Nr.Fchown, &Fchown);
        Set(Nr.Fchownat, &ChownAt);
        Set(Nr.Utimensat, &Utimensat);
    }

    /// <summary>The inode that a directory, path and AT_* flags mean, with a reference.</summary>
    private static int InodeOf(int directory, ulong path, int flags, out Inode* inode)
    {
        inode = null;
        if ((flags & AtEmptyPath) != 0 && (path == 0 || UserMemory.CopyFrom(&flags, path, 1) == 0 && (byte)flags == 0)) return InodeOfDescriptor(directory, out inode);
        Vfs.Walk w;
        int r = Walk(directory, path, (flags & AtSymlinkNoFollow) == 0, &w, out byte* buffer);
        if (r != 0) return r;
        if (w.Entry != null)
        {
            inode = w.Entry->Inode;
            Inode.Get(inode);
        }
        return (int)Done(&w, buffer, inode == null ? -Errno.ENOENT : 0);
    }

    private static int InodeOfDescriptor(int fd, out Inode* inode)
    {
        if (fd == AtFdCwd)
        {
            inode = Cpu.CurrentTask->Fs->Working->Inode;
            Inode.Get(inode);
            return 0;
        }
        File* file = FileTable.GetAny(fd);
        inode = file == null ? null : file->Inode;
        if (file == null) return -Errno.EBADF;
        Inode.Get(inode);
        File.Put(file);
        return 0;
    }

    private static long Stat(TrapFrame* f) => WriteStat(InodeOf(AtFdCwd, f->Rdi, 0, out Inode* i), i, f->Rsi);

    private static long Lstat(TrapFrame* f) => WriteStat(InodeOf(AtFdCwd, f->Rdi, AtSymlinkNoFollow, out Inode* i), i, f->Rsi);

    private static long Fstat(TrapFrame* f) => WriteStat(InodeOfDescriptor((int)f->Rdi, out Inode* i), i, f->Rsi);

    private static long FstatAt(TrapFrame* f) => WriteStat(InodeOf((int)f->Rdi, f->Rsi, (int)f->R10, out Inode* i), i, f->Rdx);

    /// <summary>struct stat of x86-64: 144 bytes.</summary>
    private static long WriteStat(int error, Inode* i, ulong user)
    {
        if (error != 0) return error;
        ulong* s = stackalloc ulong[18];
        for (int k = 0; k < 18; k++) s[k] = 0;
        s[0] = i->Device;
        s[1] = i->Number;
        s[2] = i->Links;
        s[3] = i->Mode | (ulong)Permission.ShowUid(i->Uid) << 32;
        s[4] = Permission.ShowGid(i->Gid);
        s[5] = i->SpecialDevice;
        s[6] = i->Size;
        s[7] = 4096;
        s[8] = (i->Size + 511) / 512;
        PutTime(s + 9, i->AccessedNs);
        PutTime(s + 11, i->ModifiedNs);
        PutTime(s + 13, i->ChangedNs);
        Inode.Put(i);
        return UserMemory.CopyTo(user, s, 144);
    }

    private static void PutTime(ulong* to, long ns)
    {
        to[0] = (ulong)(ns / 1_000_000_000);
        to[1] = (ulong)(ns % 1_000_000_000);
    }

    /// <summary>struct statx: 256 bytes.</summary>
    private static long Statx(TrapFrame* f)
    {
        int r = InodeOf((int)f->Rdi, f->Rsi, (int)f->Rdx, out Inode* i);
        if (r != 0) return r;
        ulong* s = stackalloc ulong[32];
        for (int k = 0; k < 32; k++) s[k] = 0;
        s[0] = 0x7FF | 4096UL << 32;        // STATX_BASIC_STATS, block size
        s[2] = i->Links | (ulong)Permission.ShowUid(i->Uid) << 32;
        s[3] = Permission.ShowGid(i->Gid) | (ulong)i->Mode << 32;
        s[4] = i->Number;
        s[5] = i->Size;
        s[6] = (i->Size + 511) / 512;
        PutTime(s + 8, i->AccessedNs);
        PutTime(s + 12, i->ChangedNs);
        PutTime(s + 14, i->ModifiedNs);
        s[16] = (i->SpecialDevice >> 8 & 0xFFF) | (i->SpecialDevice & 0xFF) << 32;
        s[17] = (ulong)i->Device << 32;     // major 0, minor
        Inode.Put(i);
        return UserMemory.CopyTo(f->R8, s, 256);
    }

    private static long Statfs(TrapFrame* f)
    {
        int r = InodeOf(AtFdCwd, f->Rdi, 0, out Inode* i);
        return r != 0 ? r : WriteStatfs(i, f->Rsi);
    }

    private static long Fstatfs(TrapFrame* f)
    {
        int r = InodeOfDescriptor((int)f->Rdi, out Inode* i);
        return r != 0 ? r : WriteStatfs(i, f->Rsi);
    }

    private static long WriteStatfs(Inode* i, ulong user)
    {
        ulong* s = stackalloc ulong[15];
        for (int k = 0; k < 15; k++) s[k] = 0;
        s[0] = i->Device switch { 20 => 0x9FA0, 21 => 0x62656572, 4 => 0x6E736673, 14 => 0x09041934, _ => 0x858458F6 };
        s[1] = 4096;
        if (i->Device == 1)
        {
            s[2] = PageAllocator.ManagedPages;
            s[3] = s[4] = PageAllocator.ManagedPages - PageAllocator.AllocatedPages;
        }
        s[8] = Vfs.NameMax;
        s[9] = 4096;
        Inode.Put(i);
        return UserMemory.CopyTo(user, s, 120);
    }

    private static long Access(TrapFrame* f) => DoAccess(AtFdCwd, f->Rdi, (int)f->Rsi, 0);

    private static long AccessAt(TrapFrame* f) => DoAccess((int)f->Rdi, f->Rsi, (int)f->Rdx, f->ErrorCode == Nr.Faccessat2 ? (int)f->R10 : 0);

    private static long DoAccess(int directory, ulong path, int mode, int flags)
    {
        const int AtEaccess = 0x200;
        if ((mode & ~7) != 0) return -Errno.EINVAL;
        int r = InodeOf(directory, path, flags & (AtEmptyPath | AtSymlinkNoFollow), out Inode* i);
        if (r != 0) return r;
        bool ok = Permission.Inode(i, mode, (flags & AtEaccess) == 0) == 0;
        Inode.Put(i);
        return ok ? 0 : -Errno.EACCES;
    }

    private static long Truncate(TrapFrame* f)
    {
        if ((long)f->Rsi < 0) return -Errno.EINVAL;
        int r = InodeOf(AtFdCwd, f->Rdi, 0, out Inode* i);
        if (r != 0) return r;
        r = i->Type == FileMode.Directory ? -Errno.EISDIR : i->FileOps != RamFs.FileOps ? -Errno.EINVAL : i->Executing > 0 ? -Errno.ETXTBSY : Permission.Inode(i, 2, false) != 0 ? -Errno.EACCES : 0;
        if (r == 0) PageCache.Truncate(i, f->Rsi);
        Inode.Put(i);
        return r;
    }

    private static long Chmod(TrapFrame* f) => SetMode(InodeOf(AtFdCwd, f->Rdi, 0, out Inode* i), i, f->Rsi);

    private static long Fchmod(TrapFrame* f) => SetMode(InodeOfDescriptor((int)f->Rdi, out Inode* i), i, f->Rsi);

    private static long ChmodAt(TrapFrame* f) => SetMode(InodeOf((int)f->Rdi, f->Rsi, 0, out Inode* i), i, f->Rdx);

    private static long SetMode(int error, Inode* i, ulong mode)
    {
        if (error != 0) return error;
        bool may = !NamespaceFiles.IsNamespace(i) && (Permission.Capable(Cpu.CurrentTask->Cred->UserNs, Cap.DacOverride) || Cpu.CurrentTask->Cred->Fsuid == i->Uid);
        if (may) i->Mode = i->Type | (uint)mode & 0xFFF;
        Inode.Put(i);
        return may ? 0 : -Errno.EPERM;
    }

    private static long Chown(TrapFrame* f) => SetOwner(InodeOf(AtFdCwd, f->Rdi, f->ErrorCode == Nr.Lchown ? AtSymlinkNoFollow : 0, out Inode* i), i, (uint)f->Rsi, (uint)f->Rdx);

    private static long Fchown(TrapFrame* f) => SetOwner(InodeOfDescriptor((int)f->Rdi, out Inode* i), i, (uint)f->Rsi, (uint)f->Rdx);

    private static long ChownAt(TrapFrame* f) => SetOwner(InodeOf((int)f->Rdi, f->Rsi, (int)f->R8, out Inode* i), i, (uint)f->Rdx, (uint)f->R10);

    private static long SetOwner(int error, Inode* i, uint uid, uint gid)
    {
        if (error != 0) return error;
        bool may = !NamespaceFiles.IsNamespace(i) && Permission.Capable(Cpu.CurrentTask->Cred->UserNs, Cap.Chown);
        if (may && uid != Unchanged) i->Uid = uid;
        if (may && gid != Unchanged) i->Gid = gid;
        Inode.Put(i);
        return may ? 0 : -Errno.EPERM;
    }

    private static long Utimensat(TrapFrame* f)
    {
        long* times = stackalloc long[4];
        times[1] = times[3] = UtimeNow;
        if (f->Rdx != 0 && UserMemory.CopyFrom(times, f->Rdx, 32) != 0) return -Errno.EFAULT;
        int r = f->Rsi == 0 ? InodeOfDescriptor((int)f->Rdi, out Inode* i) : InodeOf((int)f->Rdi, f->Rsi, (int)f->R10, out i);
        if (r != 0) return r;
        r = Apply(times, ref i->AccessedNs);
        if (r == 0) r = Apply(times + 2, ref i->ModifiedNs);
        i->ChangedNs = Time.RealtimeNs();
        Inode.Put(i);
        return r;
    }

    private static int Apply(long* time, ref long ns)
    {
        if (time[1] == UtimeOmit) return 0;
        if (time[1] == UtimeNow) ns = Time.RealtimeNs();
        else if ((ulong)time[1] > 999_999_999) return -Errno.EINVAL;
        else ns = time[0] * 1_000_000_000 + time[1];
        return 0;
    }
}
