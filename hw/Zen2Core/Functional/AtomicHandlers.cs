using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Read-modify-writes of memory in one micro-op.</summary>
internal static unsafe class AtomicHandlers
{
    /// <summary>Reads, computes, writes memory, then flags and the destination register.</summary>
    public static MicroOp* ReadModifyWrite<TOp, W, TAddress>(CpuState* s, MicroOp* op)
        where TOp : struct, IAtomicOp
        where W : struct, IWidth
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        byte* registers = (byte*)s;
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        bool hit = ((linear + (ulong)(W.Bits / 8 - 1)) & ~0xFFFUL) == entry->WriteTag;
        ulong memory;
        if (hit)
            memory = W.Read((byte*)linear + entry->Addend);
        else if (!MemoryAccess.ReadForWrite(s, op, linear, W.Bits / 8, out memory))
            return null;

        ulong b = (op->Marks & MicroOpMarks.BIsImmediate) != 0 ? Width.Truncate<W>(op->Imm) : W.Read(registers + op->B);
        uint flags = s->Flags;
        ulong result = TOp.Execute<W>(memory, b, W.Read(registers + op->C), out ulong register, ref flags);
        MicroOp* next = op + 1;
        if (hit)
            W.Store((byte*)linear + entry->Addend, result);
        else
            next = MemoryAccess.Write(s, op, linear, W.Bits / 8, result);
        s->Flags = flags;
        if (TOp.WritesRegister(flags))
            W.Write(registers + op->Dst, register);
        return next;
    }

    /// <summary>Value function: A is the memory value, Result goes to memory, Result2 to the destination register.</summary>
    public static void Value<TOp, W>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IAtomicOp
        where W : struct, IWidth
    {
        ulong memory = Width.Truncate<W>(e->A);
        ulong result = TOp.Execute<W>(memory, W.Extract(e->B, op->B), W.Extract(e->C, op->C), out ulong register, ref e->Flags);
        e->Result = Width.Truncate<W>(result);
        e->Result2 = TOp.WritesRegister(e->Flags) ? W.Merge(e->Old, register, op->Dst) : e->Old;
    }
}
