using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>AND. AF is undefined in the manual; processors clear it.</summary>
internal readonly struct And : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a & b;
        flags = FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>OR.</summary>
internal readonly struct Or : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a | b;
        flags = FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>XOR.</summary>
internal readonly struct Xor : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a ^ b;
        flags = FlagMath.Szp<W>(result);
        return result;
    }
}

/// <summary>TEST.</summary>
internal readonly struct Test : IIntOp
{
    public static bool WritesResult => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = FlagMath.Szp<W>(a & b);
        return 0;
    }
}

/// <summary>NOT: no flags.</summary>
internal readonly struct Not : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => ~a;
}

/// <summary>MOV and everything that copies its second source.</summary>
internal readonly struct Mov : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => b;
}

/// <summary>BSWAP; of a 16-bit register it gives zero, as the processors do.</summary>
internal readonly struct Bswap : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth =>
        W.Bits == 16 ? 0 : global::System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(a) >> (64 - W.Bits);
}

/// <summary>MOVBE's byte swap of its second source, 16 bits included.</summary>
internal readonly struct SwapBytes : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth =>
        global::System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(b) >> (64 - W.Bits);
}
