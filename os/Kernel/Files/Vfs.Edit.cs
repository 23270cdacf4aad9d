namespace CoSim.Os;

/// <summary>Changing the tree.</summary>
public static unsafe partial class Vfs
{
    /// <summary>Adds a name for an inode (whose reference it takes over, also on failure) to a directory. 0 or -errno.</summary>
    public static int Add(Dentry* directory, byte* name, int length, Inode* inode, out Dentry* created)
    {
        created = null;
        if (inode == null) return -Errno.ENOMEM;
        Dentry* d = Dentry.Create(name, length, inode);
        if (d == null)
        {
            Inode.Put(inode);
            return -Errno.ENOMEM;
        }
        Lock.Acquire();
        if (length == 0 || length > NameMax)
        {
            Lock.Release();
            Dentry.Put(d);
            return length == 0 ? -Errno.EEXIST : -Errno.ENAMETOOLONG;
        }
        if (directory->Unlinked || Dentry.FindChild(directory, name, length) != null)
        {
            Lock.Release();
            Dentry.Put(d);
            return directory->Unlinked ? -Errno.ENOENT : -Errno.EEXIST;
        }
        Dentry.Attach(directory, d);
        Dentry.Get(d);
        Lock.Release();
        directory->Inode->ModifiedNs = directory->Inode->ChangedNs = Time.RealtimeNs();
        created = d;
        return 0;
    }

    /// <summary>Makes a directory, or finds it. For the kernel's own trees. With a reference; null when memory is out.</summary>
    public static Dentry* MakeDirectory(Dentry* parent, byte* name, int length)
    {
        Lock.Acquire();
        Dentry* d = Dentry.FindChild(parent, name, length);
        if (d != null) Dentry.Get(d);
        Lock.Release();
        if (d != null) return d;
        Inode* inode = Inode.Create(FileMode.Directory | 0x1ED, RamFs.DirectoryOps);
        if (inode == null) return null;
        inode->Links = 2;
        Add(parent, name, length, inode, out d);
        return d;
    }

    /// <summary>Whether names in a directory may be changed: the trees of /proc and /sys have their own.</summary>
    private static bool Editable(Dentry* directory) => directory->Inode->Device == 1;

    /// <summary>Whether a walk ended in no name of its own: "/", "." or "..".</summary>
    private static bool IsDots(Walk* w) => w->NameLength == 0 || w->Name[0] == '.' && (w->NameLength == 1 || w->NameLength == 2 && w->Name[1] == '.');

    /// <summary>Removes a name. 0 or -errno.</summary>
    public static int Unlink(Walk* w, bool directory)
    {
        if (w->Entry == null) return -Errno.ENOENT;
        Lock.Acquire();
        int r = 0;
        Dentry* d = w->Entry;
        bool isDirectory = d->Inode->Type == FileMode.Directory;
        if (d->Unlinked) r = -Errno.ENOENT;
        else if (d->Parent == d || d->Covers != null || d->Mounted != null) r = -Errno.EBUSY;
        else if (IsDots(w)) r = directory ? -Errno.EINVAL : -Errno.EISDIR;
        else if (directory && !isDirectory) r = -Errno.ENOTDIR;
        else if (!directory && isDirectory) r = -Errno.EISDIR;
        else if (isDirectory && d->FirstChild != null) r = -Errno.ENOTEMPTY;
        else if (!Editable(d->Parent) && !MessageQueues.Holds(d->Parent)) r = -Errno.EPERM;
        if (r == 0)
        {
            Dentry.Detach(d);
            d->Inode->Links -= isDirectory ? 2u : 1u;
        }
        Lock.Release();
        if (r == 0) Dentry.Put(d);
        return r;
    }

    /// <summary>Moves a name, replacing the target. 0 or -errno.</summary>
    public static int Rename(Walk* from, Walk* to, bool noReplace)
    {
        if (from->Entry == null) return -Errno.ENOENT;
        if (from->Entry == to->Entry) return 0;
        Dentry* moved = Dentry.Create(to->Name, to->NameLength, from->Entry->Inode);
        if (moved == null) return -Errno.ENOMEM;
        Inode.Get(moved->Inode);
        Lock.Acquire();
        Dentry* d = from->Entry, target = to->Entry, replaced = null;
        bool isDirectory = d->Inode->Type == FileMode.Directory;
        int r = 0;
        if (d->Unlinked || to->Parent->Unlinked) r = -Errno.ENOENT;
        else if (d->Parent == d || d->Mounted != null || d->Covers != null || IsDots(from) || IsDots(to)) r = -Errno.EBUSY;
        else if (!Editable(d->Parent) || !Editable(to->Parent)) r = -Errno.EPERM;
        else if (target != null && (target->Mounted != null || target->Covers != null)) r = -Errno.EBUSY;
        else if (target != null && noReplace) r = -Errno.EEXIST;
        else if (target != null && isDirectory && target->Inode->Type != FileMode.Directory) r = -Errno.ENOTDIR;
        else if (target != null && !isDirectory && target->Inode->Type == FileMode.Directory) r = -Errno.EISDIR;
        else if (target != null && target->FirstChild != null) r = -Errno.ENOTEMPTY;
        for (Dentry* p = to->Parent; r == 0 && isDirectory && p != p->Parent; p = p->Parent) if (p == d) r = -Errno.EINVAL;
        if (r == 0)
        {
            if (target != null)
            {
                Dentry.Detach(target);
                target->Inode->Links--;
                replaced = target;
            }
            // The entry keeps its identity (open files and working directories point at it): only its name and place change.
            Dentry.Detach(d);
            d->Name = moved->Name;
            d->NameLength = moved->NameLength;
            Dentry.Attach(to->Parent, d);
            Dentry.Get(moved); // now only the name's memory, which lives as long as the entry; renames are rare
        }
        Lock.Release();
        if (replaced != null) Dentry.Put(replaced);
        Dentry.Put(moved);
        return r;
    }

    /// <summary>Covers a directory by another tree.</summary>
    public static void Mount(Dentry* on, Dentry* root)
    {
        Lock.Acquire();
        on->Mounted = root;
        root->Covers = on;
        Dentry.Get(on);
        Dentry.Get(root);
        Lock.Release();
    }
}
