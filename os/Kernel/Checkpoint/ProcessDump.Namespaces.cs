namespace CoSim.Os;

/// <summary>Namespaces of time and of users, and the groups of users that threads belong to.</summary>
internal static unsafe partial class ProcessDump
{
    /// <summary>The initial user namespace has no number: every machine has it.</summary>
    private static ulong IdOf(UserNamespace* ns, ImageObjects* o) => ns == UserNamespace.Initial ? ImageFormat.None : o->Users.Id(ns);

    /// <summary>Notes a user namespace and those above it, which come first. False when memory is out.</summary>
    private static bool AddUsers(UserNamespace* ns, ImageObjects* o) =>
        ns == UserNamespace.Initial || o->Users.Find(ns) >= 0 || AddUsers(ns->Parent, o) && o->Users.Append(ns) >= 0;

    private static bool AddTime(TimeNamespace* ns, ImageObjects* o) => AddUsers(ns->UserNs, o) && o->TimeSpaces.Add(ns) >= 0;

    /// <summary>Notes the namespaces of a thread. That in which the first process lives becomes number 0.</summary>
    private static bool CollectNamespaces(Task* t, ImageObjects* o) =>
        AddUsers(t->Cred->UserNs, o) && AddTime(t->NsProxy->TimeNs, o) && AddTime(t->NsProxy->TimeNsForChildren, o) && o->Proxies.Add(t->NsProxy) >= 0;

    /// <summary>Notes the namespace that a file stands for.</summary>
    private static bool AddNamespace(File* f, ImageObjects* o) =>
        NamespaceFiles.KindOf(f) == NsKind.Time ? AddTime(NamespaceFiles.TimeOf(f), o) : AddUsers(NamespaceFiles.UserOf(f), o);

    private static void SaveNamespace(File* f, ImageObjects* o, ulong* detail)
    {
        bool time = NamespaceFiles.KindOf(f) == NsKind.Time;
        detail[0] = time ? 1UL : 0;
        detail[1] = time ? o->TimeSpaces.Id(NamespaceFiles.TimeOf(f)) : IdOf(NamespaceFiles.UserOf(f), o);
    }

    /// <summary>Whether what a file says is about a process of the image, or of none.</summary>
    private static bool ComesAlong(File* f, ImageFileKind kind, ImageObjects* o)
    {
        if (kind == ImageFileKind.Process) return PidFd.Of(f)->Reaped || o->Groups.Find(PidFd.Of(f)) >= 0;
        if (kind != ImageFileKind.OfProcess) return true;
        for (int i = 0; i < o->Tasks.Count; i++) if (((Task*)o->Tasks.At((ulong)i))->Pid == f->Inode->Owner) return true;
        return false;
    }

    /// <summary>Path of a file or directory of a process in /proc, whose directory is made for each walk and knows no path.</summary>
    private static int NameInProcess(File* f, byte* path)
    {
        TextBuffer text = new(path, (int)Vfs.PathMax - 1);
        text.Format("/proc/%llu"u8, (ulong)f->Inode->Owner);
        bool itself = f->Inode->Type == FileMode.Directory && f->Dentry->Name[0] is >= (byte)'0' and <= (byte)'9';
        if (!itself) text.Format("/%s"u8, (ulong)f->Dentry->Name);
        path[text.Length] = 0;
        return text.Length;
    }

    /// <summary>The process that has a table of descriptors, for complaints.</summary>
    private static ulong OwnerOf(FileTable* table, ImageObjects* o)
    {
        for (int i = 0; i < o->Tasks.Count; i++)
        {
            Task* t = (Task*)o->Tasks.At((ulong)i);
            if (t->Files == table) return (ulong)t->Group->Id;
        }
        return 0;
    }

    private static void WriteNamespaces(ImageObjects* o, ImageWriter* w)
    {
        for (int i = 0; i < o->Users.Count; i++) WriteUsers((UserNamespace*)o->Users.At((ulong)i), (ulong)i, o, w);
        for (int i = 0; i < o->TimeSpaces.Count; i++) WriteTime((TimeNamespace*)o->TimeSpaces.At((ulong)i), (ulong)i, o, w);
        for (int i = 0; i < o->Proxies.Count; i++)
        {
            NsProxy* proxy = (NsProxy*)o->Proxies.At((ulong)i);
            w->Begin(ImageRecord.Proxy, 3);
            w->Word((ulong)i);
            w->Word(o->TimeSpaces.Id(proxy->TimeNs));
            w->Word(o->TimeSpaces.Id(proxy->TimeNsForChildren));
        }
    }

    private static void WriteUsers(UserNamespace* ns, ulong id, ImageObjects* o, ImageWriter* w)
    {
        w->Begin(ImageRecord.UserNamespace, 10 + 2 * (ulong)(ns->UidMap.Count + ns->GidMap.Count));
        w->Word(id);
        w->Word(IdOf(ns->Parent, o));
        w->Word(ns->OwnerUid);
        w->Word(ns->OwnerGid);
        w->Word(ns->SetGroupsAllowed);
        w->Word(ns->CreatorHadSetFcap);
        w->Word((ulong)ns->MaxUserNamespaces);
        w->Word((ulong)ns->MaxTimeNamespaces);
        w->Word((ulong)ns->UidMap.Count);
        w->Word((ulong)ns->GidMap.Count);
        WriteMap(&ns->UidMap, w);
        WriteMap(&ns->GidMap, w);
    }

    private static void WriteMap(IdMap* map, ImageWriter* w)
    {
        for (int i = 0; i < map->Count; i++)
        {
            IdExtent e = IdMap.Extent(map, i);
            w->Word(e.First | (ulong)e.Lower << 32);
            w->Word(e.Count);
        }
    }

    /// <summary>Offsets are written as what they are beyond those of the first process, which go on with the clocks of the image.</summary>
    private static void WriteTime(TimeNamespace* ns, ulong id, ImageObjects* o, ImageWriter* w)
    {
        TimeNamespace* first = (TimeNamespace*)o->TimeSpaces.At(0);
        w->Begin(ImageRecord.TimeNamespace, 6);
        w->Word(id);
        w->Word(IdOf(ns->UserNs, o));
        w->Word(ns->Offsets.Monotonic.ToKtime() - first->Offsets.Monotonic.ToKtime());
        w->Word(ns->Offsets.Boottime.ToKtime() - first->Offsets.Boottime.ToKtime());
        w->Word(ns->Frozen);
        w->Word(ns->Count == null ? 0 : ns->Count->Uid);
    }

    private static void WriteGroups(Task* t, ImageWriter* w)
    {
        GroupList* groups = t->Cred->Groups;
        if (groups == null) return;
        w->Begin(ImageRecord.Groups, 2 + ((ulong)groups->Count + 1) / 2);
        w->Word((ulong)t->Pid);
        w->Word((ulong)groups->Count);
        w->Bytes(GroupList.Items(groups), (ulong)groups->Count * sizeof(uint));
    }
}
