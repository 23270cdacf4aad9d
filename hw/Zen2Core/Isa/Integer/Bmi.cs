namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>ANDN: not a, and b.</summary>
internal readonly struct Andn : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => And.Execute<W>(~a, b, 0, ref flags);
}

/// <summary>BLSI: isolates the lowest set bit of b.</summary>
internal readonly struct Blsi : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = Width.Truncate<W>(b & (0 - b));
        flags = FlagMath.Szp<W>(result) | FlagMath.If(b != 0, FlagBits.CF);
        return result;
    }
}

/// <summary>BLSR: clears the lowest set bit of b.</summary>
internal readonly struct Blsr : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = Width.Truncate<W>(b & (b - 1));
        flags = FlagMath.Szp<W>(result) | FlagMath.If(b == 0, FlagBits.CF);
        return result;
    }
}

/// <summary>BLSMSK: mask up to the lowest set bit of b.</summary>
internal readonly struct Blsmsk : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = Width.Truncate<W>(b ^ (b - 1));
        flags = FlagMath.Szp<W>(result) | FlagMath.If(b == 0, FlagBits.CF);
        return result;
    }
}

/// <summary>BEXTR: start in bits 0-7 of b, length in bits 8-15.</summary>
internal readonly struct Bextr : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int start = (byte)b, length = (byte)(b >> 8);
        ulong result = start >= W.Bits ? 0 : a >> start;
        if (length < 64)
            result &= (1UL << length) - 1;
        // AF, PF and SF are undefined in the manual; an AMD family 19h processor sets AF, clears SF and gives PF by the result.
        flags = (FlagMath.Szp<W>(result) & ~FlagBits.SF) | FlagBits.AF;
        return result;
    }
}

/// <summary>BZHI: clears the bits of a from index b up.</summary>
internal readonly struct Bzhi : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int index = (byte)b;
        bool all = index >= W.Bits;
        ulong result = all ? a : a & ((1UL << index) - 1);
        flags = FlagMath.Szp<W>(result) | FlagMath.If(all, FlagBits.CF);
        return result;
    }
}

/// <summary>PDEP: deposits the low bits of a at the set bits of b.</summary>
internal readonly struct Pdep : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = 0;
        for (ulong mask = b; mask != 0; mask &= mask - 1)
        {
            if ((a & 1) != 0)
                result |= mask & (0 - mask);
            a >>= 1;
        }

        return result;
    }
}

/// <summary>PEXT: gathers the bits of a at the set bits of b.</summary>
internal readonly struct Pext : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = 0;
        int position = 0;
        for (ulong mask = b; mask != 0; mask &= mask - 1, position++)
        {
            if ((a & mask & (0 - mask)) != 0)
                result |= 1UL << position;
        }

        return result;
    }
}
