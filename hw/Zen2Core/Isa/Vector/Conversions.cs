using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>CVTPS2PD: the two low singles.</summary>
internal readonly struct CvtPS2PD : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong r0 = FloatConvert.Format<Binary32, Binary64>((uint)b[0], ref environment);
        return Vector128.Create(r0, FloatConvert.Format<Binary32, Binary64>(b[0] >> 32, ref environment));
    }
}

/// <summary>CVTPD2PS: two singles and a zero upper half.</summary>
internal readonly struct CvtPD2PS : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong r0 = FloatConvert.Format<Binary64, Binary32>(b[0], ref environment);
        ulong r1 = FloatConvert.Format<Binary64, Binary32>(b[1], ref environment);
        return Vector128.Create(r0 | (r1 << 32), 0);
    }
}

/// <summary>CVTSS2SD.</summary>
internal readonly struct CvtSS2SD : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment) =>
        a.WithElement(0, FloatConvert.Format<Binary32, Binary64>((uint)b[0], ref environment));
}

/// <summary>CVTSD2SS.</summary>
internal readonly struct CvtSD2SS : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment) =>
        a.AsUInt32().WithElement(0, (uint)FloatConvert.Format<Binary64, Binary32>(b[0], ref environment)).AsUInt64();
}

/// <summary>CVTDQ2PS.</summary>
internal readonly struct CvtDQ2PS : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<int> x = b.AsInt32();
        Vector128<uint> result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, (uint)FloatConvert.FromInteger<Binary32>(x[i], ref environment));
        return result.AsUInt64();
    }
}

/// <summary>CVTDQ2PD: the two low integers; always exact.</summary>
internal readonly struct CvtDQ2PD : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment) =>
        Vector128.ConvertToDouble(Vector128.WidenLower(b.AsInt32())).AsUInt64();
}

/// <summary>How an integer conversion rounds.</summary>
internal interface IConversionRounding
{
    /// <summary>The rounding mode.</summary>
    static abstract RoundingMode Mode(in FloatEnvironment environment);
}

/// <summary>As MXCSR says.</summary>
internal readonly struct RoundAsControlled : IConversionRounding
{
    public static RoundingMode Mode(in FloatEnvironment environment) => environment.Rounding;
}

/// <summary>Toward zero (CVTT...).</summary>
internal readonly struct Truncate : IConversionRounding
{
    public static RoundingMode Mode(in FloatEnvironment environment) => RoundingMode.TowardZero;
}

/// <summary>CVTPS2DQ, CVTTPS2DQ.</summary>
internal readonly struct CvtPS2DQ<TRounding> : IVecFloatOp
    where TRounding : struct, IConversionRounding
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<uint> x = b.AsUInt32();
        Vector128<uint> result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, (uint)FloatConvert.ToInteger<Binary32>(x[i], 32, TRounding.Mode(environment), ref environment));
        return result.AsUInt64();
    }
}

/// <summary>CVTPD2DQ, CVTTPD2DQ: two integers and a zero upper half.</summary>
internal readonly struct CvtPD2DQ<TRounding> : IVecFloatOp
    where TRounding : struct, IConversionRounding
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        RoundingMode mode = TRounding.Mode(environment);
        ulong r0 = FloatConvert.ToInteger<Binary64>(b[0], 32, mode, ref environment);
        ulong r1 = FloatConvert.ToInteger<Binary64>(b[1], 32, mode, ref environment);
        return Vector128.Create(r0 | (r1 << 32), 0);
    }
}

/// <summary>CVTxx2SI, CVTTxx2SI; <see cref="MicroOp.Width"/> of the register comes as the control.</summary>
internal readonly struct CvtToInt<TFormat, TRounding> : IVecToIntOp
    where TFormat : struct, IFloatFormat
    where TRounding : struct, IConversionRounding
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment) =>
        FloatConvert.ToInteger<TFormat>(b[0], control * 8, TRounding.Mode(environment), ref environment);
}

/// <summary>CVTSI2SS; the control is the width of the integer in bytes.</summary>
internal readonly struct CvtSI2SS : IIntToVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, ulong b, int control, ref FloatEnvironment environment)
    {
        long value = control == 4 ? (int)b : (long)b;
        return a.AsUInt32().WithElement(0, (uint)FloatConvert.FromInteger<Binary32>(value, ref environment)).AsUInt64();
    }
}

/// <summary>CVTSI2SD.</summary>
internal readonly struct CvtSI2SD : IIntToVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, ulong b, int control, ref FloatEnvironment environment)
    {
        long value = control == 4 ? (int)b : (long)b;
        ulong result = control == 4
            ? BitConverter.DoubleToUInt64Bits((int)b)
            : FloatConvert.FromInteger<Binary64>(value, ref environment);
        return a.WithElement(0, result);
    }
}

/// <summary>To nearest, whatever the control word says (FPREM1).</summary>
internal readonly struct ToNearest : IConversionRounding
{
    public static RoundingMode Mode(in FloatEnvironment environment) => RoundingMode.NearestEven;
}

/// <summary>CVTPI2PS: two integers to the two low singles; the upper half of the destination stays.</summary>
internal readonly struct CvtPI2PS : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong r0 = FloatConvert.FromInteger<Binary32>((int)b[0], ref environment);
        ulong r1 = FloatConvert.FromInteger<Binary32>((int)(b[0] >> 32), ref environment);
        return a.WithElement(0, r0 | (r1 << 32));
    }
}

/// <summary>CVTPS2PI, CVTTPS2PI: the two low singles.</summary>
internal readonly struct CvtPS2PI<TRounding> : IVecFloatOp
    where TRounding : struct, IConversionRounding
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        RoundingMode mode = TRounding.Mode(environment);
        ulong r0 = FloatConvert.ToInteger<Binary32>((uint)b[0], 32, mode, ref environment);
        ulong r1 = FloatConvert.ToInteger<Binary32>(b[0] >> 32, 32, mode, ref environment);
        return Vector128.CreateScalar(r0 | (r1 << 32));
    }
}
