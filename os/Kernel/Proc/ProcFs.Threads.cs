namespace CoSim.Os;

/// <summary>/proc/PID/task, a directory for every thread (proc(5)), and the links self and thread-self.</summary>
public static unsafe partial class ProcFs
{
    private const uint ListedByAll = 0x16D, ListedByOwner = 0x140, EnteredByAll = 0x149;

    private static InodeOps s_threadsOps, s_selfOps, s_threadSelfOps;

    private static void InitializeThreads()
    {
        s_threadsOps.Lookup = &LookupThread;
        s_threadsOps.Iterate = &IterateThreads;
        s_selfOps.ReadLink = &ReadSelf;
        s_threadSelfOps.ReadLink = &ReadThreadSelf;
    }

    private static void AddSelfLinks()
    {
        AddLink("self"u8, Text.Address(ref s_selfOps));
        AddLink("thread-self"u8, Text.Address(ref s_threadSelfOps));
    }

    private static void AddLink(System.ReadOnlySpan<byte> name, InodeOps* ops)
    {
        Inode* inode = Inode.Create(FileMode.Link | 0x1FF, null);
        inode->Device = Device;
        inode->Ops = ops;
        Vfs.Add(Root, Text.Literal(name), name.Length, inode, out Dentry* d);
        Dentry.Put(d);
    }

    private static int ReadSelf(Inode* link, byte* to, int capacity)
    {
        TextBuffer text = new(to, capacity);
        text.PutDecimal((ulong)Cpu.CurrentTask->Group->Id);
        return text.Length;
    }

    private static int ReadThreadSelf(Inode* link, byte* to, int capacity)
    {
        TextBuffer text = new(to, capacity);
        text.Format("%d/task/%d"u8, (ulong)Cpu.CurrentTask->Group->Id, (ulong)Cpu.CurrentTask->Pid);
        return text.Length;
    }

    private static void AddThreads(Dentry* directory, int pid, Task* t)
    {
        Dentry* d = NewDirectory(directory, Text.Literal("task"u8), 4, pid, 0, ListedByAll, t);
        if (d == null) return;
        d->Inode->Ops = Text.Address(ref s_threadsOps);
        Dentry.Attach(directory, d);
    }

    private static Dentry* LookupThread(Dentry* directory, byte* name, int n)
    {
        if (!ParsePid(name, n, out int pid)) return null;
        Task* process = TaskList.Find(directory->Inode->Owner), thread = TaskList.Find(pid);
        Dentry* found = process != null && thread != null && process->Group == thread->Group ? ThreadDirectory(directory, name, n, thread) : null;
        if (process != null) TaskList.Put(process);
        if (thread != null) TaskList.Put(thread);
        return found;
    }

    private static Dentry* ThreadDirectory(Dentry* parent, byte* name, int n, Task* t)
    {
        Dentry* d = NewDirectory(parent, name, n, t->Pid, 0x3000_0000 + (ulong)t->Pid, ListedByAll, t);
        if (d != null) Fill(d, t->Pid, t, false);
        return d;
    }

    private static void IterateThreads(Dentry* directory, DirectoryWriter* w)
    {
        byte* name = stackalloc byte[12];
        Task* process = TaskList.Find(directory->Inode->Owner);
        if (process == null) return;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (Task* t = TaskList.First; t != null; t = t->NextTask)
        {
            if (t->Group != process->Group) continue;
            TextBuffer text = new(name, 12);
            text.PutDecimal((ulong)t->Pid);
            if (!w->Emit(name, text.Length, 0x3000_0000 + (ulong)t->Pid, FileMode.Directory, DirectoryWriter.DynamicBase + (ulong)t->Pid)) break;
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        TaskList.Put(process);
    }
}
