namespace CoSim.Os;

/// <summary>Namespaces from an image, and what refers to them.</summary>
internal static unsafe partial class ProcessRestore
{
    /// <summary>The user namespace of a number; the initial one for none; null for a number that no record had.</summary>
    private static UserNamespace* UsersOf(State* s, ulong id) =>
        id == ImageFormat.None ? UserNamespace.Initial : (UserNamespace*)s->Objects.Users.At(id);

    private static int LoadUsers(State* s)
    {
        ulong id = s->Reader.Word();
        int error = UserNamespace.Load(UsersOf(s, s->Reader.Word()), &s->Reader, out UserNamespace* ns);
        if (error == 0) error = Number(s, &s->Objects.Users, id, ns);
        if (error != 0) UserNamespace.Put(ns);
        return error;
    }

    /// <summary>The first is the one that the processes are restored in: its offsets make the clocks of the image go on. The others stand to it as before.</summary>
    private static int LoadTime(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word();
        UserNamespace* users = UsersOf(s, r->Word());
        long monotonic = r->Signed(), boottime = r->Signed();
        bool frozen = r->Flag();
        NamespaceCreator creator = new(true, users, (uint)r->Word());
        if (r->Bad || users == null) return -Errno.EINVAL;
        int error = 0;
        TimeNamespace* ns = s->Proxy->TimeNs;
        if (s->Objects.TimeSpaces.Count == 0) TimeNamespaces.Get(ns);
        else error = TimeNamespaces.Restore(ns, monotonic, boottime, frozen, creator, out ns);
        if (error != 0) return error;
        error = Number(s, &s->Objects.TimeSpaces, id, ns);
        if (error != 0) TimeNamespaces.Put(ns);
        return error;
    }

    private static int LoadProxy(State* s)
    {
        ulong id = s->Reader.Word();
        TimeNamespace* own = (TimeNamespace*)s->Objects.TimeSpaces.At(s->Reader.Word());
        TimeNamespace* children = (TimeNamespace*)s->Objects.TimeSpaces.At(s->Reader.Word());
        // Nobody lives in a namespace whose offsets may still change.
        if (own == null || children == null || !own->Frozen) return -Errno.EINVAL;
        NsProxy* proxy = Heap.New<NsProxy>();
        if (proxy == null) return -Errno.ENOMEM;
        proxy->Refs = 1;
        proxy->TimeNs = TimeNamespaces.Get(own);
        proxy->TimeNsForChildren = TimeNamespaces.Get(children);
        int error = Number(s, &s->Objects.Proxies, id, proxy);
        if (error != 0) Time.PutNamespaces(proxy);
        return error;
    }

    private static int LoadGroups(State* s)
    {
        int pid = s->Reader.Int();
        ulong count = s->Reader.Word();
        if (count > GroupList.Max) return -Errno.EINVAL;
        byte* ids = s->Reader.Bytes(count * sizeof(uint));
        Task* t = s->Objects.Tasks.Count == 0 ? null : (Task*)s->Objects.Tasks.At((ulong)s->Objects.Tasks.Count - 1);
        if (ids == null || t == null || t->Pid != pid || t->Cred->Groups != null) return -Errno.EINVAL;
        GroupList* groups = GroupList.Create((int)count);
        if (groups == null) return -Errno.ENOMEM;
        Text.Copy(GroupList.Items(groups), ids, count * sizeof(uint));
        t->Cred->Groups = groups;
        return 0;
    }

    private static File* LoadNamespaceFile(State* s, ulong* detail, int flags)
    {
        if (detail[0] == 0)
        {
            UserNamespace* users = UsersOf(s, detail[1]);
            return users == null ? null : NamespaceFiles.Open(users, flags);
        }
        TimeNamespace* ns = (TimeNamespace*)s->Objects.TimeSpaces.At(detail[1]);
        return ns == null ? null : NamespaceFiles.Open(ns, flags);
    }

    /// <summary>A file of a process that is not there yet: until then it stands for the root directory.</summary>
    private static File* OpenLater(State* s, byte* path, ulong length, int flags, out int error)
    {
        File* f = File.Open(Vfs.Root, flags, out error);
        byte* text = f == null ? null : (byte*)Heap.Allocate(length + 1);
        if (text == null) error = -Errno.ENOMEM;
        if (text != null)
        {
            Text.Copy(text, path, length);
            if (s->LatePaths.Append(text) >= 0 && s->Late.Append(f) >= 0) return f;
            if (s->LatePaths.Count == s->Late.Count) Heap.Free(text);
            error = -Errno.ENOMEM;
        }
        File.Put(f);
        return null;
    }

    /// <summary>All processes are there: opens their files, in place of what stood for them.</summary>
    private static int OpenFilesOfProcesses(State* s)
    {
        int error = 0;
        for (int i = 0; i < s->Late.Count && error == 0; i++)
        {
            File* f = (File*)s->Late.At((ulong)i);
            byte* path = (byte*)s->LatePaths.At((ulong)i);
            File* there = OpenByName(s, path, (ulong)Text.Length(path), f->Flags, out error);
            if (there == null) continue;
            FileOps* ops = f->Ops;
            Dentry* name = f->Dentry;
            Inode* inode = f->Inode;
            void* own = f->Private;
            f->Ops = there->Ops;
            f->Dentry = there->Dentry;
            f->Inode = there->Inode;
            f->Private = there->Private;
            there->Ops = ops;
            there->Dentry = name;
            there->Inode = inode;
            there->Private = own;
            File.Put(there);
        }
        return error;
    }
}
