using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>IRET (AMD APM vol. 3).</summary>
internal static unsafe class InterruptReturn
{
    /// <summary>IRET with operand size <see cref="MicroOp.Width"/>.</summary>
    public static MicrocodeResult Execute(CoreContext core, CpuState* s, MicroOp* op)
    {
        bool done = s->Mode is CpuMode.Real or CpuMode.Virtual8086 ? Real(core, op->Width) : Protected(core, op->Width);
        if (!done)
            return MicrocodeResult.Fault;
        s->NmiBlocked = 0;
        core.LookAtSignals();
        core.NoteUserReturn(byInterruptReturn: true);
        return MicrocodeResult.Done;
    }

    private static bool Real(CoreContext core, int bytes)
    {
        CpuState* s = core.State;
        StackFrame stack = new(core);
        if (!stack.Pop(bytes, out ulong rip) || !stack.Pop(bytes, out ulong selector) || !stack.Pop(bytes, out ulong flags))
            return false;
        bool virtual8086 = s->Mode == CpuMode.Virtual8086;
        bool visible = virtual8086 && Virtual8086.IsRestricted(s);
        if (visible && (bytes != 2 || !Virtual8086.HasVirtualInterruptFlag(s)))
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        ulong oldFlags = s->RFlags;
        if (visible && !Virtual8086.LoadVisibleFlags(core, flags))
            return false;
        if (!FarTransfer.SetReal(core, (ushort)selector, rip))
        {
            s->SetRFlags(oldFlags);
            return false;
        }

        stack.Commit();
        if (!visible)
            FlagAccess.Load(core, flags, bytes, virtual8086 ? 3 : 0, restoreAll: true);
        core.RefreshMode();
        return true;
    }

    private static bool Protected(CoreContext core, int bytes)
    {
        CpuState* s = core.State;
        if ((s->SystemFlags & SystemFlagBits.NT) != 0)
            return ToOuterTask(core);

        StackFrame stack = new(core);
        if (!stack.Pop(bytes, out ulong rip) || !stack.Pop(bytes, out ulong selectorWide) || !stack.Pop(bytes, out ulong flags))
            return false;
        ushort selector = (ushort)selectorWide;
        if (bytes == 4 && (flags & SystemFlagBits.VM) != 0 && s->Cpl == 0 && s->Mode == CpuMode.Protected)
            return Virtual8086.Enter(core, ref stack, rip, selector, flags);

        if (!ReturnSegment.Check(core, selector, out Descriptor code, out ulong address))
            return false;
        int level = selector & 3, oldLevel = s->Cpl;
        bool popsStack = level != oldLevel || s->Mode == CpuMode.Long64;
        ulong pointer = 0, stackSelector = 0;
        if (popsStack && (!stack.Pop(bytes, out pointer) || !stack.Pop(bytes, out stackSelector)))
            return false;

        bool to64 = code.IsLong && (s->Efer & ControlBits.EferLongActive) != 0;
        if (popsStack)
        {
            SegmentRegister oldStack = CpuState.Segment(s, SegmentIndex.Ss);
            s->Cpl = (byte)level;
            if (!ReturnSegment.LoadStack(core, (ushort)stackSelector, level, to64)
                || !FarTransfer.Commit(core, selector, code, address, rip, level))
            {
                s->Cpl = (byte)oldLevel;
                CpuState.Segment(s, SegmentIndex.Ss) = oldStack;
                core.RefreshMode();
                return false;
            }

            ReturnSegment.LoadPointer(s, pointer, to64);
            if (level != oldLevel)
                ReturnSegment.DropInnerSegments(s);
        }
        else
        {
            if (!FarTransfer.Commit(core, selector, code, address, rip, level))
                return false;
            stack.Commit();
        }

        FlagAccess.Load(core, flags, bytes, oldLevel, restoreAll: true);
        core.RefreshMode();
        return true;
    }
    /// <summary>RFLAGS.NT: goes back to the task that the link of this one names; long mode has no tasks.</summary>
    private static bool ToOuterTask(CoreContext core)
    {
        CpuState* s = core.State;
        if ((s->Efer & ControlBits.EferLongActive) != 0)
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        return core.Virtual.ReadSystem(CpuState.Segment(s, SegmentIndex.Tr).Base, 2, out ulong link)
            && TaskSwitch.To(core, (ushort)link, TaskSwitchCause.Return, s->RFlags);
    }
}
