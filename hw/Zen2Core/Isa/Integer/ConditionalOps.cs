using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>SETcc.</summary>
internal readonly struct SetIf<TCondition> : IIntOp
    where TCondition : struct, ICondition
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => Conditions.Holds(TCondition.Code, flags) ? 1UL : 0;
}

/// <summary>CMOVcc: a is the old destination. A 32-bit form clears the upper half either way.</summary>
internal readonly struct MoveIf<TCondition> : IIntOp
    where TCondition : struct, ICondition
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => Conditions.Holds(TCondition.Code, flags) ? b : a;
}
