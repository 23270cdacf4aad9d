using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>Shift counts are masked to 5 bits, 6 for 64-bit operands (AMD APM vol. 3, SHL).</summary>
internal static class ShiftCount
{
    /// <summary>The masked count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of<W>(ulong count)
        where W : struct, IWidth => (int)count & (W.Bits == 64 ? 63 : 31);
}

/// <summary>SHL/SAL. OF is defined for counts of one; larger counts use the same formula.</summary>
internal readonly struct Shl : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        ulong result = a << count;
        // For 8- and 16-bit operands the bit shifted out stays visible above the operand.
        uint carry = W.Bits == 64 ? (uint)(a >> (64 - count)) & 1 : (uint)(result >> W.Bits) & 1;
        uint sign = (uint)(result >> (W.Bits - 1)) & 1;
        flags = carry | ((sign ^ carry) << 11) | FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>SHR.</summary>
internal readonly struct Shr : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        ulong result = a >> count;
        uint carry = (uint)(a >> (count - 1)) & 1;
        // The sign before the last single shift: the top bit of the operand for a count of one.
        uint overflow = (uint)(((result << 1) ^ result) >> (W.Bits - 1)) & 1;
        flags = carry | (overflow << 11) | FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>SAR.</summary>
internal readonly struct Sar : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        long value = Width.SignExtend<W>(a);
        ulong result = (ulong)(value >> count);
        uint carry = (uint)(value >> (count - 1)) & 1;
        flags = carry | FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>ROL: changes CF and OF only.</summary>
internal readonly struct Rol : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        int turn = count & (W.Bits - 1);
        ulong result = turn == 0 ? a : Width.Truncate<W>((a << turn) | (a >> (W.Bits - turn)));
        uint carry = (uint)result & 1;
        uint overflow = ((uint)(result >> (W.Bits - 1)) & 1) ^ carry;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | carry | (overflow << 11);
        return result;
    }
}

/// <summary>ROR.</summary>
internal readonly struct Ror : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        int turn = count & (W.Bits - 1);
        ulong result = turn == 0 ? a : Width.Truncate<W>((a >> turn) | (a << (W.Bits - turn)));
        uint carry = (uint)(result >> (W.Bits - 1)) & 1;
        uint overflow = carry ^ ((uint)(result >> (W.Bits - 2)) & 1);
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | carry | (overflow << 11);
        return result;
    }
}

/// <summary>RCL: rotates through carry, one bit wider than the operand.</summary>
internal readonly struct Rcl : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b) % (W.Bits + 1);
        if (count == 0)
            return a;
        ulong carryIn = flags & FlagBits.CF;
        ulong high = count == 64 ? 0 : a << count;
        ulong low = count == 1 ? 0 : a >> (W.Bits + 1 - count);
        ulong result = Width.Truncate<W>(high | (carryIn << (count - 1)) | low);
        uint carry = (uint)(a >> (W.Bits - count)) & 1;
        uint overflow = ((uint)(result >> (W.Bits - 1)) & 1) ^ carry;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | carry | (overflow << 11);
        return result;
    }
}

/// <summary>RCR.</summary>
internal readonly struct Rcr : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b) % (W.Bits + 1);
        if (count == 0)
            return a;
        ulong carryIn = flags & FlagBits.CF;
        ulong low = a >> count;
        ulong high = count == 1 ? 0 : a << (W.Bits + 1 - count);
        ulong result = Width.Truncate<W>(low | (carryIn << (W.Bits - count)) | high);
        uint carry = (uint)(a >> (count - 1)) & 1;
        uint overflow = ((uint)(result >> (W.Bits - 1)) ^ (uint)(result >> (W.Bits - 2))) & 1;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | carry | (overflow << 11);
        return result;
    }
}

/// <summary>SHLD: a is the destination, b the count, c the bits that come in.</summary>
internal readonly struct Shld : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        // Counts above 16 on 16-bit operands are undefined in the manual; AMD processors shift the source in twice and clear CF.
        UInt128 chain = W.Bits == 16 ? ((UInt128)a << 32) | (c << 16) | c : ((UInt128)a << W.Bits) | c;
        int top = W.Bits == 16 ? 48 : W.Bits * 2;
        ulong result = Width.Truncate<W>((ulong)(chain >> (top - W.Bits - count)));
        uint carry = count > W.Bits ? 0 : (uint)(chain >> (top - count)) & 1;
        uint overflow = (uint)((a ^ result) >> (W.Bits - 1)) & 1;
        flags = carry | (overflow << 11) | FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>SHRD.</summary>
internal readonly struct Shrd : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int count = ShiftCount.Of<W>(b);
        if (count == 0)
            return a;
        UInt128 chain = W.Bits == 16 ? ((UInt128)c << 32) | (c << 16) | a : ((UInt128)c << W.Bits) | a;
        ulong result = Width.Truncate<W>((ulong)(chain >> count));
        uint carry = count > W.Bits ? 0 : (uint)(chain >> (count - 1)) & 1;
        uint overflow = (uint)((a ^ result) >> (W.Bits - 1)) & 1;
        flags = carry | (overflow << 11) | FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>SHLX, SHRX, SARX, RORX: flags stay.</summary>
internal readonly struct WithoutFlags<TOp> : IIntOp
    where TOp : struct, IIntOp
{
    public static bool WritesResult => true;

    public static MicroOpClass ExecutionClass => TOp.ExecutionClass;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        uint dropped = 0;
        return TOp.Execute<W>(a, b, c, ref dropped);
    }
}
