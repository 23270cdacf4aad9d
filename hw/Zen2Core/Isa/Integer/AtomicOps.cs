using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>Makes a locked read-modify-write of any two-operand ALU operation.</summary>
internal readonly struct Locked<TOp> : IAtomicOp
    where TOp : struct, IIntOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong memory, ulong b, ulong c, out ulong register, ref uint flags)
        where W : struct, IWidth
    {
        register = 0;
        return TOp.Execute<W>(memory, b, c, ref flags);
    }
}

/// <summary>XCHG with memory.</summary>
internal readonly struct Exchange : IAtomicOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong memory, ulong b, ulong c, out ulong register, ref uint flags)
        where W : struct, IWidth
    {
        register = memory;
        return b;
    }
}

/// <summary>XADD with memory.</summary>
internal readonly struct ExchangeAdd : IAtomicOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong memory, ulong b, ulong c, out ulong register, ref uint flags)
        where W : struct, IWidth
    {
        register = memory;
        return Add.Execute<W>(memory, b, 0, ref flags);
    }
}

/// <summary>
/// CMPXCHG: the accumulator is in c. Memory is always written, with its old value when the comparison fails
/// (AMD APM vol. 3, CMPXCHG).
/// </summary>
internal readonly struct CompareExchange : IAtomicOp
{
    public static bool WritesRegister(uint flags) => (flags & FlagBits.ZF) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong memory, ulong b, ulong c, out ulong register, ref uint flags)
        where W : struct, IWidth
    {
        Cmp.Execute<W>(c, memory, 0, ref flags);
        bool equal = (flags & FlagBits.ZF) != 0;
        register = memory;
        return equal ? b : memory;
    }
}
