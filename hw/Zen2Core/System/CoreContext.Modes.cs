using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>Cached mode, fault delivery.</summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>Recomputes what is cached from CR0, EFER, RFLAGS.VM, CS, SS and the privilege level. Call after any of them changed.</summary>
    public void RefreshMode()
    {
        CpuState* s = State;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        int codeBits = (cs.Attributes & SegmentRegister.Big) != 0 ? 32 : 16;
        if ((s->Cr0 & ControlBits.Cr0Protection) == 0)
        {
            s->Mode = CpuMode.Real;
        }
        else if ((s->SystemFlags & SystemFlagBits.VM) != 0)
        {
            s->Mode = CpuMode.Virtual8086;
            codeBits = 16;
        }
        else if ((s->Efer & ControlBits.EferLongActive) == 0)
        {
            s->Mode = CpuMode.Protected;
        }
        else if ((cs.Attributes & SegmentRegister.Long) == 0)
        {
            s->Mode = CpuMode.Compatibility;
        }
        else
        {
            s->Mode = CpuMode.Long64;
            codeBits = 64;
        }

        int stackBits = codeBits == 64 ? 64 : (CpuState.Segment(s, SegmentIndex.Ss).Attributes & SegmentRegister.Big) != 0 ? 32 : 16;
        s->ModeKey = (byte)(ModeKeys.Of(codeBits, stackBits) | VectorBits(s) | AlignmentBit(s));
        ulong codeBase = codeBits == 64 ? 0 : cs.Base;
        uint codeLimit = codeBits == 64 ? 0 : cs.Limit;
        if (codeBase != _codeBase || codeLimit != _codeLimit)
        {
            // The jump cache goes by instruction pointer: with another segment the same one leads elsewhere.
            (_codeBase, _codeLimit) = (codeBase, codeLimit);
            Virtual.DropJumps();
        }

        Virtual.SelectTlb();
        Counters.LevelMayHaveChanged();
    }

    private ulong _codeBase;
    private uint _codeLimit;

    /// <summary>Whether data accesses are checked for alignment (AMD APM vol. 2, 8.2.18).</summary>
    private static int AlignmentBit(CpuState* s) => s->Cpl == 3 && s->Mode != CpuMode.Real
        && (s->Cr0 & ControlBits.Cr0AlignmentMask) != 0 && (s->SystemFlags & SystemFlagBits.AC) != 0 ? ModeKeys.AlignmentChecks : 0;

    /// <summary>What CR0, CR4 and XCR0 say about vector instructions (AMD APM vol. 2, 11.3; vol. 4, table 2-1).</summary>
    private static byte VectorBits(CpuState* s)
    {
        const ulong sseAndAvx = 6;
        int bits = (s->Cr0 & ControlBits.Cr0Emulation) != 0 || (s->Cr4 & ControlBits.Cr4FxSave) == 0 ? ModeKeys.NoSse : 0;
        if ((s->Cr4 & ControlBits.Cr4Xsave) == 0 || (s->Xcr0 & sseAndAvx) != sseAndAvx || (s->Cr0 & ControlBits.Cr0Protection) == 0)
            bits |= ModeKeys.NoAvx;
        if ((s->Cr0 & ControlBits.Cr0TaskSwitched) != 0)
            bits |= ModeKeys.VectorsSwitchedOut;
        return (byte)bits;
    }

    /// <summary>Delivers the recorded fault to the guest; the instruction pointer is that of the faulting instruction.</summary>
    public void DeliverFault()
    {
        uint vector = State->Host.FaultVector, error = State->Host.FaultError;
        State->Host.FaultVector = HostState.NoFault;
        State->Host.PendingLink = null;
        State->InterruptShadow = 0;
        if (vector == ExceptionVector.NumericWait)
        {
            // The instruction has not happened; it is tried again until an interrupt comes in between.
            Engine?.Stall(NumericWaitCycles);
            return;
        }

        // What the instruction would have trapped on does not count: it did not happen.
        State->PendingDebug = 0;
        if (vector == ExceptionVector.PageFault)
            State->Cr2 = State->Host.FaultAddress;
        else if (vector == ExceptionVector.Debug)
            ReportDebug(_debugFault);
        ExceptionDelivery.Exception(this, vector, error);
    }
}
