using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PSLLW by the low quadword of b.</summary>
internal readonly struct PSllW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.GetElement(0) > 15 ? default : (a.AsUInt16() << (int)b.GetElement(0)).AsUInt64();
}

/// <summary>PSRLW by the low quadword of b.</summary>
internal readonly struct PSrlW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.GetElement(0) > 15 ? default : (a.AsUInt16() >>> (int)b.GetElement(0)).AsUInt64();
}

/// <summary>PSRAW by the low quadword of b.</summary>
internal readonly struct PSraW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsInt16() >> (int)Math.Min(b.GetElement(0), 15)).AsUInt64();
}

/// <summary>PSLLW by an immediate.</summary>
internal readonly struct PSllWImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (uint)control > 15 ? default : (a.AsUInt16() << (int)(uint)control).AsUInt64();
}

/// <summary>PSRLW by an immediate.</summary>
internal readonly struct PSrlWImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (uint)control > 15 ? default : (a.AsUInt16() >>> (int)(uint)control).AsUInt64();
}

/// <summary>PSRAW by an immediate.</summary>
internal readonly struct PSraWImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsInt16() >> (int)Math.Min((uint)control, 15)).AsUInt64();
}

/// <summary>PSLLD by the low quadword of b.</summary>
internal readonly struct PSllD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.GetElement(0) > 31 ? default : (a.AsUInt32() << (int)b.GetElement(0)).AsUInt64();
}

/// <summary>PSRLD by the low quadword of b.</summary>
internal readonly struct PSrlD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.GetElement(0) > 31 ? default : (a.AsUInt32() >>> (int)b.GetElement(0)).AsUInt64();
}

/// <summary>PSRAD by the low quadword of b.</summary>
internal readonly struct PSraD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsInt32() >> (int)Math.Min(b.GetElement(0), 31)).AsUInt64();
}

/// <summary>PSLLD by an immediate.</summary>
internal readonly struct PSllDImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (uint)control > 31 ? default : (a.AsUInt32() << (int)(uint)control).AsUInt64();
}

/// <summary>PSRLD by an immediate.</summary>
internal readonly struct PSrlDImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (uint)control > 31 ? default : (a.AsUInt32() >>> (int)(uint)control).AsUInt64();
}

/// <summary>PSRAD by an immediate.</summary>
internal readonly struct PSraDImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsInt32() >> (int)Math.Min((uint)control, 31)).AsUInt64();
}

/// <summary>PSLLQ by the low quadword of b.</summary>
internal readonly struct PSllQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.GetElement(0) > 63 ? default : (a << (int)b.GetElement(0));
}

/// <summary>PSRLQ by the low quadword of b.</summary>
internal readonly struct PSrlQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.GetElement(0) > 63 ? default : (a >>> (int)b.GetElement(0));
}

/// <summary>PSLLQ by an immediate.</summary>
internal readonly struct PSllQImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (uint)control > 63 ? default : (a << (int)(uint)control);
}

/// <summary>PSRLQ by an immediate.</summary>
internal readonly struct PSrlQImm : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (uint)control > 63 ? default : (a >>> (int)(uint)control);
}

/// <summary>PSLLDQ: whole register, by bytes.</summary>
internal readonly struct PSllDQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        control > 15 ? default : Bytes.Concatenate(a, default, 16 - control);
}

/// <summary>PSRLDQ: whole register, by bytes.</summary>
internal readonly struct PSrlDQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        control > 15 ? default : Bytes.Concatenate(default, a, control);
}

/// <summary>PALIGNR: bytes of a:b from an immediate.</summary>
internal readonly struct PAlignR : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        control > 31 ? default : Bytes.Concatenate(control > 15 ? default : a, control > 15 ? a : b, control & 15);
}

/// <summary>Byte moves across a register.</summary>
internal static class Bytes
{
    /// <summary>The 16 bytes that start at byte <paramref name="start"/> of high:low.</summary>
    /// <param name="high">Bytes 16-31.</param>
    /// <param name="low">Bytes 0-15.</param>
    /// <param name="start">0-16.</param>
    public static Vector128<ulong> Concatenate(Vector128<ulong> high, Vector128<ulong> low, int start)
    {
        UInt128 upper = new(high.GetElement(1), high.GetElement(0));
        UInt128 lower = new(low.GetElement(1), low.GetElement(0));
        UInt128 result = start switch
        {
            0 => lower,
            16 => upper,
            _ => (lower >> (start * 8)) | (upper << (128 - (start * 8))),
        };
        return Vector128.Create((ulong)result, (ulong)(result >> 64));
    }
}
