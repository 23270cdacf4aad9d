using System.Numerics;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>BT: CF = bit; the index wraps at the width. The other flags stay (documented as undefined or unchanged).</summary>
internal readonly struct Bt : IIntOp
{
    public static bool WritesResult => false;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = (flags & ~FlagBits.CF) | ((uint)(a >> ((int)b & (W.Bits - 1))) & 1);
        return a;
    }
}

/// <summary>BTS.</summary>
internal readonly struct Bts : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => Bt.Execute<W>(a, b, 0, ref flags) | (1UL << ((int)b & (W.Bits - 1)));
}

/// <summary>BTR.</summary>
internal readonly struct Btr : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => Bt.Execute<W>(a, b, 0, ref flags) & ~(1UL << ((int)b & (W.Bits - 1)));
}

/// <summary>BTC.</summary>
internal readonly struct Btc : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => Bt.Execute<W>(a, b, 0, ref flags) ^ (1UL << ((int)b & (W.Bits - 1)));
}

/// <summary>The byte displacement that a bit index of width <typeparamref name="TIndex"/> adds to a memory bit string's address.</summary>
internal readonly struct SignedBitOffset<TIndex> : IIntOp
    where TIndex : struct, IWidth
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth =>
        (ulong)((Width.SignExtend<TIndex>(b) >> BitOperations.Log2((uint)TIndex.Bits)) * (TIndex.Bits / 8));
}

/// <summary>BSF: a is the old destination, which stays when the source is zero (AMD APM vol. 3).</summary>
internal readonly struct Bsf : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = (flags & ~FlagBits.ZF) | FlagMath.If(b == 0, FlagBits.ZF);
        return b == 0 ? a : (ulong)BitOperations.TrailingZeroCount(b);
    }
}

/// <summary>BSR.</summary>
internal readonly struct Bsr : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = (flags & ~FlagBits.ZF) | FlagMath.If(b == 0, FlagBits.ZF);
        return b == 0 ? a : (ulong)FlagMath.HighestBit(b);
    }
}

/// <summary>A 32-bit BSF or BSR of zero leaves all 64 bits of its destination: computed at 64 bits from a 32-bit source.</summary>
internal readonly struct ScanOfLowHalf<TOp> : IIntOp
    where TOp : struct, IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => TOp.Execute<W>(a, (uint)b, 0, ref flags);
}

/// <summary>TZCNT. Flags that the manual leaves undefined are as AMD processors have them: SF, PF and AF clear, OF as it was.</summary>
internal readonly struct Tzcnt : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = b == 0 ? W.Bits : BitOperations.TrailingZeroCount(b);
        flags = (flags & FlagBits.OF) | FlagMath.If(b == 0, FlagBits.CF) | FlagMath.If(count == 0, FlagBits.ZF);
        return (ulong)count;
    }
}

/// <summary>LZCNT. Undefined flags: as <see cref="Tzcnt"/>.</summary>
internal readonly struct Lzcnt : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = BitOperations.LeadingZeroCount(b) - (64 - W.Bits);
        flags = (flags & FlagBits.OF) | FlagMath.If(b == 0, FlagBits.CF) | FlagMath.If(count == 0, FlagBits.ZF);
        return (ulong)count;
    }
}

/// <summary>POPCNT.</summary>
internal readonly struct Popcnt : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = FlagMath.If(b == 0, FlagBits.ZF);
        return (ulong)BitOperations.PopCount(b);
    }
}
