namespace CoSim.Os;

/// <summary>Kinds of namespaces that have files.</summary>
public enum NsKind { None, Time, User }

/// <summary>
/// /proc/PID/ns/time, time_for_children and user: inodes that hold a namespace, and their ioctls (ioctl_ns(2); time namespace
/// reference, section 7).
/// </summary>
public static unsafe class NamespaceFiles
{
    private const uint NsGetUserns = 0xB701, NsGetParent = 0xB702, NsGetNstype = 0xB703, NsGetOwnerUid = 0xB704;

    /// <summary>st_dev of the namespace file system.</summary>
    private const uint NsfsDevice = 4;

    private static FileOps s_timeOps, s_userOps;

    private static FileOps* TimeOps
    {
        get
        {
            FileOps* ops = Text.Address(ref s_timeOps);
            ops->Ioctl = &TimeIoctl;
            return ops;
        }
    }

    private static FileOps* UserOps
    {
        get
        {
            FileOps* ops = Text.Address(ref s_userOps);
            ops->Ioctl = &UserIoctl;
            return ops;
        }
    }

    /// <summary>Whether an inode stands for a namespace.</summary>
    public static bool IsNamespace(Inode* inode) => inode->FileOps == TimeOps || inode->FileOps == UserOps;

    /// <summary>What kind of namespace a file stands for.</summary>
    public static NsKind KindOf(File* file)
    {
        if (file->Inode == null) return NsKind.None;
        return file->Inode->FileOps == TimeOps ? NsKind.Time : file->Inode->FileOps == UserOps ? NsKind.User : NsKind.None;
    }

    /// <summary>The namespace of a file of kind <see cref="NsKind.Time"/>.</summary>
    public static TimeNamespace* TimeOf(File* file) => (TimeNamespace*)file->Inode->Private;

    /// <summary>The namespace of a file of kind <see cref="NsKind.User"/>.</summary>
    public static UserNamespace* UserOf(File* file) => (UserNamespace*)file->Inode->Private;

    /// <summary>Inode of /proc/PID/ns/time; null when the task has no namespaces any more.</summary>
    public static Inode* ForTask(Task* task) => Create(GetOf(task, false));

    /// <summary>Inode of /proc/PID/ns/time_for_children.</summary>
    public static Inode* ForChildren(Task* task) => Create(GetOf(task, true));

    /// <summary>Inode of /proc/PID/ns/user.</summary>
    public static Inode* UserForTask(Task* task) => Create(UserNamespace.Get(task->Cred->UserNs));

    /// <summary>A task's time_ns_for_children with a reference, or null when it has ended.</summary>
    internal static TimeNamespace* GetForChildren(Task* task) => GetOf(task, true);

    /// <summary>The namespace that a task is in, with a reference, or null when it has ended.</summary>
    internal static TimeNamespace* GetForTask(Task* task) => GetOf(task, false);

    private static TimeNamespace* GetOf(Task* task, bool children)
    {
        // Under the lock an ending task cannot drop its proxy between the look and the reference.
        ulong flags = TaskList.Lock.AcquireIrqSave();
        NsProxy* proxy = task->NsProxy;
        TimeNamespace* ns = proxy == null ? null : TimeNamespaces.Get(children ? proxy->TimeNsForChildren : proxy->TimeNs);
        TaskList.Lock.ReleaseIrqRestore(flags);
        return ns;
    }

    /// <summary>An inode that takes over the reference on the namespace; null for null, or when memory is out.</summary>
    private static Inode* Create(TimeNamespace* ns)
    {
        Inode* inode = ns == null ? null : New(TimeOps, ns, ns->Inum);
        if (inode != null) inode->Destroy = &DestroyTime;
        else if (ns != null) TimeNamespaces.Put(ns);
        return inode;
    }

    private static Inode* Create(UserNamespace* ns)
    {
        Inode* inode = New(UserOps, ns, ns->Inum);
        if (inode != null) inode->Destroy = &DestroyUser;
        else UserNamespace.Put(ns);
        return inode;
    }

    private static Inode* New(FileOps* ops, void* ns, uint number)
    {
        Inode* inode = Inode.Create(FileMode.Regular | 0x124, ops);
        if (inode == null) return null;
        inode->Number = number;
        inode->Device = NsfsDevice;
        inode->Private = ns;
        return inode;
    }

    private static void DestroyTime(Inode* inode) => TimeNamespaces.Put((TimeNamespace*)inode->Private);

    private static void DestroyUser(Inode* inode) => UserNamespace.Put((UserNamespace*)inode->Private);

    private static long TimeIoctl(File* file, uint request, ulong argument) => request switch
    {
        NsGetNstype => (long)CloneFlags.NewTime,
        NsGetUserns => OpenOwner(TimeOf(file)->UserNs),
        // Time namespaces have no parent, and only user namespaces an owner's uid.
        NsGetParent or NsGetOwnerUid => -Errno.EINVAL,
        _ => -Errno.ENOTTY,
    };

    private static long UserIoctl(File* file, uint request, ulong argument)
    {
        UserNamespace* ns = UserOf(file);
        return request switch
        {
            NsGetNstype => (long)CloneFlags.NewUser,
            NsGetUserns or NsGetParent => OpenOwner(ns->Parent),
            NsGetOwnerUid => UserMemory.Write32(argument, Permission.ShowUid(ns->OwnerUid)),
            _ => -Errno.ENOTTY,
        };
    }

    /// <summary>A descriptor for an owning user namespace, if it is the caller's or one below.</summary>
    private static long OpenOwner(UserNamespace* owner)
    {
        UserNamespace* own = Cpu.CurrentTask->Cred->UserNs, at = owner;
        while (at != null && at != own) at = at->Parent;
        if (at == null) return -Errno.EPERM;
        File* opened = Open(owner, OpenFlags.ReadOnly);
        if (opened == null) return -Errno.ENOMEM;
        int fd = FileTable.Install(opened, true, 0);
        if (fd < 0) File.Put(opened);
        return fd;
    }

    /// <summary>A file for a user namespace; null when memory is out.</summary>
    internal static File* Open(UserNamespace* ns, int flags) => Open(Create(UserNamespace.Get(ns)), "user:[%llu]"u8, flags);

    /// <summary>A file for a time namespace; null when memory is out.</summary>
    internal static File* Open(TimeNamespace* ns, int flags) => Open(Create(TimeNamespaces.Get(ns)), "time:[%llu]"u8, flags);

    private static File* Open(Inode* inode, System.ReadOnlySpan<byte> format, int flags)
    {
        if (inode == null) return null;
        byte* name = stackalloc byte[40];
        TextBuffer text = new(name, 40);
        text.Format(format, inode->Number);
        Dentry* entry = Dentry.Create(name, text.Length, inode);
        if (entry == null)
        {
            Inode.Put(inode);
            return null;
        }
        File* opened = File.Open(entry, flags, out _);
        Dentry.Put(entry);
        return opened;
    }
}
