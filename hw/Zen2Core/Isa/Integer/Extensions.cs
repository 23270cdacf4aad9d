using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>MOVZX from <typeparamref name="TSource"/>: the source is b.</summary>
internal readonly struct ZeroExtend<TSource> : IIntOp
    where TSource : struct, IWidth
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => Width.Truncate<TSource>(b);
}

/// <summary>MOVSX and MOVSXD from <typeparamref name="TSource"/>: the source is b.</summary>
internal readonly struct SignExtend<TSource> : IIntOp
    where TSource : struct, IWidth
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => (ulong)Width.SignExtend<TSource>(b);
}
