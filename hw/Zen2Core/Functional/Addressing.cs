using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>How a handler forms its linear address; chosen when the instruction is decoded.</summary>
internal unsafe interface IAddressing
{
    /// <summary>Forms the address. False: a segment fault is recorded.</summary>
    static abstract bool Form(CpuState* s, MicroOp* op, out ulong linear);
}

/// <summary>64-bit base and displacement.</summary>
internal readonly unsafe struct FlatBase : IAddressing
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Form(CpuState* s, MicroOp* op, out ulong linear)
    {
        linear = *(ulong*)((byte*)s + op->Base) + (ulong)op->Disp;
        return true;
    }
}

/// <summary>64-bit base, scaled index and displacement.</summary>
internal readonly unsafe struct FlatIndexed : IAddressing
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Form(CpuState* s, MicroOp* op, out ulong linear)
    {
        byte* registers = (byte*)s;
        linear = *(ulong*)(registers + op->Base) + (*(ulong*)(registers + op->Index) << op->Scale) + (ulong)op->Disp;
        return true;
    }
}

/// <summary>Any address size, with segment base and, outside 64-bit mode, segment checks.</summary>
internal readonly unsafe struct AnyAddress : IAddressing
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Form(CpuState* s, MicroOp* op, out ulong linear)
    {
        byte* registers = (byte*)s;
        return EffectiveAddress.Linear(s, op, *(ulong*)(registers + op->Base), *(ulong*)(registers + op->Index), out linear);
    }
}
