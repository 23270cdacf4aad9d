namespace CoSim.Os;

/// <summary>Collects directory entries in the format of getdents64: u64 ino, s64 off, u16 reclen, u8 type, name.</summary>
public unsafe struct DirectoryWriter
{
    /// <summary>Cookies from here on belong to entries made on demand.</summary>
    public const ulong DynamicBase = 1UL << 40;

    public byte* Buffer;
    public ulong Length, Capacity;

    /// <summary>Cookie of the next entry wanted.</summary>
    public ulong Position;
    public bool Full;

    /// <summary>Adds an entry; false when the buffer is full. Entries before the position are passed over.</summary>
    public bool Emit(byte* name, int length, ulong inode, uint mode, ulong cookie)
    {
        if (cookie < Position) return true;
        ulong size = Bits.AlignUp(19 + (ulong)length + 1, 8);
        if (Full || Length + size > Capacity)
        {
            Full = true;
            return false;
        }
        byte* p = Buffer + Length;
        Text.Fill(p, 0, size);
        *(ulong*)p = inode;
        *(ulong*)(p + 8) = cookie + 1;
        *(ushort*)(p + 16) = (ushort)size;
        p[18] = (byte)(mode >> 12);
        Text.Copy(p + 19, name, (ulong)length);
        Length += size;
        Position = cookie + 1;
        return true;
    }

    /// <summary>Lists a directory from the position on; the lock of the tree is held.</summary>
    public static void Fill(DirectoryWriter* w, Dentry* directory)
    {
        byte* dots = Text.Literal(".."u8);
        if (!w->Emit(dots, 1, directory->Inode->Number, FileMode.Directory, 0)) return;
        if (!w->Emit(dots, 2, directory->Parent->Inode->Number, FileMode.Directory, 1)) return;
        for (Dentry* d = directory->FirstChild; d != null; d = d->NextSibling)
            if (!w->Emit(d->Name, d->NameLength, d->Inode->Number, d->Inode->Mode & FileMode.TypeMask, d->Cookie)) return;
        if (directory->Inode->Ops != null && directory->Inode->Ops->Iterate != null) directory->Inode->Ops->Iterate(directory, w);
    }
}
