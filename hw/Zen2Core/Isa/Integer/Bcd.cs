namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>DAA on AL (AMD APM vol. 3; flags per its pseudo code).</summary>
internal readonly struct Daa : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => BcdAdjust.Packed(a, subtract: false, ref flags);
}

/// <summary>DAS on AL.</summary>
internal readonly struct Das : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => BcdAdjust.Packed(a, subtract: true, ref flags);
}

/// <summary>AAA on AX.</summary>
internal readonly struct Aaa : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => BcdAdjust.Unpacked(a, 0x106, ref flags);
}

/// <summary>AAS on AX.</summary>
internal readonly struct Aas : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => BcdAdjust.Unpacked(a, unchecked((ulong)-0x106), ref flags);
}

/// <summary>AAM on AX: b is the base; #DE when zero.</summary>
internal readonly struct Aam : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Div;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        low = high = 0;
        uint divisor = (byte)b;
        if (divisor == 0)
            return false;
        (uint quotient, uint remainder) = Math.DivRem((uint)(byte)a, divisor);
        low = (quotient << 8) | remainder;
        flags = FlagMath.Szp<W8>(remainder);
        return true;
    }
}

/// <summary>AAD on AX.</summary>
internal readonly struct Aad : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = (byte)((byte)a + (byte)(a >> 8) * (byte)b);
        flags = FlagMath.Szp<W8>(result);
        return result;
    }
}

/// <summary>Shared parts of the decimal adjustments.</summary>
internal static class BcdAdjust
{
    /// <summary>Packed adjustment of AL.</summary>
    public static ulong Packed(ulong a, bool subtract, ref uint flags)
    {
        uint al = (byte)a;
        bool low = (al & 0xF) > 9 || (flags & FlagBits.AF) != 0;
        bool high = al > 0x99 || (flags & FlagBits.CF) != 0;
        uint adjust = (low ? 6u : 0) + (high ? 0x60u : 0);
        bool borrow = subtract && low && al < 6;
        uint result = (byte)(subtract ? al - adjust : al + adjust);
        flags = FlagMath.If(low, FlagBits.AF) | FlagMath.If(high || borrow, FlagBits.CF) | FlagMath.Szp<W8>(result);
        return result;
    }

    /// <summary>Unpacked adjustment of AX.</summary>
    public static ulong Unpacked(ulong a, ulong adjust, ref uint flags)
    {
        bool needed = (a & 0xF) > 9 || (flags & FlagBits.AF) != 0;
        ulong result = (needed ? a + adjust : a) & 0xFF0F;
        flags = FlagMath.If(needed, FlagBits.AF | FlagBits.CF) | FlagMath.Szp<W8>(result);
        return result;
    }
}
