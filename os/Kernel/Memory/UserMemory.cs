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

    /// <summary>Copies from user memory. 0 or -EFAULT.</summary>
    public static int CopyFrom(void* to, ulong user, ulong bytes)
    {
        if (bytes == 0) return 0;
        return !IsUser(user, bytes) ? -Errno.EFAULT : Machine.UserCopy(to, (void*)user, bytes);
    }

    /// <summary>Copies to user memory. 0 or -EFAULT.</summary>
    public static int CopyTo(ulong user, void* from, ulong bytes)
    {
        if (bytes == 0) return 0;
        return !IsUser(user, bytes) ? -Errno.EFAULT : Machine.UserCopy((void*)user, from, bytes);
    }

    public static int Read64(ulong user, out ulong value)
    {
        ulong v = 0;
        int r = !IsUser(user, 8) ? -Errno.EFAULT : Machine.UserRead64((void*)user, &v);
        value = v;
        return r;
    }

    public static int Read32(ulong user, out uint value)
    {
        uint v = 0;
        int r = !IsUser(user, 4) ? -Errno.EFAULT : Machine.UserRead32((void*)user, &v);
        value = v;
        return r;
    }

    public static int Write64(ulong user, ulong value) => !IsUser(user, 8) ? -Errno.EFAULT : Machine.UserWrite64((void*)user, value);

    public static int Write32(ulong user, uint value) => !IsUser(user, 4) ? -Errno.EFAULT : Machine.UserWrite32((void*)user, value);

    /// <summary>Writes two adjacent 64-bit values: a timespec or timeval.</summary>
    public static int WritePair(ulong user, ulong first, ulong second) =>
        !IsUser(user, 16) ? -Errno.EFAULT : Machine.UserWritePair((void*)user, first, second);

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
        int r = !IsUser(user, 4) ? -Errno.EFAULT : Machine.UserCompareExchange32((void*)user, desired, &v);
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
