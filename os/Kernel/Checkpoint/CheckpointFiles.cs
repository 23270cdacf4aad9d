namespace CoSim.Os;

/// <summary>
/// /proc/checkpoint: writing a process number hands that process and its descendants to the simulator. /proc/restore: writing the path
/// of an image restores its processes as children of the writer. Reading either tells what became of it. They are this system's own.
/// </summary>
internal static unsafe class CheckpointFiles
{
    private static ImageComplaint s_saved, s_restored;

    internal static void Register()
    {
        ProcFs.AddFile("checkpoint"u8, 0x180, &ShowSaved, &Save);
        ProcFs.AddFile("restore"u8, 0x180, &ShowRestored, &Restore);
        ProcFs.AddFile("sys/kernel/ns_last_pid"u8, 0x1B6, &ShowLastPid, &SetLastPid);
    }

    private static int Show(TextBuffer* text, ImageComplaint* line)
    {
        text->PutString((byte*)line);
        text->Put((byte)'\n');
        return 0;
    }

    private static int ShowSaved(TextBuffer* text, Task* task, void* context) => Show(text, Text.Address(ref s_saved));

    private static int ShowRestored(TextBuffer* text, Task* task, void* context) => Show(text, Text.Address(ref s_restored));

    private static long Save(File* file, Task* task, byte* text, ulong count, long position)
    {
        if (!Permission.Capable(Cap.SysAdmin)) return -Errno.EPERM;
        byte* cursor = text;
        if (!Text.ParseUnsigned(ref cursor, text + count, out ulong pid) || pid == 0 || pid >= TaskList.MaxPid) return -Errno.EINVAL;
        Task* t = TaskList.Find((int)pid);
        if (t == null) return -Errno.ESRCH;
        ThreadGroup* root = t->Group;
        int r = t != root->Leader || root->Zombie || t->Mm == null || Contains(root, Cpu.CurrentTask->Group) ? -Errno.EINVAL : 0;
        if (r == 0)
        {
            ImageObjects objects = default;
            r = ProcessDump.Run(root, &objects);
            s_saved = objects.Complaint;
            objects.Release();
        }
        TaskList.Put(t);
        return r == 0 ? (long)count : r;
    }

    /// <summary>Whether a process is another one or descends from it: then it cannot be the one that saves it.</summary>
    private static bool Contains(ThreadGroup* root, ThreadGroup* g)
    {
        for (; g != null; g = g->Parent) if (g == root) return true;
        return false;
    }

    private static long Restore(File* file, Task* task, byte* text, ulong count, long position)
    {
        if (!Permission.Capable(Cap.SysAdmin)) return -Errno.EPERM;
        ulong length = count > 0 && text[count - 1] == '\n' ? count - 1 : count;
        text[length] = 0;
        Vfs.Walk walk;
        int r = Vfs.Resolve(Cpu.CurrentTask->Fs->Working, text, true, &walk);
        if (r != 0) return r;
        if (walk.Entry == null) r = -Errno.ENOENT;
        else if (walk.Entry->Inode->Type != FileMode.Regular || walk.Entry->Inode->FileOps != RamFs.FileOps) r = -Errno.EINVAL;
        if (r == 0) r = RestoreFrom(walk.Entry->Inode);
        walk.Release();
        return r < 0 ? r : (long)count;
    }

    private static int RestoreFrom(Inode* inode)
    {
        // Images in the initramfs lie in one piece; others are copied.
        ulong size = inode->Size;
        byte* copy = inode->Data != null ? null : (byte*)Heap.Allocate(size + 1);
        byte* image = copy != null ? copy : inode->Data;
        if (image == null) return -Errno.ENOMEM;
        if (copy != null) PageCache.ReadKernel(inode, copy, size, 0);
        int r = ProcessRestore.Run(image, size, Text.Address(ref s_restored));
        Heap.Free(copy);
        if (r > 0) ImageComplaint.Say(Text.Address(ref s_restored), 0, "%llu"u8, (ulong)r, 0, 0);
        return r;
    }

    private static int ShowLastPid(TextBuffer* text, Task* task, void* context)
    {
        text->Format("%d\n"u8, (ulong)TaskList.LastPid);
        return 0;
    }

    /// <summary>The next process gets the number after this one (proc_sys_kernel(5)).</summary>
    private static long SetLastPid(File* file, Task* task, byte* text, ulong count, long position)
    {
        if (!Permission.Capable(Cap.SysAdmin)) return -Errno.EPERM;
        byte* cursor = text;
        if (!Text.ParseUnsigned(ref cursor, text + count, out ulong pid) || pid >= TaskList.MaxPid) return -Errno.EINVAL;
        TaskList.SetLastPid((int)pid);
        return (long)count;
    }
}
