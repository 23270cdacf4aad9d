namespace CoSim.Os;

/// <summary>Files, pipes, timers and event counters from an image.</summary>
internal static unsafe partial class ProcessRestore
{
    private const ulong LargestFile = 1UL << 36;

    private static int LoadInode(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word(), mode = r->Word(), size = r->Word();
        bool unnamed = r->Flag();
        long modified = r->Signed();
        ulong length = r->Word();
        byte* path = r->Bytes(length);
        if (r->Bad || size > LargestFile || length >= Vfs.PathMax || (mode & FileMode.TypeMask) != FileMode.Regular) return -Errno.EINVAL;
        Dentry* name = null;
        Inode* inode;
        if (length == 0)
        {
            inode = Inode.Create((uint)mode, RamFs.FileOps);
            if (inode == null) return -Errno.ENOMEM;
            inode->Unnamed = unnamed;
            inode->Size = unnamed ? size : 0;
            if (!unnamed) name = NameDeleted(inode);
        }
        else
        {
            int error = FindOrCreate(s, path, length, (uint)mode, out name);
            if (error != 0) return error;
            inode = name->Inode;
            Inode.Get(inode);
        }
        if (!unnamed && inode->Size != size)
        {
            PageCache.Truncate(inode, 0);
            PageCache.Truncate(inode, size);
            inode->ModifiedNs = modified;
        }
        int result = Number(s, &s->Objects.Inodes, id, inode);
        if (result == 0 && s->Names.Append(name) >= 0) return 0;
        if (result != 0) Inode.Put(inode);
        Dentry.Put(name);
        return result != 0 ? result : -Errno.ENOMEM;
    }

    /// <summary>A name for a file that has been deleted, so that it can be opened; null when memory is out.</summary>
    private static Dentry* NameDeleted(Inode* inode)
    {
        Inode.Get(inode);
        Dentry* d = Dentry.Create(Text.Literal("deleted"u8), 7, inode);
        if (d == null) Inode.Put(inode);
        else d->Unlinked = true;
        return d;
    }

    private static int FindOrCreate(State* s, byte* path, ulong length, uint mode, out Dentry* name)
    {
        name = null;
        Vfs.Walk walk;
        int error = Resolve(path, length, &walk, out byte* text);
        if (error == -Errno.ENOENT && MakeParents(path, length) == 0)
        {
            Heap.Free(text);
            error = Resolve(path, length, &walk, out text);
        }
        bool walked = error == 0;
        if (walked && walk.Entry == null)
        {
            Inode* inode = Inode.Create(mode, RamFs.FileOps);
            error = inode == null ? -Errno.ENOMEM : Vfs.Add(walk.Parent, walk.Name, walk.NameLength, inode, out name);
        }
        else if (walked && walk.Entry->Inode->FileOps != RamFs.FileOps) error = -Errno.EEXIST;
        else if (walked)
        {
            name = walk.Entry;
            Dentry.Get(name);
        }
        if (error != 0 && text != null) ImageComplaint.Say(&s->Objects.Complaint, 0, "cannot restore the file %s: error %llu"u8, (ulong)text, (ulong)-error, 0);
        if (walked) walk.Release();
        Heap.Free(text);
        return error;
    }

    /// <summary>Walks a path of the image. With 0 the walk must be released; the text holds its last name.</summary>
    private static int Resolve(byte* path, ulong length, Vfs.Walk* walk, out byte* text)
    {
        *walk = default;
        text = (byte*)Heap.Allocate(Vfs.PathMax);
        if (text == null) return -Errno.ENOMEM;
        Text.Copy(text, path, length);
        return Vfs.Resolve(Vfs.Root, text, true, walk);
    }

    private static int LoadContent(State* s)
    {
        Inode* inode = (Inode*)s->Objects.Inodes.At(s->Reader.Word());
        ulong index = s->Reader.Word();
        byte* bytes = s->Reader.Bytes(KernelMap.PageSize);
        if (inode == null || bytes == null) return -Errno.EINVAL;
        if (inode->Unnamed ? index >= LargestFile >> 12 : index << 12 >= inode->Size) return -Errno.EINVAL;
        ulong page = PageCache.Get(inode, index, true, out _);
        if (page == 0) return -Errno.ENOMEM;
        Text.Copy(DirectMap.Pointer(page), bytes, KernelMap.PageSize);
        Pages.Put(page);
        return 0;
    }

    private static int LoadPipe(State* s)
    {
        ulong id = s->Reader.Word();
        Pipe* p = Pipe.Load(&s->Reader);
        if (p == null) return s->Reader.Bad ? -Errno.EINVAL : -Errno.ENOMEM;
        int r = Number(s, &s->Objects.Pipes, id, p);
        if (r != 0) Pipe.FreeUnused(p);
        return r;
    }

    private static int LoadFile(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word();
        ImageFileKind kind = (ImageFileKind)r->Word();
        int flags = r->Int();
        ulong position = r->Word();
        ulong* detail = stackalloc ulong[8];
        for (int i = 0; i < 8; i++) detail[i] = r->Word();
        ulong length = r->Word();
        byte* path = r->Bytes(length);
        if (r->Bad || length >= Vfs.PathMax) return -Errno.EINVAL;
        File* f = null;
        int error = -Errno.EINVAL;
        Pipe* pipe = kind is ImageFileKind.PipeReader or ImageFileKind.PipeWriter ? (Pipe*)s->Objects.Pipes.At(detail[0]) : null;
        switch (kind)
        {
            case ImageFileKind.Regular:
                Dentry* name = (Dentry*)s->Names.At(detail[0]);
                if (name != null) f = File.Open(name, flags, out error);
                break;
            case ImageFileKind.Path:
                f = OpenByName(s, path, length, flags, out error);
                break;
            case ImageFileKind.PipeReader or ImageFileKind.PipeWriter:
                if (pipe != null) f = Pipe.LoadEnd(pipe, kind == ImageFileKind.PipeWriter, flags);
                break;
            case ImageFileKind.EventFd:
                f = EventFd.Load(detail, flags);
                break;
            case ImageFileKind.TimerFd:
                f = Timekeeping.TimerFds.Load(detail, flags, &s->Clock);
                break;
            case ImageFileKind.Epoll:
                f = Epoll.Load(flags);
                break;
            case ImageFileKind.Process:
                ThreadGroup* g = FindGroup(s, (int)detail[0]);
                if (g != null || detail[0] == 0) f = PidFd.Load(g, flags);
                break;
            case ImageFileKind.Namespace:
                f = LoadNamespaceFile(s, detail, flags);
                break;
            case ImageFileKind.MessageQueue:
                Dentry* queue = (Dentry*)s->Objects.Queues.At(detail[0]);
                if (queue != null) f = File.Open(queue, flags, out error);
                break;
            case ImageFileKind.OfProcess:
                f = OpenLater(s, path, length, flags, out error);
                break;
        }
        if (f == null) return error == 0 ? -Errno.EINVAL : error;
        f->Position = position;
        error = Number(s, &s->Objects.Files, id, f);
        if (error != 0) File.Put(f);
        return error;
    }

    private static File* OpenByName(State* s, byte* path, ulong length, int flags, out int error)
    {
        File* f = null;
        Vfs.Walk walk;
        error = Resolve(path, length, &walk, out byte* text);
        if (error == 0)
        {
            error = -Errno.ENOENT;
            if (walk.Entry != null) f = File.Open(walk.Entry, flags, out error);
            walk.Release();
        }
        if (f == null && text != null) ImageComplaint.Say(&s->Objects.Complaint, 0, "cannot open %s: error %llu"u8, (ulong)text, (ulong)-error, 0);
        Heap.Free(text);
        return f;
    }

    private static int LoadWatch(State* s)
    {
        File* set = (File*)s->Objects.Files.At(s->Reader.Word());
        int fd = s->Reader.Int();
        File* target = (File*)s->Objects.Files.At(s->Reader.Word());
        return set == null || target == null ? -Errno.EINVAL : Epoll.LoadWatch(set, target, &s->Reader, fd);
    }

    private static int LoadTable(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word(), capacity = r->Word(), open = r->Word();
        if (r->Bad || capacity == 0 || capacity > FileTable.Max || open > capacity) return -Errno.EINVAL;
        FileTable* t = FileTable.Create((int)capacity);
        if (t == null) return -Errno.ENOMEM;
        int error = 0;
        for (ulong i = 0; i < open && error == 0; i++)
        {
            ulong fd = r->Word();
            File* f = (File*)s->Objects.Files.At(r->Word());
            bool close = r->Flag();
            if (fd >= capacity || f == null || t->Files[fd] != null || r->Bad)
            {
                error = -Errno.EINVAL;
                break;
            }
            File.Get(f);
            t->Files[fd] = f;
            FileTable.SetCloseOnExec(t, (int)fd, close);
        }
        if (error == 0) error = Number(s, &s->Objects.Tables, id, t);
        if (error != 0) FileTable.Put(t);
        return error;
    }
}
