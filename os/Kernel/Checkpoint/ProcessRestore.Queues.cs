namespace CoSim.Os;

/// <summary>Message queues from an image, and directories that its paths need.</summary>
internal static unsafe partial class ProcessRestore
{
    private static int LoadQueue(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word(), mode = r->Word(), uid = r->Word(), gid = r->Word(), owner = r->Word();
        long messages = r->Signed(), size = r->Signed();
        int told = r->Int(), kind = r->Int(), signal = r->Int();
        ulong value = r->Word(), length = r->Word();
        byte* name = r->Bytes(length);
        if (r->Bad || length > Vfs.NameMax || signal is < 0 or > Signal.Max || kind is < 0 or > QueueNotification.ByThread) return -Errno.EINVAL;
        Inode* inode = MessageQueues.Create((uint)mode & 0xFFF, messages, size, out int error);
        if (inode == null) return error;
        inode->Uid = (uint)uid;
        inode->Gid = (uint)gid;
        MessageQueue* q = (MessageQueue*)inode->Private;
        Dentry* entry = null;
        if (!MessageQueues.ChargeTo(q, (uint)owner)) error = -Errno.EMFILE;
        if (error == 0 && length == 0) entry = NameDeleted(inode);
        if (error == 0 && length != 0)
        {
            Inode.Get(inode);
            error = Vfs.Add(MessageQueues.Root, name, (int)length, inode, out entry);
            if (error == -Errno.EEXIST) error = ImageComplaint.Say(&s->Objects.Complaint, Errno.EEXIST, "a message queue of that name is there already"u8, 0, 0, 0);
        }
        Inode.Put(inode);
        if (error == 0 && entry == null) error = -Errno.ENOMEM;
        ThreadGroup* g = told == 0 ? null : FindGroup(s, told);
        if (error == 0 && g != null) QueueNotification.Set(q, g, kind, signal, value);
        if (error == 0) error = Number(s, &s->Objects.Queues, id, entry);
        if (error != 0) Dentry.Put(entry);
        return error;
    }

    /// <summary>Takes the name of a queue away again.</summary>
    private static void RemoveQueue(Dentry* name)
    {
        Vfs.Lock.Acquire();
        bool named = !name->Unlinked;
        if (named) Dentry.Detach(name);
        Vfs.Lock.Release();
        if (named) Dentry.Put(name);
    }

    private static MessageQueue* QueueOf(State* s)
    {
        Dentry* name = (Dentry*)s->Objects.Queues.At(s->Reader.Word());
        return name == null ? null : (MessageQueue*)name->Inode->Private;
    }

    private static int LoadMessage(State* s)
    {
        MessageQueue* q = QueueOf(s);
        s->Message = q == null ? null : MessageQueue.LoadMessage(q, &s->Reader);
        return s->Message == null ? -Errno.EINVAL : 0;
    }

    private static int LoadMessageText(State* s) =>
        QueueOf(s) == null || s->Message == null ? -Errno.EINVAL : MessageQueue.LoadText(s->Message, &s->Reader);

    /// <summary>The directory of a path of the image, with a reference. What is missing of the path is made, with mode 755.</summary>
    private static int FindDirectory(byte* path, ulong length, out Dentry* directory)
    {
        directory = null;
        Vfs.Walk walk;
        int error = Resolve(path, length, &walk, out byte* text);
        bool there = error == 0 && walk.Entry != null;
        if (there)
        {
            directory = walk.Entry;
            Dentry.Get(directory);
        }
        if (error == 0) walk.Release();
        Heap.Free(text);
        if (!there && error is 0 or -Errno.ENOENT) error = MakeDirectories(path, length, out directory);
        if (error == 0 && directory->Inode->Type != FileMode.Directory) error = -Errno.ENOTDIR;
        if (error == 0) return 0;
        Dentry.Put(directory);
        directory = null;
        return error;
    }

    /// <summary>Makes the directories above a file.</summary>
    private static int MakeParents(byte* path, ulong length)
    {
        while (length > 0 && path[length - 1] != '/') length--;
        int error = MakeDirectories(path, length, out Dentry* directory);
        Dentry.Put(directory);
        return error;
    }

    private static int MakeDirectories(byte* path, ulong length, out Dentry* directory)
    {
        Dentry* at = Vfs.Covered(Vfs.Root);
        Dentry.Get(at);
        byte* end = path + length;
        int error = 0;
        while (path < end && error == 0)
        {
            while (path < end && *path == '/') path++;
            byte* name = path;
            while (path < end && *path != '/') path++;
            if (path == name) break;
            bool own = at->Inode->Type == FileMode.Directory && at->Inode->Device == 1;
            Dentry* next = own ? Vfs.MakeDirectory(at, name, (int)(path - name)) : null;
            error = next != null ? 0 : own ? -Errno.ENOMEM : -Errno.ENOTDIR;
            Dentry.Put(at);
            at = next == null ? null : Vfs.Covered(next);
            if (at != next)
            {
                Dentry.Get(at);
                Dentry.Put(next);
            }
        }
        directory = at;
        return error;
    }

    /// <summary>Another root directory of a place.</summary>
    private static int LoadRoot(State* s)
    {
        ImageReader* r = &s->Reader;
        FsContext* fs = (FsContext*)s->Objects.Places.At(r->Word());
        ulong length = r->Word();
        byte* path = r->Bytes(length);
        if (fs == null || r->Bad || length == 0 || length >= Vfs.PathMax) return -Errno.EINVAL;
        int error = FindDirectory(path, length, out Dentry* root);
        if (error != 0) return error;
        Dentry.Put(fs->Root);
        fs->Root = root;
        return 0;
    }
}
