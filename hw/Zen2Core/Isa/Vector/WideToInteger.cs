using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>VPMOVMSKB of 32 bytes.</summary>
internal readonly struct WideMaskBytes : IWideToIntOp
{
    public static ulong Execute(Vector128<ulong> aLow, Vector128<ulong> aHigh, Vector128<ulong> bLow, Vector128<ulong> bHigh, ref uint flags) =>
        bLow.AsByte().ExtractMostSignificantBits() | (bHigh.AsByte().ExtractMostSignificantBits() << 16);
}

/// <summary>VMOVMSKPS of eight lanes.</summary>
internal readonly struct WideMaskSingles : IWideToIntOp
{
    public static ulong Execute(Vector128<ulong> aLow, Vector128<ulong> aHigh, Vector128<ulong> bLow, Vector128<ulong> bHigh, ref uint flags) =>
        bLow.AsUInt32().ExtractMostSignificantBits() | (bHigh.AsUInt32().ExtractMostSignificantBits() << 4);
}

/// <summary>VMOVMSKPD of four lanes.</summary>
internal readonly struct WideMaskDoubles : IWideToIntOp
{
    public static ulong Execute(Vector128<ulong> aLow, Vector128<ulong> aHigh, Vector128<ulong> bLow, Vector128<ulong> bHigh, ref uint flags) =>
        bLow.ExtractMostSignificantBits() | (bHigh.ExtractMostSignificantBits() << 2);
}

/// <summary>VPTEST of 256 bits.</summary>
internal readonly struct WideTest : IWideToIntOp
{
    public static ulong Execute(Vector128<ulong> aLow, Vector128<ulong> aHigh, Vector128<ulong> bLow, Vector128<ulong> bHigh, ref uint flags)
    {
        flags = ((aLow & bLow) | (aHigh & bHigh)) == Vector128<ulong>.Zero ? FlagBits.ZF : 0;
        if (((~aLow & bLow) | (~aHigh & bHigh)) == Vector128<ulong>.Zero)
            flags |= FlagBits.CF;
        return 0;
    }
}

/// <summary>VTESTPS, VTESTPD: like VPTEST, but of sign bits only.</summary>
/// <typeparam name="TLane">uint or ulong.</typeparam>
internal readonly struct TestSigns<TLane> : IVecToIntOp
    where TLane : unmanaged
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref Float.FloatEnvironment environment) =>
        WideTestSigns<TLane>.Execute(a, default, b, default, ref flags);
}

/// <summary>VTESTPS, VTESTPD of 256 bits.</summary>
internal readonly struct WideTestSigns<TLane> : IWideToIntOp
    where TLane : unmanaged
{
    public static ulong Execute(Vector128<ulong> aLow, Vector128<ulong> aHigh, Vector128<ulong> bLow, Vector128<ulong> bHigh, ref uint flags)
    {
        uint both = Signs(aLow & bLow) | Signs(aHigh & bHigh);
        uint rest = Signs(~aLow & bLow) | Signs(~aHigh & bHigh);
        flags = (both == 0 ? FlagBits.ZF : 0) | (rest == 0 ? FlagBits.CF : 0);
        return 0;
    }

    private static uint Signs(Vector128<ulong> value) => value.As<ulong, TLane>().ExtractMostSignificantBits();
}
