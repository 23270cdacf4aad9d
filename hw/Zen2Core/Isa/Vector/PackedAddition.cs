using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PADDB.</summary>
internal readonly struct PAddB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsByte() + b.AsByte()).AsUInt64();
}

/// <summary>PSUBB.</summary>
internal readonly struct PSubB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsByte() - b.AsByte()).AsUInt64();
}

/// <summary>PADDW.</summary>
internal readonly struct PAddW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsUInt16() + b.AsUInt16()).AsUInt64();
}

/// <summary>PSUBW.</summary>
internal readonly struct PSubW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsUInt16() - b.AsUInt16()).AsUInt64();
}

/// <summary>PADDD.</summary>
internal readonly struct PAddD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsUInt32() + b.AsUInt32()).AsUInt64();
}

/// <summary>PSUBD.</summary>
internal readonly struct PSubD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsUInt32() - b.AsUInt32()).AsUInt64();
}

/// <summary>PADDQ.</summary>
internal readonly struct PAddQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a + b);
}

/// <summary>PSUBQ.</summary>
internal readonly struct PSubQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a - b);
}

/// <summary>PADDSB: signed saturation.</summary>
internal readonly struct PAddSB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.AddSaturate(a.AsSByte(), b.AsSByte()).AsUInt64();
}

/// <summary>PSUBSB: signed saturation.</summary>
internal readonly struct PSubSB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.SubtractSaturate(a.AsSByte(), b.AsSByte()).AsUInt64();
}

/// <summary>PADDUSB: unsigned saturation.</summary>
internal readonly struct PAddUsB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.AddSaturate(a.AsByte(), b.AsByte()).AsUInt64();
}

/// <summary>PSUBUSB: unsigned saturation.</summary>
internal readonly struct PSubUsB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.SubtractSaturate(a.AsByte(), b.AsByte()).AsUInt64();
}

/// <summary>PADDSW: signed saturation.</summary>
internal readonly struct PAddSW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.AddSaturate(a.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PSUBSW: signed saturation.</summary>
internal readonly struct PSubSW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.SubtractSaturate(a.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PADDUSW: unsigned saturation.</summary>
internal readonly struct PAddUsW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.AddSaturate(a.AsUInt16(), b.AsUInt16()).AsUInt64();
}

/// <summary>PSUBUSW: unsigned saturation.</summary>
internal readonly struct PSubUsW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.SubtractSaturate(a.AsUInt16(), b.AsUInt16()).AsUInt64();
}

/// <summary>PAVGB: average, rounded up.</summary>
internal readonly struct PAvgB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        ((a.AsByte() | b.AsByte()) - ((a.AsByte() ^ b.AsByte()) >>> 1)).AsUInt64();
}

/// <summary>PAVGW: average, rounded up.</summary>
internal readonly struct PAvgW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        ((a.AsUInt16() | b.AsUInt16()) - ((a.AsUInt16() ^ b.AsUInt16()) >>> 1)).AsUInt64();
}

/// <summary>PMINSB.</summary>
internal readonly struct PMinSB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Min(a.AsSByte(), b.AsSByte()).AsUInt64();
}

/// <summary>PMAXSB.</summary>
internal readonly struct PMaxSB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Max(a.AsSByte(), b.AsSByte()).AsUInt64();
}

/// <summary>PMINUB.</summary>
internal readonly struct PMinUB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Min(a.AsByte(), b.AsByte()).AsUInt64();
}

/// <summary>PMAXUB.</summary>
internal readonly struct PMaxUB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Max(a.AsByte(), b.AsByte()).AsUInt64();
}

/// <summary>PMINSW.</summary>
internal readonly struct PMinSW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Min(a.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PMAXSW.</summary>
internal readonly struct PMaxSW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Max(a.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PMINUW.</summary>
internal readonly struct PMinUW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Min(a.AsUInt16(), b.AsUInt16()).AsUInt64();
}

/// <summary>PMAXUW.</summary>
internal readonly struct PMaxUW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Max(a.AsUInt16(), b.AsUInt16()).AsUInt64();
}

/// <summary>PMINSD.</summary>
internal readonly struct PMinSD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Min(a.AsInt32(), b.AsInt32()).AsUInt64();
}

/// <summary>PMAXSD.</summary>
internal readonly struct PMaxSD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Max(a.AsInt32(), b.AsInt32()).AsUInt64();
}

/// <summary>PMINUD.</summary>
internal readonly struct PMinUD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Min(a.AsUInt32(), b.AsUInt32()).AsUInt64();
}

/// <summary>PMAXUD.</summary>
internal readonly struct PMaxUD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Max(a.AsUInt32(), b.AsUInt32()).AsUInt64();
}

/// <summary>PABSB: the most negative value stays.</summary>
internal readonly struct PAbsB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsSByte(), Vector128<sbyte>.Zero), -b.AsSByte(), b.AsSByte()).AsUInt64();
}

/// <summary>PSIGNB.</summary>
internal readonly struct PSignB : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<sbyte> value = a.AsSByte(), sign = b.AsSByte();
        Vector128<sbyte> negated = Vector128.ConditionalSelect(Vector128.LessThan(sign, default), -value, value);
        return Vector128.AndNot(negated, Vector128.Equals(sign, default)).AsUInt64();
    }
}

/// <summary>PABSW: the most negative value stays.</summary>
internal readonly struct PAbsW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsInt16(), Vector128<short>.Zero), -b.AsInt16(), b.AsInt16()).AsUInt64();
}

/// <summary>PSIGNW.</summary>
internal readonly struct PSignW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> value = a.AsInt16(), sign = b.AsInt16();
        Vector128<short> negated = Vector128.ConditionalSelect(Vector128.LessThan(sign, default), -value, value);
        return Vector128.AndNot(negated, Vector128.Equals(sign, default)).AsUInt64();
    }
}

/// <summary>PABSD: the most negative value stays.</summary>
internal readonly struct PAbsD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsInt32(), Vector128<int>.Zero), -b.AsInt32(), b.AsInt32()).AsUInt64();
}

/// <summary>PSIGND.</summary>
internal readonly struct PSignD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<int> value = a.AsInt32(), sign = b.AsInt32();
        Vector128<int> negated = Vector128.ConditionalSelect(Vector128.LessThan(sign, default), -value, value);
        return Vector128.AndNot(negated, Vector128.Equals(sign, default)).AsUInt64();
    }
}
