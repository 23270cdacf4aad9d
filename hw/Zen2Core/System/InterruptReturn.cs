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
        return MicrocodeResult.Done;
    }

    private static bool Real(CoreContext core, int bytes)
    {
        CpuState* s = core.State;
        StackFrame stack = new(core);
        if (!stack.Pop(bytes, out ulong rip) || !stack.Pop(bytes, out ulong selector) || !stack.Pop(bytes, out ulong flags))
            return false;
        stack.Commit();
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        cs.Selector = (ushort)selector;
        cs.Base = (ulong)(ushort)selector << 4;
        s->Rip = (uint)rip;
        FlagAccess.Load(core, flags, bytes, 0, restoreAll: true);
        core.RefreshMode();
        return true;
    }

    private static bool Protected(CoreContext core, int bytes)
    {
        CpuState* s = core.State;
        if ((s->SystemFlags & SystemFlagBits.NT) != 0)
        {
            core.Probe.OnUnmodelled(core, "IRET to a nested task");
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        StackFrame stack = new(core);
        if (!stack.Pop(bytes, out ulong rip) || !stack.Pop(bytes, out ulong selectorWide) || !stack.Pop(bytes, out ulong flags))
            return false;
        ushort selector = (ushort)selectorWide;
        if (bytes == 4 && (flags & SystemFlagBits.VM) != 0 && s->Cpl == 0 && s->Mode == CpuMode.Protected)
        {
            core.Probe.OnUnmodelled(core, "IRET to virtual-8086 mode");
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

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

            // Only as much of RSP as the new stack uses is loaded (AMD APM vol. 3, IRET).
            s->Gpr[4] = to64 ? pointer : (CpuState.Segment(s, SegmentIndex.Ss).Attributes & SegmentRegister.Big) != 0
                ? (uint)pointer
                : (s->Gpr[4] & ~0xFFFFUL) | (ushort)pointer;
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
}
