using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PMOVSXBW.</summary>
internal readonly struct PMovSxBW : IVecExtension
{
    public static int SourceBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(b.AsSByte()).AsUInt64();
}

/// <summary>PMOVZXBW.</summary>
internal readonly struct PMovZxBW : IVecExtension
{
    public static int SourceBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(b.AsByte()).AsUInt64();
}

/// <summary>PMOVSXBD.</summary>
internal readonly struct PMovSxBD : IVecExtension
{
    public static int SourceBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(Vector128.WidenLower(b.AsSByte())).AsUInt64();
}

/// <summary>PMOVZXBD.</summary>
internal readonly struct PMovZxBD : IVecExtension
{
    public static int SourceBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(Vector128.WidenLower(b.AsByte())).AsUInt64();
}

/// <summary>PMOVSXBQ.</summary>
internal readonly struct PMovSxBQ : IVecExtension
{
    public static int SourceBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(b.AsSByte()))).AsUInt64();
}

/// <summary>PMOVZXBQ.</summary>
internal readonly struct PMovZxBQ : IVecExtension
{
    public static int SourceBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(b.AsByte())));
}

/// <summary>PMOVSXWD.</summary>
internal readonly struct PMovSxWD : IVecExtension
{
    public static int SourceBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(b.AsInt16()).AsUInt64();
}

/// <summary>PMOVZXWD.</summary>
internal readonly struct PMovZxWD : IVecExtension
{
    public static int SourceBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(b.AsUInt16()).AsUInt64();
}

/// <summary>PMOVSXWQ.</summary>
internal readonly struct PMovSxWQ : IVecExtension
{
    public static int SourceBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(Vector128.WidenLower(b.AsInt16())).AsUInt64();
}

/// <summary>PMOVZXWQ.</summary>
internal readonly struct PMovZxWQ : IVecExtension
{
    public static int SourceBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(Vector128.WidenLower(b.AsUInt16()));
}

/// <summary>PMOVSXDQ.</summary>
internal readonly struct PMovSxDQ : IVecExtension
{
    public static int SourceBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(b.AsInt32()).AsUInt64();
}

/// <summary>PMOVZXDQ.</summary>
internal readonly struct PMovZxDQ : IVecExtension
{
    public static int SourceBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.WidenLower(b.AsUInt32());
}

/// <summary>An extension of narrow lanes to 128 bits.</summary>
internal interface IVecExtension : IVecOp
{
    /// <summary>Bytes of the source that fill 128 bits of the result.</summary>
    static abstract int SourceBytes { get; }
}

/// <summary>The 256-bit form of an extension.</summary>
internal readonly struct ExtendWide<TOp> : IVecWideOp
    where TOp : struct, IVecExtension
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control)
    {
        Vector128<ulong> source = b.GetLower();
        return Vector256.Create(TOp.Execute(source, source, 0), TOp.Execute(source, Bytes.Concatenate(default, source, TOp.SourceBytes), 0));
    }
}
