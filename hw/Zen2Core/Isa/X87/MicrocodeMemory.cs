using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>Memory operands of microcode functions.</summary>
internal static unsafe class MicrocodeMemory
{
    /// <summary>Linear address of the memory operand. False: a fault is recorded.</summary>
    public static bool Address(CpuState* s, MicroOp* op, out ulong linear) =>
        EffectiveAddress.Linear(s, op, *(ulong*)((byte*)s + op->Base), *(ulong*)((byte*)s + op->Index), out linear);

    /// <summary>Linear address of a byte of the memory operand: offsets wrap at the address size. False: a fault is recorded.</summary>
    /// <param name="s">The core.</param>
    /// <param name="op">The micro-op.</param>
    /// <param name="at">Offset of the byte in the operand.</param>
    /// <param name="size">Bytes accessed there.</param>
    /// <param name="linear">The linear address.</param>
    public static bool Address(CpuState* s, MicroOp* op, int at, int size, out ulong linear)
    {
        ulong offset = EffectiveAddress.Offset(op, *(ulong*)((byte*)s + op->Base) + (uint)at, *(ulong*)((byte*)s + op->Index));
        bool write = (op->Marks & MicroOpMarks.WriteIntent) != 0;
        return EffectiveAddress.Segmented(s, op->Segment, offset, size, write, out linear);
    }

    /// <summary>Reads the memory operand, from memory or from where the engine keeps it. False: a fault is recorded.</summary>
    public static bool ReadOperand(CoreContext core, CpuState* s, MicroOp* op, Span<byte> bytes)
    {
        if (s->Host.Operand == null)
            return Address(s, op, out ulong linear) && Read(core, op, linear, bytes);
        new ReadOnlySpan<byte>(s->Host.Operand, bytes.Length).CopyTo(bytes);
        return true;
    }

    /// <summary>Writes the memory operand, to memory or to where the engine takes it from. False: a fault is recorded.</summary>
    public static bool WriteOperand(CoreContext core, CpuState* s, MicroOp* op, ReadOnlySpan<byte> bytes)
    {
        if (s->Host.Operand == null)
            return Address(s, op, out ulong linear) && Write(core, op, linear, bytes);
        bytes.CopyTo(new Span<byte>(s->Host.Operand, bytes.Length));
        return true;
    }

    /// <summary>Checks that bytes may be written. False: a fault is recorded.</summary>
    public static bool CheckWrite(CoreContext core, MicroOp* op, ulong linear, int size)
    {
        if (core.Virtual.CheckWrite(linear, size))
            return true;
        NoteSegment(core.State, op);
        return false;
    }

    /// <summary>Reads bytes. False: a fault is recorded.</summary>
    public static bool Read(CoreContext core, MicroOp* op, ulong linear, Span<byte> bytes)
    {
        if (core.Virtual.ReadBytes(linear, bytes))
            return true;
        NoteSegment(core.State, op);
        return false;
    }

    /// <summary>Writes bytes, all or none. False: a fault is recorded.</summary>
    public static bool Write(CoreContext core, MicroOp* op, ulong linear, ReadOnlySpan<byte> bytes)
    {
        switch (core.Virtual.WriteBytes(linear, bytes))
        {
            case WriteOutcome.Fault:
                NoteSegment(core.State, op);
                return false;
            case WriteOutcome.CodeChanged:
                core.CodeChanged = true;
                return true;
            default:
                return true;
        }
    }

    // A non-canonical address through SS raises #SS instead of #GP (AMD APM vol. 2, 8.2.13).
    public static void NoteSegment(CpuState* s, MicroOp* op)
    {
        if (s->Host.FaultVector == ExceptionVector.GeneralProtection && op->Segment == SegmentIndex.Ss)
            s->Host.FaultVector = ExceptionVector.Stack;
    }
}
