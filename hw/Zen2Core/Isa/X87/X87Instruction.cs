using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>An x87 instruction: the meaning behind one or more encodings.</summary>
internal interface IX87Instruction
{
    /// <summary>Whether a pending unmasked exception is taken first (#MF); false for the FN instructions and FXSAVE's kind.</summary>
    static virtual bool Waits => true;

    /// <summary>Whether the instruction, opcode and data pointers are updated: not by control instructions.</summary>
    static virtual bool UpdatesPointers => true;

    /// <summary>What it does with the registers; <see cref="StackUse.Serial"/> when only <see cref="Execute"/> knows.</summary>
    static virtual StackUse Use => StackUse.Serial;

    /// <summary>Carries it out. False: a memory fault is recorded and nothing was changed.</summary>
    static abstract bool Execute(ref X87Unit unit);
}

/// <summary>Parts of <see cref="StackUse"/>.</summary>
internal static class X87Uses
{
    /// <summary>The pops of an instruction.</summary>
    public static StackUse Pops<TPops>()
        where TPops : struct, IX87Pops => TPops.Count switch { 0 => StackUse.Known, 1 => StackUse.Pops, _ => StackUse.PopsTwice };
}

/// <summary>Microcode functions around x87 instructions: availability, pending exceptions, pointers, status.</summary>
internal static unsafe class X87Microcode
{
    private const ulong Cr0Monitor = 2, Cr0Emulation = 4, Cr0TaskSwitched = 8;

    /// <summary>Runs an instruction (AMD APM vol. 2, 8.2.8 and 8.2.17).</summary>
    public static MicrocodeResult Run<TInstruction>(CoreContext core, CpuState* s, MicroOp* op)
        where TInstruction : struct, IX87Instruction
    {
        if ((s->Cr0 & (Cr0Emulation | Cr0TaskSwitched)) != 0)
            return core.Raise(ExceptionVector.DeviceNotAvailable);
        if (TInstruction.Waits && (s->X87.Status & X87Unit.SummaryBit) != 0 && core.ReportsNumericError())
            return MicrocodeResult.Fault;
        X87Unit unit = new(core, s, op);
        if (!TInstruction.Execute(ref unit))
            return MicrocodeResult.Fault;
        if (TInstruction.UpdatesPointers)
            NotePointers(s, op);
        if ((s->Cr0 & ControlBits.Cr0NumericError) == 0)
            core.FollowNumericError();
        return MicrocodeResult.Done;
    }

    /// <summary>
    /// Where a handler of exceptions finds the instruction and its operand: offsets in their segments (AMD APM vol. 1, 6.2.6). The
    /// selectors are noted in 64-bit code too, though they take no part in its addresses: FNSTENV, FNSAVE and the 32-bit format of
    /// FXSAVE store CS and the operand's DS or SS there on an AMD family 19h processor.
    /// </summary>
    public static void NotePointers(CpuState* s, MicroOp* op)
    {
        s->X87.InstructionPointer = op->Rip;
        s->X87.Opcode = (ushort)((op->Imm >> 8) & 0x7FF);
        uint data = s->X87.Selectors & 0xFFFF_0000;
        if (op->AccessSize != 0)
        {
            s->X87.DataPointer = EffectiveAddress.Offset(op, *(ulong*)((byte*)s + op->Base), *(ulong*)((byte*)s + op->Index));
            data = (uint)CpuState.Segment(s, op->Segment).Selector << 16;
        }

        s->X87.Selectors = data | CpuState.Segment(s, SegmentIndex.Cs).Selector;
    }

    /// <summary>FWAIT: takes a pending exception; unavailable only when CR0.MP says so too.</summary>
    public static MicrocodeResult Wait(CoreContext core, CpuState* s, MicroOp* op)
    {
        const ulong both = Cr0Monitor | Cr0TaskSwitched;
        if ((s->Cr0 & both) == both)
            return core.Raise(ExceptionVector.DeviceNotAvailable);
        return (s->X87.Status & X87Unit.SummaryBit) != 0 && core.ReportsNumericError() ? MicrocodeResult.Fault : MicrocodeResult.Done;
    }
}
