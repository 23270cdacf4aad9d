using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Loads and stores of general-purpose registers: the software-TLB hit is inline, everything else is <see cref="MemoryAccess"/>.</summary>
internal static unsafe class MemoryHandlers
{
    /// <summary>Loads <typeparamref name="W"/> and writes it zero-extended as <typeparamref name="D"/>.</summary>
    public static MicroOp* Load<W, D, TAddress>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
        where D : struct, IWidth
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        ulong value;
        if (((linear + (ulong)(W.Bits / 8 - 1)) & ~0xFFFUL) == entry->ReadTag)
            value = W.Read((byte*)linear + entry->Addend);
        else if (!MemoryAccess.Read(s, op, linear, W.Bits / 8, out value))
            return null;
        D.Write((byte*)s + op->Dst, value);
        return op + 1;
    }

    /// <summary>Loads <typeparamref name="W"/> and writes it sign-extended as <typeparamref name="D"/>.</summary>
    public static MicroOp* LoadSigned<W, D, TAddress>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
        where D : struct, IWidth
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        ulong value;
        if (((linear + (ulong)(W.Bits / 8 - 1)) & ~0xFFFUL) == entry->ReadTag)
            value = W.Read((byte*)linear + entry->Addend);
        else if (!MemoryAccess.Read(s, op, linear, W.Bits / 8, out value))
            return null;
        D.Write((byte*)s + op->Dst, (ulong)Width.SignExtend<W>(value));
        return op + 1;
    }

    /// <summary>Loads and checks for write permission at once: the first half of a read-modify-write, which makes its faults precise.</summary>
    public static MicroOp* LoadForWrite<W, TAddress>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        ulong value;
        if (((linear + (ulong)(W.Bits / 8 - 1)) & ~0xFFFUL) == entry->WriteTag)
            value = W.Read((byte*)linear + entry->Addend);
        else if (!MemoryAccess.ReadForWrite(s, op, linear, W.Bits / 8, out value))
            return null;
        W64.Write((byte*)s + op->Dst, value);
        return op + 1;
    }

    /// <summary>Stores a register.</summary>
    public static MicroOp* Store<W, TAddress>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        ulong value = W.Read((byte*)s + op->A);
        if (((linear + (ulong)(W.Bits / 8 - 1)) & ~0xFFFUL) == entry->WriteTag)
        {
            W.Store((byte*)linear + entry->Addend, value);
            return op + 1;
        }

        return MemoryAccess.Write(s, op, linear, W.Bits / 8, value);
    }

    /// <summary>Stores an immediate.</summary>
    public static MicroOp* StoreImmediate<W, TAddress>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + (ulong)(W.Bits / 8 - 1)) & ~0xFFFUL) == entry->WriteTag)
        {
            W.Store((byte*)linear + entry->Addend, op->Imm);
            return op + 1;
        }

        return MemoryAccess.Write(s, op, linear, W.Bits / 8, op->Imm);
    }

    /// <summary>Value function of a zero-extending load: A is the raw memory value.</summary>
    public static void LoadValue<D>(ExecArgs* e, MicroOp* op)
        where D : struct, IWidth => e->Result = D.Merge(e->Old, e->A, op->Dst);

    /// <summary>Value function of a sign-extending load.</summary>
    public static void LoadSignedValue<W, D>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth
        where D : struct, IWidth => e->Result = D.Merge(e->Old, (ulong)Width.SignExtend<W>(e->A), op->Dst);

    /// <summary>Value function of a store of a register.</summary>
    public static void StoreValue<W>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth => e->Result = W.Extract(e->A, op->A);

    /// <summary>Value function of a store of an immediate.</summary>
    public static void StoreImmediateValue<W>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth => e->Result = Width.Truncate<W>(op->Imm);
}
