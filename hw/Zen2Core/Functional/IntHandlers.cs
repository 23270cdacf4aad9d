using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Whether a handler stores the flags it computes; dead flags are found when a block is decoded.</summary>
internal interface IFlagPolicy
{
    /// <summary>True when the flags are stored.</summary>
    static abstract bool Keep { get; }
}

/// <summary>Stores flags.</summary>
internal readonly struct KeepFlags : IFlagPolicy
{
    public static bool Keep => true;
}

/// <summary>Drops flags that no one can see; their computation disappears with them.</summary>
internal readonly struct DropFlags : IFlagPolicy
{
    public static bool Keep => false;
}

/// <summary>Threaded-code handlers of <see cref="IIntOp"/> and <see cref="IIntPairOp"/>, and their value functions.</summary>
internal static unsafe class IntHandlers
{
    /// <summary>Second source in a register.</summary>
    public static MicroOp* RegReg<TOp, W, TFlags>(CpuState* s, MicroOp* op)
        where TOp : struct, IIntOp
        where W : struct, IWidth
        where TFlags : struct, IFlagPolicy
    {
        byte* registers = (byte*)s;
        uint flags = s->Flags;
        ulong result = TOp.Execute<W>(W.Read(registers + op->A), W.Read(registers + op->B), 0, ref flags);
        if (TFlags.Keep)
            s->Flags = flags;
        if (TOp.WritesResult)
            W.Write(registers + op->Dst, result);
        return op + 1;
    }

    /// <summary>Second source immediate.</summary>
    public static MicroOp* RegImm<TOp, W, TFlags>(CpuState* s, MicroOp* op)
        where TOp : struct, IIntOp
        where W : struct, IWidth
        where TFlags : struct, IFlagPolicy
    {
        byte* registers = (byte*)s;
        uint flags = s->Flags;
        ulong result = TOp.Execute<W>(W.Read(registers + op->A), Width.Truncate<W>(op->Imm), 0, ref flags);
        if (TFlags.Keep)
            s->Flags = flags;
        if (TOp.WritesResult)
            W.Write(registers + op->Dst, result);
        return op + 1;
    }

    /// <summary>Three register sources.</summary>
    public static MicroOp* Reg3<TOp, W, TFlags>(CpuState* s, MicroOp* op)
        where TOp : struct, IIntOp
        where W : struct, IWidth
        where TFlags : struct, IFlagPolicy
    {
        byte* registers = (byte*)s;
        uint flags = s->Flags;
        ulong b = (op->Marks & MicroOpMarks.BIsImmediate) != 0 ? op->Imm : W.Read(registers + op->B);
        ulong result = TOp.Execute<W>(W.Read(registers + op->A), b, W.Read(registers + op->C), ref flags);
        if (TFlags.Keep)
            s->Flags = flags;
        if (TOp.WritesResult)
            W.Write(registers + op->Dst, result);
        return op + 1;
    }

    /// <summary>Value function of an <see cref="IIntOp"/>.</summary>
    public static void Value<TOp, W>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IIntOp
        where W : struct, IWidth
    {
        ulong result = TOp.Execute<W>(W.Extract(e->A, op->A), W.Extract(e->B, op->B), W.Extract(e->C, op->C), ref e->Flags);
        e->Result = W.Merge(e->Old, result, op->Dst);
    }

    /// <summary>Two results, #DE possible.</summary>
    public static MicroOp* Pair<TOp, W>(CpuState* s, MicroOp* op)
        where TOp : struct, IIntPairOp
        where W : struct, IWidth
    {
        byte* registers = (byte*)s;
        uint flags = s->Flags;
        ulong a = W.Read(registers + op->A), b = W.Read(registers + op->B), c = W.Read(registers + op->C);
        if (!TOp.Execute<W>(a, b, c, out ulong low, out ulong high, ref flags))
            return Leave.Fault(s, op, ExceptionVector.DivideError, 0);
        s->Flags = flags;
        W.Write(registers + op->Dst, low);
        W.Write(registers + op->Dst2, high);
        return op + 1;
    }

    /// <summary>Value function of an <see cref="IIntPairOp"/>. Both destinations of 8- and 16-bit forms are RAX-family registers that merge with Old (low) and C (high).</summary>
    public static void PairValue<TOp, W>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IIntPairOp
        where W : struct, IWidth
    {
        ulong a = W.Extract(e->A, op->A), b = W.Extract(e->B, op->B), c = W.Extract(e->C, op->C);
        if (!TOp.Execute<W>(a, b, c, out ulong low, out ulong high, ref e->Flags))
        {
            e->Fault = ExecArgs.FaultBit | ExceptionVector.DivideError;
            return;
        }

        e->Result = W.Merge(e->Old, low, op->Dst);
        e->Result2 = W.Merge(e->C, high, op->Dst2);
    }
}
