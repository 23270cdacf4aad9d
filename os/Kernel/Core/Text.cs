using System;
using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Byte-string and memory helpers. Kernel text is bytes; there are no managed strings.</summary>
public static unsafe class Text
{
    /// <summary>The address of a variable that does not move: a static or a field of unmanaged memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* Address<T>(ref T variable) where T : unmanaged => (T*)Unsafe.AsPointer(ref variable);

    /// <summary>The bytes of a literal; the compiler puts a NUL after every u8 literal, so the result is a C string.</summary>
    public static byte* Literal(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref Unsafe.AsRef<byte>(Unsafe.AsPointer(ref AsWritable(literal))));

    private static ref byte AsWritable(ReadOnlySpan<byte> s) => ref Unsafe.AsRef(in s.GetPinnableReference());

    /// <summary>Length of a NUL-terminated string, in bytes.</summary>
    public static int Length(byte* s)
    {
        int n = 0;
        while (s[n] != 0) n++;
        return n;
    }

    /// <summary>Compares with a literal.</summary>
    public static bool Equal(byte* a, int length, ReadOnlySpan<byte> b)
    {
        if (length != b.Length) return false;
        for (int i = 0; i < length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    /// <summary>Compares a NUL-terminated string with a literal.</summary>
    public static bool Equal(byte* a, ReadOnlySpan<byte> b) => Equal(a, Length(a), b);

    /// <summary>Compares two strings.</summary>
    public static bool Equal(byte* a, int aLength, byte* b, int bLength)
    {
        if (aLength != bLength) return false;
        for (int i = 0; i < aLength; i++) if (a[i] != b[i]) return false;
        return true;
    }

    /// <summary>Whether a string begins with a literal.</summary>
    public static bool StartsWith(byte* a, int length, ReadOnlySpan<byte> prefix) => length >= prefix.Length && Equal(a, prefix.Length, prefix);

    /// <summary>Copies bytes; the ranges must not overlap.</summary>
    public static void Copy(void* to, void* from, ulong bytes)
    {
        if (bytes != 0) Machine.RepMovsb(to, from, (nuint)bytes);
    }

    /// <summary>Copies that may overlap.</summary>
    public static void Move(void* to, void* from, ulong bytes)
    {
        byte* t = (byte*)to;
        byte* f = (byte*)from;
        if (t <= f || t >= f + bytes) Copy(to, from, bytes);
        else for (ulong i = bytes; i > 0; i--) t[i - 1] = f[i - 1];
    }

    /// <summary>Sets bytes.</summary>
    public static void Fill(void* to, byte value, ulong bytes)
    {
        if (bytes != 0) Machine.RepStosb(to, value, (nuint)bytes);
    }

    /// <summary>Copies a literal without its NUL.</summary>
    public static void Copy(byte* to, ReadOnlySpan<byte> from) => Copy(to, Literal(from), (ulong)from.Length);

    /// <summary>Parses an unsigned decimal number and advances the cursor past it. False (cursor unmoved) if there is no digit or on overflow.</summary>
    public static bool ParseUnsigned(ref byte* cursor, byte* end, out ulong value)
    {
        value = 0;
        byte* p = cursor;
        while (p < end && *p >= '0' && *p <= '9')
        {
            ulong digit = (ulong)(*p - '0');
            if (value > (ulong.MaxValue - digit) / 10) return false;
            value = value * 10 + digit;
            p++;
        }
        if (p == cursor) return false;
        cursor = p;
        return true;
    }
}
