namespace CoSim.Os.Timekeeping;

/// <summary>/proc/PID/ns/time and time_for_children: inodes that hold a namespace, and their ioctls (ioctl_ns(2)).</summary>
internal static unsafe class NamespaceFiles
{
    private const uint NsGetUserns = 0xB701, NsGetParent = 0xB702, NsGetNstype = 0xB703, NsGetOwnerUid = 0xB704;

    /// <summary>st_dev of the namespace file system.</summary>
    private const uint NsfsDevice = 4;

    private static FileOps s_ops;

    private static FileOps* Ops
    {
        get
        {
            FileOps* ops = Text.Address(ref s_ops);
            ops->Ioctl = &Ioctl;
            return ops;
        }
    }

    /// <summary>The namespace that a file stands for, or null when it is no such file.</summary>
    internal static TimeNamespace* Of(File* file) => file->Inode != null && file->Inode->FileOps == Ops ? (TimeNamespace*)file->Inode->Private : null;

    /// <summary>Inode of /proc/PID/ns/time; null when the task has no namespaces any more.</summary>
    internal static Inode* ForTask(Task* task) => task->NsProxy == null ? null : Create(task->NsProxy->TimeNs);

    /// <summary>Inode of /proc/PID/ns/time_for_children.</summary>
    internal static Inode* ForChildren(Task* task) => task->NsProxy == null ? null : Create(task->NsProxy->TimeNsForChildren);

    private static Inode* Create(TimeNamespace* ns)
    {
        Inode* inode = Inode.Create(FileMode.Regular | 0x124, Ops);
        if (inode == null) return null;
        inode->Number = ns->Inum;
        inode->Device = NsfsDevice;
        inode->Private = TimeNamespaces.Get(ns);
        inode->Destroy = &Destroy;
        return inode;
    }

    private static void Destroy(Inode* inode) => TimeNamespaces.Put((TimeNamespace*)inode->Private);

    private static long Ioctl(File* file, uint request, ulong argument)
    {
        switch (request)
        {
            case NsGetNstype:
                return (long)TimeNamespaces.CloneNewTime;
            case NsGetParent:
            case NsGetOwnerUid:
                // Time namespaces have no parent, and only user namespaces an owner's uid.
                return -Errno.EINVAL;
            case NsGetUserns:
                return -Errno.EPERM;
            default:
                return -Errno.ENOTTY;
        }
    }
}
