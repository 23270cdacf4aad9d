namespace CoSim.Os;

/// <summary>A name in a directory. The tree is protected by <see cref="Vfs.Lock"/>; a parent holds a reference on each child.</summary>
public unsafe struct Dentry
{
    public int Refs;
    public Dentry* Parent;          // its own for a root
    public Dentry* FirstChild, LastChild, NextSibling;
    public Inode* Inode;
    public Dentry* Mounted;         // what covers this directory
    public Dentry* Covers;          // for the root of a mount: the directory it covers
    public ulong Cookie;            // position in the parent, for getdents
    public bool Unlinked;
    public byte* Name;              // NUL-terminated
    public int NameLength;

    private static ulong s_lastCookie = 2;

    /// <summary>A dentry with one reference that takes over the caller's reference on the inode; null when memory is out.</summary>
    public static Dentry* Create(byte* name, int length, Inode* inode)
    {
        Dentry* d = (Dentry*)Heap.Allocate((ulong)(sizeof(Dentry) + length + 1));
        if (d == null) return null;
        d->Refs = 1;
        d->Inode = inode;
        d->Parent = d;
        d->Name = (byte*)(d + 1);
        d->NameLength = length;
        Text.Copy(d->Name, name, (ulong)length);
        return d;
    }

    /// <summary>Takes a reference.</summary>
    public static void Get(Dentry* d) => Atomic.FetchAdd32(Text.Address(ref d->Refs), 1);

    /// <summary>Drops a reference; the last frees the entry and its share of the inode. Null is allowed.</summary>
    public static void Put(Dentry* d)
    {
        if (d == null || Atomic.FetchAdd32(Text.Address(ref d->Refs), -1) != 1) return;
        while (d->FirstChild != null) // a directory of /proc that was made for one walk
        {
            Dentry* child = d->FirstChild;
            d->FirstChild = child->NextSibling;
            child->Parent = child;
            Put(child);
        }
        Os.Inode.Put(d->Inode);
        Heap.Free(d);
    }

    /// <summary>Appends a child, which takes over the caller's reference; the lock is held.</summary>
    public static void Attach(Dentry* parent, Dentry* child)
    {
        child->Parent = parent;
        child->Unlinked = false;
        child->Cookie = ++s_lastCookie;
        child->NextSibling = null;
        if (parent->LastChild != null) parent->LastChild->NextSibling = child;
        else parent->FirstChild = child;
        parent->LastChild = child;
        if (child->Inode->Type == FileMode.Directory) parent->Inode->Links++;
    }

    /// <summary>Takes a child out; the caller gets the parent's reference. The lock is held.</summary>
    public static void Detach(Dentry* child)
    {
        Dentry* parent = child->Parent, previous = null;
        for (Dentry* d = parent->FirstChild; d != child; d = d->NextSibling) previous = d;
        if (previous == null) parent->FirstChild = child->NextSibling;
        else previous->NextSibling = child->NextSibling;
        if (parent->LastChild == child) parent->LastChild = previous;
        if (child->Inode->Type == FileMode.Directory) parent->Inode->Links--;
        child->Unlinked = true;
        child->NextSibling = null;
    }

    /// <summary>The child of that name, without a reference, or null; the lock is held.</summary>
    public static Dentry* FindChild(Dentry* parent, byte* name, int length)
    {
        for (Dentry* d = parent->FirstChild; d != null; d = d->NextSibling)
            if (Text.Equal(d->Name, d->NameLength, name, length)) return d;
        return null;
    }
}
