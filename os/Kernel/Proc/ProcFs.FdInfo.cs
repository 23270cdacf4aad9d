namespace CoSim.Os;

/// <summary>/proc/PID/fdinfo (proc(5)): position and flags of an open file, and what files of its kind add.</summary>
public static unsafe partial class ProcFs
{
    private const int LongestFdInfo = 512;
    private static InodeOps s_fdInfoDirectoryOps;
    private static FileOps s_fdInfoOps;

    private static void InitializeFdInfo()
    {
        s_fdInfoDirectoryOps.Lookup = &LookupFdInfo;
        s_fdInfoDirectoryOps.Iterate = &IterateFd;
        s_fdInfoOps.Read = &ReadFdInfo;
        s_fdInfoOps.Seekable = s_fdInfoOps.NoPositionedWrite = true;
    }

    private static void AddFdInfo(Dentry* directory, int pid, Task* t)
    {
        Dentry* d = NewDirectory(directory, Text.Literal("fdinfo"u8), 6, pid, 0, ListedByAll, t);
        if (d == null) return;
        d->Inode->Ops = Text.Address(ref s_fdInfoDirectoryOps);
        Dentry.Attach(directory, d);
    }

    private static Dentry* LookupFdInfo(Dentry* directory, byte* name, int n)
    {
        if (!ParsePid(name, n, out int fd)) return null;
        File* f = FileOf(directory->Inode->Owner, fd);
        if (f == null) return null;
        File.Put(f);
        Inode* inode = Inode.Create(FileMode.Regular | 0x100, Text.Address(ref s_fdInfoOps));
        if (inode == null) return null;
        inode->Owner = directory->Inode->Owner;
        inode->SpecialDevice = (ulong)fd;
        inode->Device = directory->Inode->Device;
        Dentry* d = Dentry.Create(name, n, inode);
        if (d != null) d->Parent = directory;
        return d;
    }

    private static long ReadFdInfo(File* info, ulong user, ulong count, ulong* position)
    {
        int fd = (int)info->Inode->SpecialDevice;
        File* f = FileOf(info->Inode->Owner, fd);
        if (f == null) return -Errno.ENOENT;
        byte* memory = stackalloc byte[LongestFdInfo];
        TextBuffer text = new(memory, LongestFdInfo);
        text.Format("pos:\t%lli\nflags:\t0"u8, f->Position);
        text.PutNumber((uint)(SystemCalls.ShownFlags(f) | (IsMarked(info->Inode->Owner, fd) ? OpenFlags.CloseOnExec : 0)), false, 8, 0, (byte)' ', false);
        text.Format("\nmnt_id:\t%u\nino:\t%llu\n"u8, f->Inode->Device, f->Inode->Number);
        if (f->Ops != null && f->Ops->Info != null) f->Ops->Info(f, &text);
        File.Put(f);
        if (*position >= (ulong)text.Length) return 0;
        count = Bits.Min(count, (ulong)text.Length - *position);
        if (UserMemory.CopyTo(user, memory + *position, count) != 0) return -Errno.EFAULT;
        *position += count;
        return (long)count;
    }

    private static bool IsMarked(int pid, int fd)
    {
        Task* t = TaskList.Find(pid);
        if (t == null) return false;
        FileTable* table = t->Files;
        bool marked = table != null && (uint)fd < (uint)table->Capacity && FileTable.IsCloseOnExec(table, fd);
        TaskList.Put(t);
        return marked;
    }
}
