using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>A floating-point operation on one single-precision lane.</summary>
internal interface IFloatOp32
{
    /// <summary>Computes one lane; operations with one source use <paramref name="b"/>.</summary>
    static abstract ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment);
}

/// <summary>A floating-point operation on one double-precision lane.</summary>
internal interface IFloatOp64
{
    /// <summary>Computes one lane; operations with one source use <paramref name="b"/>.</summary>
    static abstract ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment);
}

/// <summary>A floating-point operation on one lane of either format.</summary>
internal interface IFloatOp : IFloatOp32, IFloatOp64;

/// <summary>ADDxx.</summary>
internal readonly struct FloatAdd : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TrySingle<HostAdd>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Add<Binary32>(a, b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TryDouble<HostAdd>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Add<Binary64>(a, b, ref environment);
}

/// <summary>SUBxx.</summary>
internal readonly struct FloatSubtract : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TrySingle<HostSubtract>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Subtract<Binary32>(a, b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TryDouble<HostSubtract>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Subtract<Binary64>(a, b, ref environment);
}

/// <summary>MULxx.</summary>
internal readonly struct FloatMultiply : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TrySingle<HostMultiply>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Multiply<Binary32>(a, b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TryDouble<HostMultiply>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Multiply<Binary64>(a, b, ref environment);
}

/// <summary>DIVxx.</summary>
internal readonly struct FloatDivide : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TrySingle<HostDivide>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Divide<Binary32>(a, b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TryDouble<HostDivide>(a, b, ref environment, out ulong result) ? result : FloatArithmetic.Divide<Binary64>(a, b, ref environment);
}

/// <summary>SQRTxx.</summary>
internal readonly struct FloatSquareRoot : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TrySingle<HostSquareRoot>(b, b, ref environment, out ulong result) ? result : FloatArithmetic.SquareRoot<Binary32>(b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FastFloat.TryDouble<HostSquareRoot>(b, b, ref environment, out ulong result) ? result : FloatArithmetic.SquareRoot<Binary64>(b, ref environment);
}

/// <summary>MINxx.</summary>
internal readonly struct FloatMinimum : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) => FloatCompare.Minimum<Binary32>(a, b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) => FloatCompare.Minimum<Binary64>(a, b, ref environment);
}

/// <summary>MAXxx.</summary>
internal readonly struct FloatMaximum : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) => FloatCompare.Maximum<Binary32>(a, b, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) => FloatCompare.Maximum<Binary64>(a, b, ref environment);
}

/// <summary>CMPxx: the immediate is the predicate.</summary>
internal readonly struct FloatTest : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FloatCompare.Test<Binary32>(a, b, control, ref environment) ? 0xFFFF_FFFF : 0;

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FloatCompare.Test<Binary64>(a, b, control, ref environment) ? ulong.MaxValue : 0;
}

/// <summary>ROUNDxx: immediate bits 0-1 mode, bit 2 use MXCSR instead, bit 3 do not raise inexact.</summary>
internal readonly struct FloatRound : IFloatOp
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FloatConvert.RoundToIntegral<Binary32>(b, Mode(control, environment), (control & 8) != 0, ref environment);

    public static ulong Execute64(ulong a, ulong b, int control, ref FloatEnvironment environment) =>
        FloatConvert.RoundToIntegral<Binary64>(b, Mode(control, environment), (control & 8) != 0, ref environment);

    private static RoundingMode Mode(int control, in FloatEnvironment environment) =>
        (control & 4) != 0 ? environment.Rounding : (RoundingMode)(control & 3);
}

/// <summary>RCPxS: raises nothing.</summary>
internal readonly struct FloatReciprocalEstimate : IFloatOp32
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) => ReciprocalEstimates.Reciprocal(b);
}

/// <summary>RSQRTxS: raises nothing.</summary>
internal readonly struct FloatRootEstimate : IFloatOp32
{
    public static ulong Execute32(ulong a, ulong b, int control, ref FloatEnvironment environment) => ReciprocalEstimates.ReciprocalRoot(b);
}
