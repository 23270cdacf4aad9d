namespace CoSim.Os;

/// <summary>The memory devices: null, zero, full, random, urandom; and the tree of /dev.</summary>
public static unsafe class Devices
{
    /// <summary>The first of the numbers that Linux gives out by itself.</summary>
    private const uint RtcMajor = 254;

    private static FileOps s_null, s_zero, s_full, s_random;

    /// <summary>Fills /dev (major:minor as in Linux's devices.txt).</summary>
    public static void Initialize(Dentry* dev)
    {
        s_null.Read = &ReadNothing;
        s_null.Write = &WriteAway;
        s_zero.Read = &ReadZeros;
        s_zero.Write = &WriteAway;
        s_full.Read = &ReadZeros;
        s_full.Write = &WriteFull;
        s_random.Read = &ReadRandom;
        s_random.Write = &WriteAway;
        Node(dev, "null"u8, 1, 3, Text.Address(ref s_null));
        Node(dev, "zero"u8, 1, 5, Text.Address(ref s_zero));
        Node(dev, "full"u8, 1, 7, Text.Address(ref s_full));
        Node(dev, "random"u8, 1, 8, Text.Address(ref s_random));
        Node(dev, "urandom"u8, 1, 9, Text.Address(ref s_random));
        Node(dev, "console"u8, 5, 1, Tty.Ops);
        Node(dev, "tty"u8, 5, 0, Tty.Ops);
        Node(dev, "ttyS0"u8, 4, 64, Tty.Ops);
        Timekeeping.RtcDevice.Initialise();
        Node(dev, "rtc0"u8, RtcMajor, 0, Timekeeping.RtcDevice.Ops);
        Dentry* rtc = Dentry.FindChild(dev, Text.Literal("rtc0"u8), 4);
        rtc->Inode->Mode = FileMode.Character | 0x180;
    }

    /// <summary>The operations behind a device number, or null.</summary>
    public static FileOps* Find(uint major, uint minor)
    {
        if (major == 1)
            return minor switch
            {
                3 => Text.Address(ref s_null),
                5 => Text.Address(ref s_zero),
                7 => Text.Address(ref s_full),
                8 or 9 => Text.Address(ref s_random),
                _ => null,
            };
        if (major == RtcMajor) return minor == 0 ? Timekeeping.RtcDevice.Ops : null;
        return major == 5 && minor <= 1 || major == 4 && minor == 64 ? Tty.Ops : null;
    }

    private static void Node(Dentry* dev, System.ReadOnlySpan<byte> name, uint major, uint minor, FileOps* ops)
    {
        Inode* i = Inode.Create(FileMode.Character | 0x1B6, ops);
        i->SpecialDevice = Number(major, minor);
        i->Device = 5;
        Vfs.Add(dev, Text.Literal(name), name.Length, i, out Dentry* d);
        Dentry.Put(d);
    }

    /// <summary>dev_t of the Linux ABI (64 bits).</summary>
    public static ulong Number(uint major, uint minor) => (minor & 0xFF) | (ulong)(major & 0xFFF) << 8 | (ulong)(minor & ~0xFFu) << 12;

    private static long ReadNothing(File* f, ulong user, ulong count, ulong* position) => 0;

    private static long WriteAway(File* f, ulong user, ulong count, ulong* position) => (long)count;

    private static long ReadZeros(File* f, ulong user, ulong count, ulong* position)
    {
        int r = UserMemory.Clear(user, count);
        return r != 0 ? r : (long)count;
    }

    private static long WriteFull(File* f, ulong user, ulong count, ulong* position) => -Errno.ENOSPC;

    private static long ReadRandom(File* f, ulong user, ulong count, ulong* position) => RandomSource.CopyTo(user, count);
}

/// <summary>
/// Random bytes for getrandom, /dev/urandom and AT_RANDOM: SplitMix64 from a seed on the command line ("random.seed="), so that a run can
/// be repeated exactly. Not fit for cryptography, by design.
/// </summary>
public static unsafe class RandomSource
{
    private static ulong s_state = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Starts the sequence.</summary>
    public static void Seed(ulong seed) => s_state = seed;

    /// <summary>The next 64 bits.</summary>
    public static ulong Next()
    {
        ulong z = Atomic.FetchAdd64(Text.Address(ref s_state), 0x9E37_79B9_7F4A_7C15);
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB;
        return z ^ z >> 31;
    }

    /// <summary>Fills user memory. The count, or -EFAULT.</summary>
    public static long CopyTo(ulong user, ulong count)
    {
        for (ulong done = 0; done < count; done += 8)
        {
            ulong v = Next();
            int r = UserMemory.CopyTo(user + done, &v, Bits.Min(8, count - done));
            if (r != 0) return r;
        }
        return (long)count;
    }
}
