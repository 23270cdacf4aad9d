using System.Numerics;
using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>How results turn into flags (AMD APM vol. 3, appendix E). All functions are branch-free where it matters.</summary>
internal static class FlagMath
{
    /// <summary>SF, ZF and PF of a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Szp<W>(ulong result)
        where W : struct, IWidth
    {
        result = Width.Truncate<W>(result);
        uint flags = (uint)(result >> (W.Bits - 8)) & FlagBits.SF;
        flags |= result == 0 ? FlagBits.ZF : 0;
        return flags | Parity(result);
    }

    /// <summary>PF of the low byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Parity(ulong result)
    {
        uint fold = (uint)(byte)result;
        fold ^= fold >> 4;
        // 9669h is a 16-entry table: bit n is set when n has an even number of ones.
        return ((0x9669u >> (int)(fold & 0xF)) & 1) << 2;
    }

    /// <summary>All six flags of a + b (+ carry) = result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Add<W>(ulong a, ulong b, ulong result)
        where W : struct, IWidth
    {
        ulong carries = (a & b) | ((a | b) & ~result);
        uint flags = (uint)(carries >> (W.Bits - 1)) & FlagBits.CF;
        flags |= (uint)(a ^ b ^ result) & FlagBits.AF;
        flags |= (uint)((((a ^ result) & (b ^ result)) >> (W.Bits - 1)) & 1) << 11;
        return flags | Szp<W>(result);
    }

    /// <summary>All six flags of a - b (- borrow) = result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Subtract<W>(ulong a, ulong b, ulong result)
        where W : struct, IWidth
    {
        ulong borrows = (~a & b) | ((~a | b) & result);
        uint flags = (uint)(borrows >> (W.Bits - 1)) & FlagBits.CF;
        flags |= (uint)(a ^ b ^ result) & FlagBits.AF;
        flags |= (uint)((((a ^ b) & (a ^ result)) >> (W.Bits - 1)) & 1) << 11;
        return flags | Szp<W>(result);
    }

    /// <summary>Truth of a flag as 0 or <paramref name="bit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint If(bool condition, uint bit) => condition ? bit : 0;

    /// <summary>Index of the highest set bit; the argument is not zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HighestBit(ulong value) => 63 - BitOperations.LeadingZeroCount(value);
}
