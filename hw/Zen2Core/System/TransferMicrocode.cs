using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Far transfers, software interrupts, and the stack instructions that touch many registers.</summary>
internal static unsafe class TransferMicrocode
{
    /// <summary>Far JMP: offset in A, selector in B (temporaries).</summary>
    public static MicrocodeResult FarJump(CoreContext core, CpuState* s, MicroOp* op) =>
        FarTransfer.Jump(core, *(ushort*)((byte*)s + op->B), *(ulong*)((byte*)s + op->A)) ? MicrocodeResult.Done : MicrocodeResult.Fault;

    /// <summary>Far CALL, likewise; Width is the operand size.</summary>
    public static MicrocodeResult FarCall(CoreContext core, CpuState* s, MicroOp* op) =>
        FarTransfer.Call(core, *(ushort*)((byte*)s + op->B), *(ulong*)((byte*)s + op->A), op->Width)
            ? MicrocodeResult.Done
            : MicrocodeResult.Fault;

    /// <summary>Far RET; Imm bytes are released.</summary>
    public static MicrocodeResult FarReturn(CoreContext core, CpuState* s, MicroOp* op) =>
        FarTransfer.Return(core, op->Width, (int)op->Imm) ? MicrocodeResult.Done : MicrocodeResult.Fault;

    /// <summary>INT n and INT3: vector in Imm.</summary>
    public static MicrocodeResult Interrupt(CoreContext core, CpuState* s, MicroOp* op)
    {
        core.CancelStep();
        // INT3's one-byte form is not sensitive to IOPL.
        if (s->Mode == CpuMode.Virtual8086 && op->Form != (ushort)Iced.Intel.Code.Int3)
        {
            if (Virtual8086.IsRedirected(core, (byte)op->Imm, out bool faulted))
                return Virtual8086.Redirect(core, (byte)op->Imm) ? MicrocodeResult.Done : MicrocodeResult.Fault;
            if (faulted)
                return MicrocodeResult.Fault;
            if (Virtual8086.IsRestricted(s))
                return core.Raise(ExceptionVector.GeneralProtection);
        }

        return ExceptionDelivery.Software(core, (byte)op->Imm) ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    /// <summary>INTO: #OF as a trap when OF is set.</summary>
    public static MicrocodeResult InterruptOnOverflow(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Flags & FlagBits.OF) == 0)
            return MicrocodeResult.Done;
        core.CancelStep();
        return ExceptionDelivery.Software(core, ExceptionVector.Overflow) ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    /// <summary>INT1: #DB as a trap that leaves DR6 alone, but for a breakpoint trap that a load of SS held up.</summary>
    public static MicrocodeResult DebugTrap(CoreContext core, CpuState* s, MicroOp* op)
    {
        core.CancelStep();
        core.MergeDebugTrap();
        ExceptionDelivery.Exception(core, ExceptionVector.Debug, 0);
        return MicrocodeResult.Done;
    }

    /// <summary>BOUND: index in Dst, bounds at the memory operand.</summary>
    public static MicrocodeResult Bound(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!MicrocodeMemory.Address(s, op, out ulong linear)
            || !core.Virtual.Read(linear, op->Width, 0, out ulong lower)
            || !core.Virtual.Read(linear + op->Width, op->Width, 0, out ulong upper))
        {
            return MicrocodeResult.Fault;
        }

        int shift = 64 - op->Width * 8;
        long index = (long)(*(ulong*)((byte*)s + op->A) << shift) >> shift;
        bool inside = index >= (long)(lower << shift) >> shift && index <= (long)(upper << shift) >> shift;
        return inside ? MicrocodeResult.Done : core.Raise(ExceptionVector.BoundRange);
    }

    /// <summary>PUSHA.</summary>
    public static MicrocodeResult PushAll(CoreContext core, CpuState* s, MicroOp* op)
    {
        StackFrame stack = new(core);
        for (int n = 0; n < 8; n++)
        {
            if (!stack.Push(op->Width, s->Gpr[n]))
                return MicrocodeResult.Fault;
        }

        stack.Commit();
        return MicrocodeResult.Done;
    }

    /// <summary>POPA: the saved stack pointer is dropped.</summary>
    public static MicrocodeResult PopAll(CoreContext core, CpuState* s, MicroOp* op)
    {
        StackFrame stack = new(core);
        ulong* values = stackalloc ulong[8];
        for (int n = 7; n >= 0; n--)
        {
            if (!stack.Pop(op->Width, out values[n]))
                return MicrocodeResult.Fault;
        }

        for (int n = 0; n < 8; n++)
        {
            if (n == 4)
                continue;
            s->Gpr[n] = op->Width == 2 ? (s->Gpr[n] & ~0xFFFFUL) | values[n] : values[n];
        }

        stack.Commit();
        return MicrocodeResult.Done;
    }

    /// <summary>ENTER: frame size in the low word of Imm, nesting level above it.</summary>
    public static MicrocodeResult Enter(CoreContext core, CpuState* s, MicroOp* op)
    {
        int bytes = op->Width, level = (int)(op->Imm >> 16) & 31;
        uint size = (ushort)op->Imm;
        StackFrame stack = new(core);
        if (!stack.Push(bytes, s->Gpr[5]))
            return MicrocodeResult.Fault;
        ulong frame = stack.Pointer;
        ulong outer = s->Gpr[5];
        for (int n = 1; n < level; n++)
        {
            outer -= (uint)bytes;
            ulong offset = ModeKeys.StackBytes(s->ModeKey) switch { 8 => outer, 4 => (uint)outer, _ => (ushort)outer };
            if (!EffectiveAddress.Segmented(s, SegmentIndex.Ss, offset, bytes, false, out ulong linear)
                || !core.Virtual.Read(linear, bytes, 0, out ulong link) || !stack.Push(bytes, link))
            {
                return MicrocodeResult.Fault;
            }
        }

        if (level > 0 && !stack.Push(bytes, frame))
            return MicrocodeResult.Fault;
        stack.Skip(-(long)size);
        // The last byte of the new frame must be writable (AMD APM vol. 3, ENTER).
        if (s->Mode == CpuMode.Long64 && !core.Virtual.CheckWrite(stack.Pointer, 1))
            return MicrocodeResult.Fault;
        s->Gpr[5] = bytes == 2 ? (s->Gpr[5] & ~0xFFFFUL) | (ushort)frame : frame;
        stack.Commit();
        return MicrocodeResult.Done;
    }
}
