using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Loads of RFLAGS from memory, and the instructions that change single system flags.</summary>
internal static unsafe class FlagAccess
{
    /// <summary>Loads flags as POPF or IRET do: what privilege forbids stays (AMD APM vol. 3, POPF).</summary>
    /// <param name="core">The core.</param>
    /// <param name="value">Flags image.</param>
    /// <param name="bytes">2, 4 or 8: 16-bit images leave the upper half.</param>
    /// <param name="privilege">Privilege level that counts: that before the instruction.</param>
    /// <param name="restoreAll">IRET restores RF; POPF clears it.</param>
    public static void Load(CoreContext core, ulong value, int bytes, int privilege, bool restoreAll)
    {
        CpuState* s = core.State;
        ulong old = s->RFlags;
        ulong changeable = FlagBits.All | SystemFlagBits.TF | SystemFlagBits.DF | SystemFlagBits.NT | SystemFlagBits.AC | SystemFlagBits.ID;
        if (restoreAll)
            changeable |= SystemFlagBits.RF;
        if (privilege == 0)
            changeable |= SystemFlagBits.Iopl;
        if (privilege <= (int)((old >> 12) & 3))
            changeable |= SystemFlagBits.IF;
        if (privilege == 0 && restoreAll)
            changeable |= SystemFlagBits.VIF | SystemFlagBits.VIP;
        if (bytes == 2)
            changeable &= 0xFFFF;
        ulong result = (old & ~changeable) | (value & changeable);
        if (!restoreAll)
            result &= ~(ulong)SystemFlagBits.RF;
        s->SetRFlags(result);
        if (restoreAll)
            s->ResumeAt = s->Executed + 1;
        if ((s->Cr0 & ControlBits.Cr0AlignmentMask) != 0)
            core.RefreshMode();
        else
            core.Virtual.SelectTlb();
        core.LookAtSignals();
    }

    /// <summary>PUSHF.</summary>
    public static MicrocodeResult Push(CoreContext core, CpuState* s, MicroOp* op)
    {
        bool visible = s->Mode == CpuMode.Virtual8086 && Virtual8086.IsRestricted(s);
        if (visible && (op->Width != 2 || !Virtual8086.HasVirtualInterruptFlag(s)))
            return core.Raise(ExceptionVector.GeneralProtection);
        StackFrame stack = new(core);
        if (!stack.Push(op->Width, visible ? Virtual8086.VisibleFlags(s) : s->RFlags & ~(ulong)(SystemFlagBits.RF | SystemFlagBits.VM)))
            return MicrocodeResult.Fault;
        stack.Commit();
        return MicrocodeResult.Done;
    }

    /// <summary>POPF.</summary>
    public static MicrocodeResult Pop(CoreContext core, CpuState* s, MicroOp* op)
    {
        bool visible = s->Mode == CpuMode.Virtual8086 && Virtual8086.IsRestricted(s);
        if (visible && (op->Width != 2 || !Virtual8086.HasVirtualInterruptFlag(s)))
            return core.Raise(ExceptionVector.GeneralProtection);
        StackFrame stack = new(core);
        if (!stack.Pop(op->Width, out ulong value))
            return MicrocodeResult.Fault;
        if (visible && !Virtual8086.LoadVisibleFlags(core, value))
            return MicrocodeResult.Fault;
        stack.Commit();
        if (visible)
            return MicrocodeResult.Done;
        Load(core, value, op->Width, s->Cpl, restoreAll: false);
        return MicrocodeResult.Done;
    }

    /// <summary>CLI.</summary>
    public static MicrocodeResult ClearInterrupt(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!MayChangeInterrupt(s))
        {
            if (!Virtual8086.HasVirtualInterruptFlag(s))
                return core.Raise(ExceptionVector.GeneralProtection);
            s->SystemFlags &= ~SystemFlagBits.VIF;
            return MicrocodeResult.Done;
        }

        s->SystemFlags &= ~SystemFlagBits.IF;
        return MicrocodeResult.Done;
    }

    /// <summary>STI: interrupts stay off for one more instruction when they were off.</summary>
    public static MicrocodeResult SetInterrupt(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!MayChangeInterrupt(s))
        {
            // With a virtual interrupt pending the monitor must hear of it.
            if (!Virtual8086.HasVirtualInterruptFlag(s) || (s->SystemFlags & SystemFlagBits.VIP) != 0)
                return core.Raise(ExceptionVector.GeneralProtection);
            s->SystemFlags |= SystemFlagBits.VIF;
            return MicrocodeResult.Done;
        }

        if ((s->SystemFlags & SystemFlagBits.IF) == 0)
            s->InterruptShadow = 1;
        s->SystemFlags |= SystemFlagBits.IF;
        if (core.InterruptRequested)
            core.RequestAttention();
        return MicrocodeResult.Done;
    }

    /// <summary>CLD.</summary>
    public static MicrocodeResult ClearDirection(CoreContext core, CpuState* s, MicroOp* op)
    {
        s->SystemFlags &= ~SystemFlagBits.DF;
        return MicrocodeResult.Done;
    }

    /// <summary>STD.</summary>
    public static MicrocodeResult SetDirection(CoreContext core, CpuState* s, MicroOp* op)
    {
        s->SystemFlags |= SystemFlagBits.DF;
        return MicrocodeResult.Done;
    }

    /// <summary>CLAC.</summary>
    public static MicrocodeResult ClearAlignment(CoreContext core, CpuState* s, MicroOp* op) => SetAlignment(core, s, 0);

    /// <summary>STAC.</summary>
    public static MicrocodeResult SetAlignment(CoreContext core, CpuState* s, MicroOp* op) => SetAlignment(core, s, SystemFlagBits.AC);

    private static MicrocodeResult SetAlignment(CoreContext core, CpuState* s, uint value)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        s->SystemFlags = (s->SystemFlags & ~SystemFlagBits.AC) | value;
        core.Virtual.SelectTlb();
        return MicrocodeResult.Done;
    }

    private static bool MayChangeInterrupt(CpuState* s) =>
        s->Mode == CpuMode.Real || s->Cpl <= (int)((s->SystemFlags >> 12) & 3);
}
