namespace CoSim.Os;

/// <summary>Fills the root directory from the initramfs. File contents stay where they are; pages are copied on first use.</summary>
public static unsafe class Initramfs
{
    private struct LinkEntry
    {
        public LinkEntry* Next;
        public uint Number;
        public Inode* Inode;
    }

    /// <summary>Adds all members below the root. Damage ends the unpacking with a log line that says where.</summary>
    public static void Unpack(byte* archive, ulong length)
    {
        CpioReader reader = new CpioReader(archive, length);
        CpioEntry e;
        LinkEntry* links = null;
        ulong members = 0;
        while (reader.Next(&e))
        {
            members++;
            if (e.NameLength > 0 && e.NameLength < Vfs.PathMax) Place(&e, ref links);
        }
        while (links != null)
        {
            LinkEntry* next = links->Next;
            Heap.Free(links);
            links = next;
        }
        if (reader.Damaged) Log.Print("initramfs: damaged at byte %llu of %llu; unpacked %llu members"u8, reader.Position, length, members);
        else Log.Print("initramfs: %llu members in %llu bytes"u8, members, length);
    }

    private static void Place(CpioEntry* e, ref LinkEntry* links)
    {
        Dentry* directory = Vfs.Root;
        Dentry.Get(directory);
        byte* name = e->Name;
        int left = e->NameLength;
        for (; ; )
        {
            int n = 0;
            while (n < left && name[n] != '/') n++;
            if (n == left) break;
            Dentry* next = n == 0 ? directory : Vfs.MakeDirectory(directory, name, n);
            if (n != 0) Dentry.Put(directory);
            if (next == null || next->Inode->Type != FileMode.Directory) return;
            directory = next;
            name += n + 1;
            left -= n + 1;
        }
        if (left > 0) Create(directory, name, left, e, ref links);
        Dentry.Put(directory);
    }

    private static void Create(Dentry* directory, byte* name, int length, CpioEntry* e, ref LinkEntry* links)
    {
        uint type = e->Mode & FileMode.TypeMask;
        if (type == FileMode.Directory)
        {
            Dentry* d = Vfs.MakeDirectory(directory, name, length);
            if (d != null) d->Inode->Mode = e->Mode & 0xFFFF;
            Dentry.Put(d);
            return;
        }
        Inode* inode = null;
        if (type == FileMode.Regular && e->Links > 1) inode = FindLink(links, e->Inode);
        bool known = inode != null;
        if (known)
        {
            Inode.Get(inode);
            inode->Links++;
        }
        else inode = Inode.Create(e->Mode & 0xFFFF, type == FileMode.Regular ? RamFs.FileOps : null);
        if (inode == null) return;
        inode->Uid = e->Uid;
        inode->Gid = e->Gid;
        inode->ModifiedNs = inode->ChangedNs = inode->AccessedNs = e->Mtime * 1_000_000_000L;
        if (type == FileMode.Regular && e->Size > 0 || type == FileMode.Link)
        {
            inode->Data = e->Data;
            inode->Size = e->Size;
        }
        if (type is FileMode.Character or FileMode.Block)
        {
            inode->SpecialDevice = Devices.Number(e->DeviceMajor, e->DeviceMinor);
            inode->FileOps = Devices.Find(e->DeviceMajor, e->DeviceMinor);
        }
        if (type == FileMode.Regular && e->Links > 1 && !known) Remember(ref links, e->Inode, inode);
        // A later archive overrides an earlier one.
        Vfs.Lock.Acquire();
        Dentry* old = Dentry.FindChild(directory, name, length);
        if (old != null && old->Inode->Type != FileMode.Directory) Dentry.Detach(old);
        else old = null;
        Vfs.Lock.Release();
        Dentry.Put(old);
        Vfs.Add(directory, name, length, inode, out Dentry* created);
        Dentry.Put(created);
    }

    private static Inode* FindLink(LinkEntry* links, uint number)
    {
        for (; links != null; links = links->Next) if (links->Number == number) return links->Inode;
        return null;
    }

    private static void Remember(ref LinkEntry* links, uint number, Inode* inode)
    {
        LinkEntry* l = Heap.New<LinkEntry>();
        if (l == null) return;
        l->Next = links;
        l->Number = number;
        l->Inode = inode;
        links = l;
    }
}
