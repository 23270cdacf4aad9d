namespace CoSim.Os;

/// <summary>Files, pipes, timers and event counters behind descriptors.</summary>
internal static unsafe partial class ProcessDump
{
    private static int WriteFiles(ImageObjects* o, ImageClock* clock, ImageWriter* w)
    {
        byte* path = (byte*)Heap.Allocate(Vfs.PathMax);
        byte* page = (byte*)Heap.Allocate(KernelMap.PageSize);
        if (path == null || page == null) return OutOfMemory(o);
        for (int i = 0; i < o->Inodes.Count; i++) WriteInode((Inode*)o->Inodes.At((ulong)i), (ulong)i, o, path, page, w);
        for (int i = 0; i < o->Pipes.Count; i++) Pipe.Save((Pipe*)o->Pipes.At((ulong)i), (ulong)i, w);
        for (int i = 0; i < o->Queues.Count; i++) WriteQueue((Inode*)o->Queues.At((ulong)i), (ulong)i, o, w);
        for (int i = 0; i < o->Files.Count; i++) WriteFile((File*)o->Files.At((ulong)i), (ulong)i, o, clock, path, w);
        for (int i = 0; i < o->Files.Count; i++)
        {
            File* f = (File*)o->Files.At((ulong)i);
            if (KindOf(f) == ImageFileKind.Epoll) Epoll.Save(f, (ulong)i, o, w);
        }
        for (int i = 0; i < o->Tables.Count; i++) WriteTable((FileTable*)o->Tables.At((ulong)i), (ulong)i, o, w);
        Heap.Free(path);
        Heap.Free(page);
        return 0;
    }

    private static void WriteInode(Inode* inode, ulong id, ImageObjects* o, byte* path, byte* page, ImageWriter* w)
    {
        int length = NameOf(inode, o, path);
        w->Begin(ImageRecord.Inode, 6 + Words(length));
        w->Word(id);
        w->Word(inode->Mode);
        w->Word(inode->Size);
        w->Word(inode->Unnamed);
        w->Word((ulong)inode->ModifiedNs);
        w->Word((ulong)length);
        w->Bytes(path, (ulong)length);
        ulong pages = inode->Unnamed ? inode->PageCapacity : (inode->Size + 4095) >> 12;
        for (ulong i = 0; i < pages; i++)
        {
            if (inode->Unnamed && inode->PageArray[i] == 0) continue;
            Text.Fill(page, 0, KernelMap.PageSize);
            if (inode->Unnamed) Text.Copy(page, DirectMap.Pointer(inode->PageArray[i]), KernelMap.PageSize);
            else PageCache.ReadKernel(inode, page, KernelMap.PageSize, i << 12);
            w->Begin(ImageRecord.Content, 2 + KernelMap.PageSize / 8);
            w->Word(id);
            w->Word(i);
            w->Bytes(page, KernelMap.PageSize);
        }
    }

    private static ulong Words(int bytes) => ((ulong)bytes + 7) / 8;

    /// <summary>The path by which somebody opened or mapped the inode; empty for one that has no name any more.</summary>
    private static int NameOf(Inode* inode, ImageObjects* o, byte* path)
    {
        for (int i = 0; i < o->Files.Count; i++)
        {
            File* f = (File*)o->Files.At((ulong)i);
            if (f->Inode == inode) return NameOf(f->Dentry, path);
        }
        for (int i = 0; i < o->Memories.Count; i++)
        {
            AddressSpace* mm = (AddressSpace*)o->Memories.At((ulong)i);
            if (mm->Executable != null && mm->Executable->Inode == inode) return NameOf(mm->Executable, path);
            for (Vma* v = mm->First; v != null; v = v->Next)
                if (v->Inode == inode && v->Dentry != null) return NameOf(v->Dentry, path);
        }
        return 0;
    }

    private static int NameOf(Dentry* d, byte* path)
    {
        if (d->Parent == d || d->Unlinked) return 0;
        int length = Vfs.PathOf(d, path, Vfs.PathMax);
        return length < 0 ? 0 : length;
    }

    private static void WriteFile(File* f, ulong id, ImageObjects* o, ImageClock* clock, byte* path, ImageWriter* w)
    {
        ImageFileKind kind = KindOf(f);
        int length = kind == ImageFileKind.Path ? NameOf(f->Dentry, path) : kind == ImageFileKind.OfProcess ? NameInProcess(f, path) : 0;
        ulong* detail = stackalloc ulong[8];
        for (int i = 0; i < 8; i++) detail[i] = 0;
        if (kind == ImageFileKind.Regular) detail[0] = o->Inodes.Id(f->Inode);
        if (kind is ImageFileKind.PipeReader or ImageFileKind.PipeWriter) detail[0] = o->Pipes.Id(f->Private);
        if (kind == ImageFileKind.MessageQueue) detail[0] = o->Queues.Id(f->Inode);
        if (kind == ImageFileKind.Process) detail[0] = PidFd.Of(f)->Reaped ? 0 : (ulong)PidFd.Of(f)->Id;
        if (kind == ImageFileKind.Namespace) SaveNamespace(f, o, detail);
        if (kind == ImageFileKind.EventFd) EventFd.Save(f, detail);
        if (kind == ImageFileKind.TimerFd) Timekeeping.TimerFds.Save(f, clock, detail);
        w->Begin(ImageRecord.File, 13 + Words(length));
        w->Word(id);
        w->Word((ulong)kind);
        w->Word((ulong)(uint)f->Flags);
        w->Word(f->Position);
        for (int i = 0; i < 8; i++) w->Word(detail[i]);
        w->Word((ulong)length);
        w->Bytes(path, (ulong)length);
    }

    private static void WriteQueue(Inode* inode, ulong id, ImageObjects* o, ImageWriter* w)
    {
        // By the name under which the first of its files was opened: a queue has only one.
        for (int i = 0; i < o->Files.Count; i++)
        {
            File* f = (File*)o->Files.At((ulong)i);
            if (f->Inode != inode) continue;
            MessageQueue.Save(inode, f->Dentry, id, o, w);
            return;
        }
    }

    private static void WriteTable(FileTable* t, ulong id, ImageObjects* o, ImageWriter* w)
    {
        ulong open = 0;
        for (int fd = 0; fd < t->Capacity; fd++) if (t->Files[fd] != null) open++;
        w->Begin(ImageRecord.Descriptors, 3 + open * 3);
        w->Word(id);
        w->Word((ulong)t->Capacity);
        w->Word(open);
        for (int fd = 0; fd < t->Capacity; fd++)
        {
            if (t->Files[fd] == null) continue;
            w->Word((ulong)fd);
            w->Word(o->Files.Id(t->Files[fd]));
            w->Word(FileTable.IsCloseOnExec(t, fd));
        }
    }
}
