using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PACKSSWB.</summary>
internal readonly struct PackSsWB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PACKSSDW.</summary>
internal readonly struct PackSsDW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsUInt64();
}

/// <summary>PACKUSWB: signed words to unsigned bytes.</summary>
internal readonly struct PackUsWB : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> top = Vector128.Create((short)0xFF);
        Vector128<short> x = Vector128.Min(Vector128.Max(a.AsInt16(), default), top);
        Vector128<short> y = Vector128.Min(Vector128.Max(b.AsInt16(), default), top);
        return Vector128.Narrow(x.AsUInt16(), y.AsUInt16()).AsUInt64();
    }
}

/// <summary>PACKUSDW: signed double words to unsigned words.</summary>
internal readonly struct PackUsDW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<int> top = Vector128.Create(0xFFFF);
        Vector128<int> x = Vector128.Min(Vector128.Max(a.AsInt32(), default), top);
        Vector128<int> y = Vector128.Min(Vector128.Max(b.AsInt32(), default), top);
        return Vector128.Narrow(x.AsUInt32(), y.AsUInt32()).AsUInt64();
    }
}

/// <summary>PUNPCKLBW.</summary>
internal readonly struct PUnpckLBW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (Vector128.WidenLower(a.AsByte()) | (Vector128.WidenLower(b.AsByte()) << 8)).AsUInt64();
}

/// <summary>PUNPCKHBW.</summary>
internal readonly struct PUnpckHBW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (Vector128.WidenUpper(a.AsByte()) | (Vector128.WidenUpper(b.AsByte()) << 8)).AsUInt64();
}

/// <summary>PUNPCKLWD.</summary>
internal readonly struct PUnpckLWD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (Vector128.WidenLower(a.AsUInt16()) | (Vector128.WidenLower(b.AsUInt16()) << 16)).AsUInt64();
}

/// <summary>PUNPCKHWD.</summary>
internal readonly struct PUnpckHWD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (Vector128.WidenUpper(a.AsUInt16()) | (Vector128.WidenUpper(b.AsUInt16()) << 16)).AsUInt64();
}

/// <summary>PUNPCKLDQ.</summary>
internal readonly struct PUnpckLDQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (Vector128.WidenLower(a.AsUInt32()) | (Vector128.WidenLower(b.AsUInt32()) << 32));
}

/// <summary>PUNPCKHDQ.</summary>
internal readonly struct PUnpckHDQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (Vector128.WidenUpper(a.AsUInt32()) | (Vector128.WidenUpper(b.AsUInt32()) << 32));
}

/// <summary>PUNPCKLQDQ, UNPCKLPD, MOVLHPS.</summary>
internal readonly struct PUnpckLQdq : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(a.GetElement(0), b.GetElement(0));
}

/// <summary>PUNPCKHQDQ, UNPCKHPD.</summary>
internal readonly struct PUnpckHQdq : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(a.GetElement(1), b.GetElement(1));
}
