namespace CoSim.Os;

/// <summary>Files and directories in memory.</summary>
public static unsafe class RamFs
{
    private static FileOps s_file, s_directory;

    /// <summary>Operations of regular files.</summary>
    public static FileOps* FileOps => Text.Address(ref s_file);

    /// <summary>Operations of directories.</summary>
    public static FileOps* DirectoryOps => Text.Address(ref s_directory);

    /// <summary>Fills the tables of operations.</summary>
    public static void Initialize()
    {
        s_file.Read = &Read;
        s_file.Write = &Write;
        s_file.Seekable = true;
        s_directory.Seekable = true;
    }

    /// <summary>An empty root directory with one reference.</summary>
    public static Dentry* CreateRoot()
    {
        Inode* inode = Inode.Create(FileMode.Directory | 0x1ED, DirectoryOps);
        inode->Links = 2;
        return Dentry.Create(Text.Literal("/"u8), 1, inode);
    }

    private static long Read(File* f, ulong user, ulong count, ulong* position)
    {
        long r = PageCache.Read(f->Inode, user, count, *position);
        if (r > 0) *position += (ulong)r;
        return r;
    }

    private static long Write(File* f, ulong user, ulong count, ulong* position)
    {
        if ((f->Flags & OpenFlags.Append) != 0) *position = f->Inode->Size;
        if (*position + count > 1UL << 40) return -Errno.EFBIG;
        long r = PageCache.Write(f->Inode, user, count, *position);
        if (r > 0) *position += (ulong)r;
        return r;
    }
}
