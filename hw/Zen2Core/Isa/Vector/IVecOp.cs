using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>
/// An operation on 128-bit vectors without exceptions. A 256-bit form applies it to both halves; a 64-bit (MMX) form to the
/// lower half. Legacy encodings have the destination in <c>a</c>; operations with one source read <c>b</c> only.
/// </summary>
internal interface IVecOp
{
    /// <summary>Computes the result.</summary>
    /// <param name="a">First source.</param>
    /// <param name="b">Second source.</param>
    /// <param name="control">Immediate byte, or 0.</param>
    static abstract Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control);

    /// <summary>The control of the upper half of a 256-bit form.</summary>
    static virtual int UpperControl(int control) => control;
}

/// <summary>A floating-point operation on 128-bit vectors: raises SIMD floating-point exceptions.</summary>
internal interface IVecFloatOp
{
    /// <summary>Computes the result; it has no meaning when an unmasked exception was raised.</summary>
    static abstract Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment);
}

/// <summary>An operation on three vectors without exceptions.</summary>
internal interface IVecOp3
{
    /// <summary>Computes the result.</summary>
    static abstract Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, int control);
}

/// <summary>A floating-point operation on three vectors.</summary>
internal interface IVecFloatOp3
{
    /// <summary>Computes the result; it has no meaning when an unmasked exception was raised.</summary>
    static abstract Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, ref FloatEnvironment environment);
}

/// <summary>An operation from vectors to a general-purpose register and the arithmetic flags.</summary>
internal interface IVecToIntOp
{
    /// <summary>Computes the zero-extended result and, where the instruction has any, the flags.</summary>
    static abstract ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment);
}

/// <summary>An operation from a vector and a general-purpose register to a vector.</summary>
internal interface IIntToVecOp
{
    /// <summary>Computes the result.</summary>
    static abstract Vector128<ulong> Execute(Vector128<ulong> a, ulong b, int control, ref FloatEnvironment environment);
}

/// <summary>An operation from 256-bit vectors to a general-purpose register and the flags.</summary>
internal interface IWideToIntOp
{
    /// <summary>Computes the zero-extended result and, where the instruction has any, the flags.</summary>
    static abstract ulong Execute(
        Vector128<ulong> aLow, Vector128<ulong> aHigh, Vector128<ulong> bLow, Vector128<ulong> bHigh, ref uint flags);
}

/// <summary>An operation from two vectors and a general-purpose register to a general-purpose register and the flags.</summary>
internal interface IVecToInt3Op
{
    /// <summary>Computes the zero-extended result and the flags.</summary>
    static abstract ulong Execute(Vector128<ulong> a, Vector128<ulong> b, ulong c, int control, ref uint flags);
}

/// <summary>A 256-bit operation whose halves depend on each other.</summary>
internal interface IVecWideOp
{
    /// <summary>Computes the whole result.</summary>
    static abstract Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control);
}
