namespace CoSim.Os;

/// <summary>Finding everything that the processes use, and whether an image can hold it.</summary>
internal static unsafe partial class ProcessDump
{
    private static int Collect(ThreadGroup* root, ImageObjects* o)
    {
        int r = CollectGroup(root, o);
        for (int i = 0; r == 0 && i < o->Tasks.Count; i++) r = CollectTask((Task*)o->Tasks.At((ulong)i), o);
        for (int i = 0; r == 0 && i < o->Tables.Count; i++) r = CollectFiles((FileTable*)o->Tables.At((ulong)i), o);
        for (int i = 0; r == 0 && i < o->Memories.Count; i++) r = CollectMappings((AddressSpace*)o->Memories.At((ulong)i), o);
        return r;
    }

    private static int CollectGroup(ThreadGroup* g, ImageObjects* o)
    {
        // Depth first: a parent's number is lower than its children's.
        if (o->Groups.Append(g) < 0) return OutOfMemory(o);
        Task* t = g->Leader;
        do
        {
            if (o->Tasks.Append(t) < 0) return OutOfMemory(o);
            t = t->NextInGroup;
        } while (t != g->Leader);
        for (ThreadGroup* child = g->FirstChild; child != null; child = child->NextSibling)
        {
            int r = CollectGroup(child, o);
            if (r != 0) return r;
        }
        return 0;
    }

    private static int CollectTask(Task* t, ImageObjects* o)
    {
        if (t->Mm == null) return AddUsers(t->Cred->UserNs, o) ? 0 : OutOfMemory(o); // ended: only its status is left
        if (t->Fs->Root->Unlinked || t->Fs->Working->Unlinked) return Refuse(o, "thread %llu has a root or working directory that has been removed"u8, t);
        bool ok = CollectNamespaces(t, o) && o->Tables.Add(t->Files) >= 0 && o->Memories.Add(t->Mm) >= 0 && o->Places.Add(t->Fs) >= 0 && o->Handlers.Add(t->Handlers) >= 0;
        return ok ? 0 : OutOfMemory(o);
    }

    private static int Refuse(ImageObjects* o, System.ReadOnlySpan<byte> what, Task* t) =>
        ImageComplaint.Say(&o->Complaint, Errno.EOPNOTSUPP, what, (ulong)t->Pid, 0, 0);

    private static int CollectFiles(FileTable* table, ImageObjects* o)
    {
        for (int fd = 0; fd < table->Capacity; fd++)
        {
            File* f = table->Files[fd];
            if (f == null || o->Files.Find(f) >= 0) continue;
            if (o->Files.Append(f) < 0) return OutOfMemory(o);
            ImageFileKind kind = KindOf(f);
            if (kind == 0)
            {
                ImageComplaint.Say(&o->Complaint, 0, "process %llu: descriptor %llu, %s, is of a kind that cannot be saved"u8, OwnerOf(table, o), (ulong)fd, (ulong)f->Dentry->Name);
                return -Errno.EOPNOTSUPP;
            }
            if (!ComesAlong(f, kind, o))
            {
                ImageComplaint.Say(&o->Complaint, 0, "process %llu: descriptor %llu, %s, is of a process that does not come along"u8, OwnerOf(table, o), (ulong)fd, (ulong)f->Dentry->Name);
                return -Errno.EOPNOTSUPP;
            }
            bool ok = kind != ImageFileKind.Namespace || AddNamespace(f, o);
            if (kind == ImageFileKind.Regular) ok = o->Inodes.Add(f->Inode) >= 0;
            if (kind is ImageFileKind.PipeReader or ImageFileKind.PipeWriter) ok = o->Pipes.Add(f->Private) >= 0;
            if (kind == ImageFileKind.MessageQueue) ok = o->Queues.Add(f->Inode) >= 0;
            if (!ok) return OutOfMemory(o);
        }
        return 0;
    }

    /// <summary>What a file is to an image; 0 for what it cannot hold.</summary>
    private static ImageFileKind KindOf(File* f)
    {
        if (f->Ops == Pipe.ReaderOps) return ImageFileKind.PipeReader;
        if (f->Ops == Pipe.WriterOps) return ImageFileKind.PipeWriter;
        if (f->Ops == EventFd.FileOps) return ImageFileKind.EventFd;
        if (f->Ops == Epoll.FileOps) return ImageFileKind.Epoll;
        if (f->Ops == Timekeeping.TimerFds.Ops) return ImageFileKind.TimerFd;
        if (PidFd.Of(f) != null) return ImageFileKind.Process;
        if (NamespaceFiles.IsNamespace(f->Inode)) return (f->Flags & OpenFlags.Path) == 0 ? ImageFileKind.Namespace : 0;
        if (MessageQueues.Of(f) != null) return ImageFileKind.MessageQueue;
        if (f->Ops == RamFs.FileOps && f->Inode->Type == FileMode.Regular) return ImageFileKind.Regular;
        // By name: devices, directories, files of /proc and /sys. Those of a process are opened again once it is there.
        bool known = f->Inode->Type is FileMode.Character or FileMode.Directory or FileMode.Regular;
        if (f->Inode->Owner != 0) return known ? ImageFileKind.OfProcess : 0;
        return known && f->Dentry->Parent != f->Dentry && !f->Dentry->Unlinked ? ImageFileKind.Path : 0;
    }

    private static int CollectMappings(AddressSpace* mm, ImageObjects* o)
    {
        if (mm->Executable != null && o->Inodes.Add(mm->Executable->Inode) < 0) return OutOfMemory(o);
        for (Vma* v = mm->First; v != null; v = v->Next)
            if (v->Inode != null && o->Inodes.Add(v->Inode) < 0) return OutOfMemory(o);
        return 0;
    }
}
