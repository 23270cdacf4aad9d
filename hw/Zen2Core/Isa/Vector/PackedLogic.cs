using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PCMPEQB.</summary>
internal readonly struct PCmpEqB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Equals(a.AsByte(), b.AsByte()).AsUInt64();
}

/// <summary>PCMPGTB: signed.</summary>
internal readonly struct PCmpGtB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.GreaterThan(a.AsSByte(), b.AsSByte()).AsUInt64();
}

/// <summary>PCMPEQW.</summary>
internal readonly struct PCmpEqW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Equals(a.AsUInt16(), b.AsUInt16()).AsUInt64();
}

/// <summary>PCMPGTW: signed.</summary>
internal readonly struct PCmpGtW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.GreaterThan(a.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PCMPEQD.</summary>
internal readonly struct PCmpEqD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Equals(a.AsUInt32(), b.AsUInt32()).AsUInt64();
}

/// <summary>PCMPGTD: signed.</summary>
internal readonly struct PCmpGtD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.GreaterThan(a.AsInt32(), b.AsInt32()).AsUInt64();
}

/// <summary>PCMPEQQ.</summary>
internal readonly struct PCmpEqQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Equals(a, b);
}

/// <summary>PCMPGTQ: signed.</summary>
internal readonly struct PCmpGtQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.GreaterThan(a.AsInt64(), b.AsInt64()).AsUInt64();
}

/// <summary>PAND, and the floating-point forms of the same bits.</summary>
internal readonly struct PAnd : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a & b;
}

/// <summary>POR, and the floating-point forms of the same bits.</summary>
internal readonly struct POr : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a | b;
}

/// <summary>PXOR, and the floating-point forms of the same bits.</summary>
internal readonly struct PXor : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a ^ b;
}

/// <summary>PANDN: not a, and b, and the floating-point forms of the same bits.</summary>
internal readonly struct PAndNot : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        ~a & b;
}
