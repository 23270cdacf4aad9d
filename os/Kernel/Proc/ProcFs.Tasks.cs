namespace CoSim.Os;

/// <summary>The directories of processes.</summary>
public static unsafe partial class ProcFs
{
    /// <summary>Builds the root of /proc and registers the files of this folder.</summary>
    public static void Initialize()
    {
        s_fileOps.Read = &Read;
        s_fileOps.Write = &Write;
        s_fileOps.Seekable = s_fileOps.NoPositionedWrite = true;
        s_rootOps.Lookup = &LookupRoot;
        s_rootOps.Iterate = &IterateRoot;
        s_linkOps.ReadLink = &ReadLink;
        s_linkOps.FollowLink = &FollowLink;
        InitializeFdInfo();
        InitializeThreads();
        s_fdOps.Lookup = &LookupFd;
        s_fdOps.Iterate = &IterateFd;
        s_fdLinkOps.ReadLink = &ReadFdLink;
        s_fdLinkOps.FollowLink = &FollowFdLink;
        Root = RamFs.CreateRoot();
        Root->Inode->Device = Device;
        Root->Inode->Ops = Text.Address(ref s_rootOps);
        Root->Inode->Mode = FileMode.Directory | 0x16D;
        AddSelfLinks();
        AddTaskLink("exe"u8, &TargetExe);
        AddTaskLink("cwd"u8, &TargetCwd);
        AddTaskLink("root"u8, &TargetRoot);
        AddSystemFiles();
        AddTaskFiles();
    }

    private static Dentry* TargetExe(Task* t)
    {
        Dentry* d = t->Mm == null ? null : t->Mm->Executable;
        if (d != null) Dentry.Get(d);
        return d;
    }

    private static Dentry* TargetCwd(Task* t)
    {
        Dentry* d = t->Fs == null ? null : t->Fs->Working;
        if (d != null) Dentry.Get(d);
        return d;
    }

    private static Dentry* TargetRoot(Task* t)
    {
        Dentry* d = t->Fs == null ? null : t->Fs->Root;
        if (d != null) Dentry.Get(d);
        return d;
    }

    private static bool ParsePid(byte* name, int n, out int pid)
    {
        pid = 0;
        for (int i = 0; i < n; i++)
        {
            if (name[i] < '0' || name[i] > '9' || i > 8) return false;
            pid = pid * 10 + name[i] - '0';
        }
        return n > 0 && (name[0] != '0' || n == 1);
    }

    private static Dentry* LookupRoot(Dentry* root, byte* name, int n)
    {
        if (ParsePid(name, n, out int pid)) return TaskDirectory(root, pid);
        Dentry* d = Dentry.FindChild(root, name, n);
        if (d != null) Dentry.Get(d);
        return d;
    }

    private static void IterateRoot(Dentry* root, DirectoryWriter* w)
    {
        byte* name = stackalloc byte[12];
        ulong flags = TaskList.Lock.AcquireIrqSave();
        // Ascending pids from the position on; the list is in order of creation, so this is quadratic only after a wrap.
        ulong from = w->Position > DirectoryWriter.DynamicBase ? w->Position - DirectoryWriter.DynamicBase : 1;
        for (Task* t = TaskList.First; t != null; t = t->NextTask)
        {
            if (t->Group->Leader != t || (ulong)t->Group->Id < from) continue;
            TextBuffer text = new TextBuffer(name, 12);
            text.PutDecimal((ulong)t->Group->Id);
            if (!w->Emit(name, text.Length, 0x1000_0000 + (ulong)t->Group->Id, FileMode.Directory, DirectoryWriter.DynamicBase + (ulong)t->Group->Id)) break;
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Makes the directory of a process; it lives as long as somebody uses it.</summary>
    private static Dentry* TaskDirectory(Dentry* root, int pid)
    {
        Task* t = TaskList.Find(pid);
        if (t == null) return null;
        byte* name = stackalloc byte[12];
        TextBuffer text = new TextBuffer(name, 12);
        text.PutDecimal((ulong)pid);
        Dentry* directory = NewDirectory(root, name, text.Length, pid, 0x1000_0000 + (ulong)pid, ListedByAll, t);
        if (directory != null) Fill(directory, pid, t, true);
        TaskList.Put(t);
        return directory;
    }

    /// <summary>The files and directories of a process, or of a thread, which has those that are not about the process as a whole.</summary>
    private static void Fill(Dentry* directory, int pid, Task* t, bool process)
    {
        Populate(directory, s_taskNodes, pid, t, process);
        Dentry* ns = NewDirectory(directory, Text.Literal("ns"u8), 2, pid, 0, EnteredByAll, t);
        if (ns != null)
        {
            Populate(ns, s_namespaceNodes, pid, t, true);
            Dentry.Attach(directory, ns);
        }
        Dentry* fd = NewDirectory(directory, Text.Literal("fd"u8), 2, pid, 0, ListedByOwner, t);
        if (fd != null)
        {
            fd->Inode->Ops = Text.Address(ref s_fdOps);
            Dentry.Attach(directory, fd);
        }
        AddFdInfo(directory, pid, t);
        if (process) AddThreads(directory, pid, t);
    }

    private static Dentry* NewDirectory(Dentry* parent, byte* name, int n, int pid, ulong number, uint mode, Task* t)
    {
        Inode* inode = Inode.Create(FileMode.Directory | mode, RamFs.DirectoryOps);
        if (inode == null) return null;
        inode->Device = Device;
        inode->Owner = pid;
        // What all may list belongs to the process also while nobody may look into that.
        if (mode == ListedByAll || t->Mm != null && !t->Mm->NotDumpable) SetOwner(inode, t);
        inode->Links = 2;
        if (number != 0) inode->Number = number;
        inode->Destroy = null;
        Dentry* d = Dentry.Create(name, n, inode);
        if (d != null) d->Parent = parent;
        return d;
    }

    private static void SetOwner(Inode* inode, Task* t)
    {
        inode->Uid = t->Cred->Euid;
        inode->Gid = t->Cred->Egid;
    }

    private static void Populate(Dentry* directory, ProcNode* nodes, int pid, Task* t, bool process)
    {
        for (ProcNode* n = nodes; n != null; n = n->Next)
        {
            if (n->OfProcesses && !process) continue;
            Inode* inode = Inode.Create(n->Mode, n->Kind == ProcKind.File ? Text.Address(ref s_fileOps) : null);
            if (inode == null) return;
            inode->Device = Device;
            inode->Private = n;
            inode->Owner = pid;
            if (t->Mm != null && !t->Mm->NotDumpable) SetOwner(inode, t);
            if (n->Kind != ProcKind.File) inode->Ops = Text.Address(ref s_linkOps);
            Dentry* d = Dentry.Create(n->Name, n->NameLength, inode);
            if (d != null) Dentry.Attach(directory, d);
        }
    }

    private static int ReadLink(Inode* link, byte* to, int capacity)
    {
        ProcNode* n = (ProcNode*)link->Private;
        Task* t = TaskList.Find(link->Owner);
        if (t == null) return -Errno.ENOENT;
        int r = -Errno.ENOENT;
        TextBuffer text = new TextBuffer(to, capacity);
        if (!Permission.Inspect(t)) r = -Errno.EACCES;
        else if (n->Kind == ProcKind.NamespaceLink)
        {
            Inode* ns = n->Namespace(t);
            if (ns != null)
            {
                PutNamespaceName(&text, n, ns->Number);
                Inode.Put(ns);
                r = text.Length;
            }
        }
        else
        {
            Dentry* d = n->Target(t);
            if (d != null)
            {
                // The walk holds the lock of the tree, PathOf takes it.
                Vfs.Lock.Release();
                r = Vfs.PathOf(d, to, capacity);
                Dentry.Put(d);
                Vfs.Lock.Acquire();
            }
        }
        TaskList.Put(t);
        return r;
    }

    private static void PutNamespaceName(TextBuffer* text, ProcNode* n, ulong number)
    {
        for (int i = 0; i < n->NameLength && n->Name[i] != '_'; i++) text->Put(n->Name[i]);
        text->Format(":[%llu]"u8, number);
    }

    private static Dentry* FollowLink(Inode* link, out int error)
    {
        error = -Errno.ENOENT;
        ProcNode* n = (ProcNode*)link->Private;
        Task* t = TaskList.Find(link->Owner);
        if (t == null) return null;
        error = -Errno.ENOENT;
        Dentry* d = null;
        if (!Permission.Inspect(t)) error = -Errno.EACCES;
        else if (n->Kind == ProcKind.NamespaceLink)
        {
            Inode* ns = n->Namespace(t);
            if (ns != null)
            {
                byte* name = stackalloc byte[40];
                TextBuffer text = new TextBuffer(name, 40);
                PutNamespaceName(&text, n, ns->Number);
                d = Dentry.Create(name, text.Length, ns);
            }
        }
        else d = n->Target(t);
        TaskList.Put(t);
        return d;
    }

    private static File* FileOf(int pid, int fd)
    {
        Task* t = TaskList.Find(pid);
        if (t == null) return null;
        FileTable* table = t->Files;
        File* f = null;
        if (table != null && (uint)fd < (uint)table->Capacity)
        {
            table->Lock.Acquire();
            f = table->Files[fd];
            if (f != null) File.Get(f);
            table->Lock.Release();
        }
        TaskList.Put(t);
        return f;
    }

    /// <summary>Whether a directory has the running process's own descriptors, which it may list whoever owns it.</summary>
    public static bool IsOwnDescriptors(Inode* directory) =>
        directory->Ops == Text.Address(ref s_fdOps) && directory->Owner == Cpu.CurrentTask->Group->Id;

    private static Dentry* LookupFd(Dentry* directory, byte* name, int n)
    {
        if (!ParsePid(name, n, out int fd)) return null;
        File* f = FileOf(directory->Inode->Owner, fd);
        if (f == null) return null;
        Inode* inode = Inode.Create(FileMode.Link | 0x1C0, null);
        inode->Ops = Text.Address(ref s_fdLinkOps);
        inode->Owner = directory->Inode->Owner;
        inode->SpecialDevice = (ulong)fd;
        inode->Device = Device;
        File.Put(f);
        Dentry* d = Dentry.Create(name, n, inode);
        if (d != null) d->Parent = directory;
        return d;
    }

    private static void IterateFd(Dentry* directory, DirectoryWriter* w)
    {
        byte* name = stackalloc byte[12];
        Task* t = TaskList.Find(directory->Inode->Owner);
        if (t == null) return;
        FileTable* table = t->Files;
        for (int fd = 0; table != null && fd < table->Capacity; fd++)
        {
            if (table->Files[fd] == null) continue;
            TextBuffer text = new TextBuffer(name, 12);
            text.PutDecimal((ulong)fd);
            if (!w->Emit(name, text.Length, 0x2000_0000 + (ulong)fd, FileMode.Link, DirectoryWriter.DynamicBase + (ulong)fd)) break;
        }
        TaskList.Put(t);
    }

    private static int ReadFdLink(Inode* link, byte* to, int capacity)
    {
        File* f = FileOf(link->Owner, (int)link->SpecialDevice);
        if (f == null) return -Errno.ENOENT;
        int r;
        if (f->Inode->Device == AnonymousFile.Device || NamespaceFiles.IsNamespace(f->Inode))
        {
            TextBuffer text = new TextBuffer(to, capacity);
            text.Put(f->Dentry->Name, f->Dentry->NameLength);
            if (f->Inode->Type == FileMode.Fifo) text.Format("[%llu]"u8, f->Inode->Number);
            r = text.Length;
        }
        else
        {
            Vfs.Lock.Release();
            r = Vfs.PathOf(f->Dentry, to, capacity);
            Vfs.Lock.Acquire();
        }
        File.Put(f);
        return r;
    }

    private static Dentry* FollowFdLink(Inode* link, out int error)
    {
        error = -Errno.ENOENT;
        File* f = FileOf(link->Owner, (int)link->SpecialDevice);
        if (f == null) return null;
        Dentry* d = f->Dentry;
        Dentry.Get(d);
        File.Put(f);
        return d;
    }
}
