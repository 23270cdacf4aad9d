using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// Access to the memory of the running process. The stubs that touch it are a marked range of code: a fault in it that cannot be
/// resolved continues at the stubs' common exit, which returns -EFAULT (see <see cref="Traps"/>).
/// </summary>
public static unsafe class UserMemory
{
    /// <summary>Whether a range lies in the user half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUser(ulong address, ulong bytes) => address < KernelMap.UserEnd && bytes <= KernelMap.UserEnd - address;

    /// <summary>
    /// Linux' access_ok: like <see cref="IsUser"/>, but of nothing the end of user memory is a good address too. For calls that ask before
    /// they have anything to copy.
    /// </summary>
    public static bool MayAccess(ulong address, ulong bytes) => bytes <= KernelMap.UserEnd && address <= KernelMap.UserEnd - bytes;

    // STAC and CLAC open and close user memory where SMAP is on; where the CPU does not know them they would be undefined.
    private static bool s_smap = true;

    /// <summary>The CPU has no SMAP.</summary>
    public static void DisableSmap() => s_smap = false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Open()
    {
        if (s_smap) Machine.Stac();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Close(ulong left)
    {
        if (s_smap) Machine.Clac();
        return left == 0 ? 0 : -Errno.EFAULT;
    }

    /// <summary>Copies from user memory. 0 or -EFAULT.</summary>
    public static int CopyFrom(void* to, ulong user, ulong bytes)
    {
        if (bytes == 0) return 0;
        if (!IsUser(user, bytes)) return -Errno.EFAULT;
        Open();
        return Close(Machine.UserCopy(to, (void*)user, (nuint)bytes));
    }

    /// <summary>Copies to user memory. 0 or -EFAULT.</summary>
    public static int CopyTo(ulong user, void* from, ulong bytes)
    {
        if (bytes == 0) return 0;
        if (!IsUser(user, bytes)) return -Errno.EFAULT;
        Open();
        return Close(Machine.UserCopy((void*)user, from, (nuint)bytes));
    }

    /// <summary>Reads 64 bits. 0 or -EFAULT.</summary>
    public static int Read64(ulong user, out ulong value)
    {
        ulong v = 0;
        value = 0;
        if (!IsUser(user, 8)) return -Errno.EFAULT;
        Open();
        int r = Close(Machine.UserLoad64((void*)user, &v));
        value = v;
        return r;
    }

    /// <summary>Reads 32 bits. 0 or -EFAULT.</summary>
    public static int Read32(ulong user, out uint value)
    {
        uint v = 0;
        value = 0;
        if (!IsUser(user, 4)) return -Errno.EFAULT;
        Open();
        int r = Close(Machine.UserLoad32((void*)user, &v));
        value = v;
        return r;
    }

    /// <summary>Writes 64 bits. 0 or -EFAULT.</summary>
    public static int Write64(ulong user, ulong value)
    {
        if (!IsUser(user, 8)) return -Errno.EFAULT;
        Open();
        return Close(Machine.UserStore64((void*)user, value));
    }

    /// <summary>Writes 32 bits. 0 or -EFAULT.</summary>
    public static int Write32(ulong user, uint value)
    {
        if (!IsUser(user, 4)) return -Errno.EFAULT;
        Open();
        return Close(Machine.UserStore32((void*)user, value));
    }

    /// <summary>Writes two adjacent 64-bit values: a timespec or timeval.</summary>
    public static int WritePair(ulong user, ulong first, ulong second)
    {
        // Every clock_gettime system call ends here: one comparison, one stub.
        if (user > KernelMap.UserEnd - 16) return -Errno.EFAULT;
        if (!s_smap) return WritePairOpen(user, first, second);
        if (Machine.UserStorePair((void*)user, first, second) == 0) return 0;
        Machine.Clac();
        return -Errno.EFAULT;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WritePairOpen(ulong user, ulong first, ulong second)
    {
        ulong left = Machine.UserStore64((void*)user, first);
        return Close(left | Machine.UserStore64((void*)(user + 8), second));
    }

    /// <summary>Writes zeros. 0 or -EFAULT.</summary>
    public static int Clear(ulong user, ulong bytes)
    {
        while (bytes != 0)
        {
            ulong n = Bits.Min(bytes, 4096);
            int r = CopyTo(user, DirectMap.Pointer(AddressSpace.ZeroPage), n);
            if (r != 0) return r;
            user += n;
            bytes -= n;
        }
        return 0;
    }

    /// <summary>Compares and exchanges 32 bits atomically. 0 or -EFAULT; <paramref name="found"/> is what was there.</summary>
    public static int CompareExchange32(ulong user, uint expected, uint desired, out uint found)
    {
        uint v = expected;
        found = 0;
        if (!IsUser(user, 4)) return -Errno.EFAULT;
        Open();
        int r = Close(Machine.UserCompareExchange32((void*)user, desired, expected, &v));
        found = v;
        return r;
    }

    /// <summary>Copies a NUL-terminated string with its NUL. Returns its length without the NUL, -EFAULT, or -ENAMETOOLONG if it does not fit.</summary>
    public static int CopyString(byte* to, ulong user, int capacity)
    {
        int n = 0;
        while (n < capacity)
        {
            // Page by page, so that a string that ends just before an unmapped page is fine.
            int chunk = (int)Bits.Min((ulong)(capacity - n), 4096 - (user + (ulong)n & 4095));
            if (CopyFrom(to + n, user + (ulong)n, (ulong)chunk) != 0) return -Errno.EFAULT;
            for (int end = n + chunk; n < end; n++) if (to[n] == 0) return n;
        }
        return -Errno.ENAMETOOLONG;
    }
}
