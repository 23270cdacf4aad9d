using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>Memory operands of microcode functions.</summary>
internal static unsafe class MicrocodeMemory
{
    /// <summary>Linear address of the memory operand. False: a fault is recorded.</summary>
    public static bool Address(CpuState* s, MicroOp* op, out ulong linear) =>
        EffectiveAddress.Linear(s, op, *(ulong*)((byte*)s + op->Base), *(ulong*)((byte*)s + op->Index), out linear);

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
    private static void NoteSegment(CpuState* s, MicroOp* op)
    {
        if (s->Host.FaultVector == ExceptionVector.GeneralProtection && op->Segment == SegmentIndex.Ss)
            s->Host.FaultVector = ExceptionVector.Stack;
    }
}
