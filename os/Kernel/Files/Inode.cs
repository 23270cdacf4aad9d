using CoSim.Guest;

namespace CoSim.Os;

/// <summary>File type and permission bits of st_mode.</summary>
public static class FileMode
{
    public const uint TypeMask = 0xF000, Socket = 0xC000, Link = 0xA000, Regular = 0x8000, Block = 0x6000, Directory = 0x4000, Character = 0x2000, Fifo = 0x1000;
}

/// <summary>Operations of directories whose content is made on demand (/proc).</summary>
public unsafe struct InodeOps
{
    /// <summary>Finds a name, among the children or by making an entry; returns it with a reference, or null. Vfs.Lock is held.</summary>
    public delegate*<Dentry*, byte*, int, Dentry*> Lookup;

    /// <summary>Lists entries that are not among the children, from the writer's position on. Vfs.Lock is held.</summary>
    public delegate*<Dentry*, DirectoryWriter*, void> Iterate;

    /// <summary>Writes the target of a link that is computed; returns its length or -errno.</summary>
    public delegate*<Inode*, byte*, int, int> ReadLink;

    /// <summary>A link that leads straight to an object (/proc/PID/ns/time, fd/3): returns a dentry with a reference, or null with error.</summary>
    public delegate*<Inode*, out int, Dentry*> FollowLink;
}

/// <summary>A file's identity and content.</summary>
public unsafe struct Inode
{
    public int Refs;
    public uint Mode, Uid, Gid, Links;
    public ulong Number, Size;
    public uint Device;             // st_dev
    public ulong SpecialDevice;     // st_rdev
    public long ModifiedNs, ChangedNs, AccessedNs; // CLOCK_REALTIME
    public InodeOps* Ops;
    public FileOps* FileOps;
    public void* Private;
    public int Owner;               // pid for /proc/PID, 0 otherwise

    /// <summary>Symbolic link target, or content that still lies in the initramfs; null once pages exist.</summary>
    public byte* Data;

    /// <summary>Physical addresses of content pages by index; 0 where none exists yet.</summary>
    public ulong* PageArray;
    public ulong PageCapacity;
    public SpinLock Lock;

    /// <summary>Address spaces that execute the file: it cannot be opened for writing then (ETXTBSY).</summary>
    public int Executing;

    /// <summary>The content of a shared anonymous mapping: pages appear on demand at any index.</summary>
    public bool Unnamed;

    /// <summary>Called when the last reference goes.</summary>
    public delegate*<Inode*, void> Destroy;

    private static ulong s_lastNumber = 1;

    public readonly uint Type => Mode & FileMode.TypeMask;

    /// <summary>A new inode with one reference, or null.</summary>
    public static Inode* Create(uint mode, FileOps* ops)
    {
        Inode* i = Heap.New<Inode>();
        if (i == null) return null;
        i->Refs = 1;
        i->Mode = mode;
        i->Links = 1;
        i->Number = Atomic.FetchAdd64(Text.Address(ref s_lastNumber), 1) + 1;
        i->Device = 1;
        i->FileOps = ops;
        i->ModifiedNs = i->ChangedNs = i->AccessedNs = Time.RealtimeNs();
        return i;
    }

    /// <summary>Takes a reference.</summary>
    public static void Get(Inode* i) => Atomic.FetchAdd32(Text.Address(ref i->Refs), 1);

    /// <summary>Drops a reference; the last frees the content. Null is allowed.</summary>
    public static void Put(Inode* i)
    {
        if (i == null || Atomic.FetchAdd32(Text.Address(ref i->Refs), -1) != 1) return;
        if (i->Destroy != null) i->Destroy(i);
        PageCache.Truncate(i, 0);
        Heap.Free(i->PageArray);
        Heap.Free(i);
    }
}
