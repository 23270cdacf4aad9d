namespace CoSim.Os;

/// <summary>A file whose text a function makes.</summary>
public unsafe struct ProcNode
{
    public byte* Name;
    public int NameLength;
    public uint Mode;
    public ProcKind Kind;

    /// <summary>(buffer, task of /proc/PID or null, context): 0 or -errno.</summary>
    public delegate*<TextBuffer*, Task*, void*, int> Show;

    /// <summary>(file, task or null, kernel copy of the text, its length, file position): bytes taken or -errno. Texts of a page or more are refused with EINVAL.</summary>
    public delegate*<File*, Task*, byte*, ulong, long, long> Write;

    /// <summary>Namespace links: the object, with a reference, or null.</summary>
    public delegate*<Task*, Inode*> Namespace;

    /// <summary>Links to files of the process: the entry, with a reference, or null.</summary>
    public delegate*<Task*, Dentry*> Target;
    public void* Context;

    /// <summary>Only in the directories of processes, not in those of threads.</summary>
    public bool OfProcesses;
    public ProcNode* Next;
}

/// <summary>What a name of /proc stands for.</summary>
public enum ProcKind { File, NamespaceLink, TargetLink }

/// <summary>/proc: files by registration, and a directory for every process, made when somebody looks.</summary>
public static unsafe partial class ProcFs
{
    private static FileOps s_fileOps;
    private static InodeOps s_rootOps, s_linkOps, s_fdOps, s_fdLinkOps;
    private static ProcNode* s_taskNodes, s_namespaceNodes;

    public static Dentry* Root;

    /// <summary>st_dev of /proc.</summary>
    public const uint Device = 20;

    /// <summary>Adds a file; the path may have directories, which are made. <paramref name="write"/> may be null.</summary>
    public static void AddFile(System.ReadOnlySpan<byte> path, uint mode, delegate*<TextBuffer*, Task*, void*, int> show, delegate*<File*, Task*, byte*, ulong, long, long> write) =>
        AddFileUnder(Root, path, mode, show, write, null);

    /// <summary>Adds a file to every /proc/PID and /proc/PID/task/TID.</summary>
    public static void AddTaskFile(System.ReadOnlySpan<byte> name, uint mode, delegate*<TextBuffer*, Task*, void*, int> show, delegate*<File*, Task*, byte*, ulong, long, long> write) =>
        AddNode(name, mode, show, write);

    /// <summary>Adds a file to every /proc/PID, but not to the directories of threads.</summary>
    public static void AddProcessFile(System.ReadOnlySpan<byte> name, uint mode, delegate*<TextBuffer*, Task*, void*, int> show, delegate*<File*, Task*, byte*, ulong, long, long> write) =>
        AddNode(name, mode, show, write)->OfProcesses = true;

    private static ProcNode* AddNode(System.ReadOnlySpan<byte> name, uint mode, delegate*<TextBuffer*, Task*, void*, int> show, delegate*<File*, Task*, byte*, ulong, long, long> write)
    {
        ProcNode* n = NewNode(name, FileMode.Regular | mode, ProcKind.File);
        n->Show = show;
        n->Write = write;
        n->Next = s_taskNodes;
        s_taskNodes = n;
        return n;
    }

    /// <summary>Adds a link to every /proc/PID/ns. The link reads "name-before-underscore:[inode number]".</summary>
    public static void AddTaskNamespace(System.ReadOnlySpan<byte> name, delegate*<Task*, Inode*> get)
    {
        ProcNode* n = NewNode(name, FileMode.Link | 0x1FF, ProcKind.NamespaceLink);
        n->Namespace = get;
        n->Next = s_namespaceNodes;
        s_namespaceNodes = n;
    }

    private static void AddTaskLink(System.ReadOnlySpan<byte> name, delegate*<Task*, Dentry*> target)
    {
        ProcNode* n = NewNode(name, FileMode.Link | 0x1FF, ProcKind.TargetLink);
        n->Target = target;
        n->Next = s_taskNodes;
        s_taskNodes = n;
    }

    private static ProcNode* NewNode(System.ReadOnlySpan<byte> name, uint mode, ProcKind kind)
    {
        ProcNode* n = Heap.New<ProcNode>();
        n->Name = Text.Literal(name);
        n->NameLength = name.Length;
        n->Mode = mode;
        n->Kind = kind;
        return n;
    }

    /// <summary>Adds a generated file below any directory (also used for /sys).</summary>
    public static void AddFileUnder(Dentry* root, System.ReadOnlySpan<byte> path, uint mode, delegate*<TextBuffer*, Task*, void*, int> show, delegate*<File*, Task*, byte*, ulong, long, long> write, void* context)
    {
        Dentry* at = root;
        Dentry.Get(at);
        byte* name = Text.Literal(path);
        int left = path.Length;
        for (; ; )
        {
            int n = 0;
            while (n < left && name[n] != '/') n++;
            if (n == left) break;
            Dentry* next = Vfs.MakeDirectory(at, name, n);
            next->Inode->Device = root->Inode->Device;
            Dentry.Put(at);
            at = next;
            name += n + 1;
            left -= n + 1;
        }
        ProcNode* node = NewNode(path, FileMode.Regular | mode, ProcKind.File);
        node->Show = show;
        node->Write = write;
        node->Context = context;
        Inode* inode = Inode.Create(FileMode.Regular | mode, Text.Address(ref s_fileOps));
        inode->Device = root->Inode->Device;
        inode->Private = node;
        Vfs.Add(at, name, left, inode, out Dentry* d);
        Dentry.Put(d);
        Dentry.Put(at);
    }

    private static long Read(File* f, ulong user, ulong count, ulong* position)
    {
        ProcNode* node = (ProcNode*)f->Inode->Private;
        int pid = f->Inode->Owner;
        Task* t = pid == 0 ? null : TaskList.Find(pid);
        if (pid != 0 && t == null) return -Errno.ESRCH;
        if (node->Show == null) return -Errno.EINVAL;
        long r = -Errno.ENOMEM;
        for (int capacity = 2048; capacity <= 1 << 20; capacity *= 4)
        {
            byte* memory = (byte*)Heap.Allocate((ulong)capacity);
            if (memory == null) break;
            TextBuffer text = new TextBuffer(memory, capacity);
            r = node->Show(&text, t, node->Context);
            if (r == 0 && text.Dropped == 0)
            {
                ulong at = *position;
                ulong n = at >= (ulong)text.Length ? 0 : Bits.Min(count, (ulong)text.Length - at);
                r = n != 0 && UserMemory.CopyTo(user, memory + at, n) != 0 ? -Errno.EFAULT : (long)n;
                if (r > 0) *position += (ulong)r;
                Heap.Free(memory);
                break;
            }
            Heap.Free(memory);
            if (r != 0) break;
            r = -Errno.ENOMEM;
        }
        if (t != null) TaskList.Put(t);
        return r;
    }

    private static long Write(File* f, ulong user, ulong count, ulong* position)
    {
        ProcNode* node = (ProcNode*)f->Inode->Private;
        if (node->Write == null) return -Errno.EIO;
        if (count >= 4096) return -Errno.EINVAL;
        byte* copy = (byte*)Heap.Allocate(count + 1);
        if (copy == null) return -Errno.ENOMEM;
        long r = UserMemory.CopyFrom(copy, user, count);
        if (r == 0)
        {
            int pid = f->Inode->Owner;
            Task* t = pid == 0 ? null : TaskList.Find(pid);
            // The handler decides what a missing process means: its checks of the text come first.
            r = node->Write(f, t, copy, count, (long)*position);
            if (t != null) TaskList.Put(t);
        }
        Heap.Free(copy);
        return r;
    }
}
