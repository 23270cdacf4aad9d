using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>A floating-point conversion whose source and result have different widths.</summary>
internal interface IVecFloatWideOp
{
    /// <summary>Computes the whole result.</summary>
    static abstract Vector256<ulong> Execute(Vector256<ulong> b, int control, ref FloatEnvironment environment);
}

/// <summary>VCVTPS2PD, VCVTDQ2PD to 256 bits: the 128-bit conversion of each quadword of the source.</summary>
internal readonly struct Lengthen<TOp> : IVecFloatWideOp
    where TOp : struct, IVecFloatOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<ulong> low = TOp.Execute(default, Vector128.CreateScalar(b[0]), control, ref environment);
        return Vector256.Create(low, TOp.Execute(default, Vector128.CreateScalar(b[1]), control, ref environment));
    }
}

/// <summary>VCVTPD2PS, VCVTPD2DQ, VCVTPS2PH from 256 bits: the results of both halves side by side.</summary>
internal readonly struct Shorten<TOp> : IVecFloatWideOp
    where TOp : struct, IVecFloatOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong low = TOp.Execute(default, b.GetLower(), control, ref environment)[0];
        ulong high = TOp.Execute(default, b.GetUpper(), control, ref environment)[0];
        return Vector256.Create(low, high, 0, 0);
    }
}

/// <summary>VCVTPH2PS: four halves; DAZ does not apply and there is no denormal exception.</summary>
internal readonly struct CvtPH2PS : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        uint saved = environment.Control;
        environment.Control &= ~FloatEnvironment.DenormalsAreZeros;
        Vector128<uint> result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, (uint)FloatConvert.Format<Binary16, Binary32>(b.AsUInt16()[i], ref environment));
        environment.Control = saved;
        return result.AsUInt64();
    }
}

/// <summary>VCVTPS2PH: immediate bits 0-1 mode, bit 2 use MXCSR instead; FTZ does not apply.</summary>
internal readonly struct CvtPS2PH : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        uint saved = environment.Control;
        environment.Control &= ~FloatEnvironment.FlushToZero;
        if ((control & 4) == 0)
            environment.Control = (environment.Control & ~FloatEnvironment.RoundingField) | ((uint)(control & 3) << 13);
        ulong result = 0;
        for (int i = 0; i < 4; i++)
            result |= FloatConvert.Format<Binary32, Binary16>(b.AsUInt32()[i], ref environment) << (16 * i);
        environment.Control = saved;
        return Vector128.CreateScalar(result);
    }
}
