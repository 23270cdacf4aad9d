using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS by AMD's rules (AMD APM vol. 2, 6.1; vol. 3).</summary>
internal static unsafe class SystemCallMicrocode
{
    private const ushort Code64 = 0x29B, Code32 = 0xC9B, Data32 = 0xC93, User = 3 << 5;

    /// <summary>SYSCALL.</summary>
    public static MicrocodeResult Call(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Efer & ControlBits.EferSystemCall) == 0 || s->Mode is CpuMode.Real or CpuMode.Virtual8086)
            return core.Raise(ExceptionVector.InvalidOpcode);
        core.NoteSystemCall(op->Rip);
        ulong star = MsrTable.Value(s, MsrNumbers.Star);
        ushort selector = (ushort)((star >> 32) & 0xFFFC);
        bool fromLong = (s->Efer & ControlBits.EferLongActive) != 0;
        if (fromLong)
        {
            s->Gpr[1] = s->Rip;
            s->Gpr[11] = s->RFlags & ~(ulong)SystemFlagBits.RF;
            s->Rip = MsrTable.Value(s, s->Mode == CpuMode.Long64 ? MsrNumbers.LongStar : MsrNumbers.CompatibilityStar);
            s->SetRFlags(s->RFlags & ~(MsrTable.Value(s, MsrNumbers.SystemCallMask) | SystemFlagBits.RF));
        }
        else
        {
            s->Gpr[1] = (uint)s->Rip;
            s->Rip = (uint)star;
            s->SystemFlags &= ~(SystemFlagBits.IF | SystemFlagBits.RF | SystemFlagBits.VM);
        }

        SetFlat(s, SegmentIndex.Cs, selector, fromLong ? Code64 : Code32);
        SetFlat(s, SegmentIndex.Ss, (ushort)(selector + 8), Data32);
        s->Cpl = 0;
        core.RefreshMode();
        core.StepByNewFlag();
        return MicrocodeResult.Done;
    }

    /// <summary>SYSRET; operand size 8 returns to 64-bit code. SS gets its selector only: its hidden part stays, as on AMD.</summary>
    public static MicrocodeResult Return(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Efer & ControlBits.EferSystemCall) == 0 || s->Mode is CpuMode.Real or CpuMode.Virtual8086)
            return core.Raise(ExceptionVector.InvalidOpcode);
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ushort selector = (ushort)(MsrTable.Value(s, MsrNumbers.Star) >> 48);
        bool to64 = op->Width == 8;
        if (s->Mode == CpuMode.Long64)
        {
            s->Rip = to64 ? s->Gpr[1] : (uint)s->Gpr[1];
            s->SetRFlags(s->Gpr[11] & ~(ulong)(SystemFlagBits.RF | SystemFlagBits.VM));
        }
        else
        {
            s->Rip = (uint)s->Gpr[1];
            s->SystemFlags |= SystemFlagBits.IF;
        }

        SetFlat(s, SegmentIndex.Cs, (ushort)((to64 ? selector + 16 : selector) | 3), (ushort)((to64 ? Code64 : Code32) | User));
        CpuState.Segment(s, SegmentIndex.Ss).Selector = (ushort)((selector + 8) | 3);
        s->Cpl = 3;
        core.RefreshMode();
        core.StepByNewFlag();
        core.LookAtSignals();
        core.NoteUserReturn(byInterruptReturn: false);
        return MicrocodeResult.Done;
    }

    /// <summary>SYSENTER: legacy mode only on AMD.</summary>
    public static MicrocodeResult Enter(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Efer & ControlBits.EferLongActive) != 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        ulong selector = MsrTable.Value(s, MsrNumbers.SysenterCs) & 0xFFFC;
        if (s->Mode == CpuMode.Real || selector == 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        SetFlat(s, SegmentIndex.Cs, (ushort)selector, Code32);
        SetFlat(s, SegmentIndex.Ss, (ushort)(selector + 8), Data32);
        s->Gpr[4] = (uint)MsrTable.Value(s, MsrNumbers.SysenterEsp);
        s->Rip = (uint)MsrTable.Value(s, MsrNumbers.SysenterEip);
        s->SystemFlags &= ~(SystemFlagBits.IF | SystemFlagBits.RF | SystemFlagBits.VM);
        s->Cpl = 0;
        core.RefreshMode();
        return MicrocodeResult.Done;
    }

    /// <summary>SYSEXIT: legacy mode only on AMD.</summary>
    public static MicrocodeResult Exit(CoreContext core, CpuState* s, MicroOp* op)
    {
        // Processors look at the privilege level before they find that the mode is wrong.
        if (s->Mode == CpuMode.Real || s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        if ((s->Efer & ControlBits.EferLongActive) != 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        ulong selector = MsrTable.Value(s, MsrNumbers.SysenterCs) & 0xFFFC;
        if (selector == 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        SetFlat(s, SegmentIndex.Cs, (ushort)((selector + 16) | 3), Code32 | User);
        SetFlat(s, SegmentIndex.Ss, (ushort)((selector + 24) | 3), Data32 | User);
        s->Gpr[4] = (uint)s->Gpr[1];
        s->Rip = (uint)s->Gpr[2];
        s->Cpl = 3;
        core.RefreshMode();
        return MicrocodeResult.Done;
    }

    /// <summary>SWAPGS.</summary>
    public static MicrocodeResult SwapGs(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Mode != CpuMode.Long64)
            return core.Raise(ExceptionVector.InvalidOpcode);
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ref SegmentRegister gs = ref CpuState.Segment(s, SegmentIndex.Gs);
        ulong kernel = MsrTable.Value(s, MsrNumbers.KernelGsBase);
        MsrTable.Set(s, MsrNumbers.KernelGsBase, gs.Base);
        gs.Base = kernel;
        return MicrocodeResult.Done;
    }

    private static void SetFlat(CpuState* s, SegmentIndex index, ushort selector, ushort attributes)
    {
        ref SegmentRegister register = ref CpuState.Segment(s, index);
        register.Selector = selector;
        register.Base = 0;
        register.Limit = uint.MaxValue;
        register.Attributes = attributes;
    }
}
