using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// System management mode: entry by SMI, RSM (AMD APM vol. 2, 10.2 to 10.3). The state lies in the AMD64 save area at SMBASE +
/// FE00h; a handler may change it, move SMBASE, and restart an I/O instruction or a halt.
/// </summary>
internal static unsafe class SystemManagement
{
    private const ushort EntryPoint = 0x8000, FlatData = 0x893;
    private const ulong ClearedCr0 = ControlBits.Cr0Protection | ControlBits.Cr0Emulation | ControlBits.Cr0TaskSwitched | ControlBits.Cr0Paging;

    /// <summary>SMI: saves the state and goes to SMBASE + 8000h.</summary>
    public static void Enter(CoreContext core)
    {
        CpuState* s = core.State;
        uint smmBase = (uint)MsrTable.Value(s, MsrNumbers.SmmBase);
        s->InSmm = 1;
        core.ChangeMemoryView();
        SaveArea area = new();
        area.Fill(core, smmBase);
        area.Store(core, smmBase);

        s->SmmNmiBlocked = s->NmiBlocked;
        s->NmiBlocked = 1;
        s->InterruptShadow = 0;
        s->PendingDebug = 0;
        core.EndWait();
        s->Cr0 &= ~ClearedCr0;
        s->Cr4 = 0;
        s->Efer = 0;
        s->Dr[7] = Dr7Bits.AlwaysOne;
        s->SetRFlags(0);
        s->Cpl = 0;
        s->Rip = EntryPoint;
        for (SegmentIndex index = SegmentIndex.Es; index <= SegmentIndex.Gs; index++)
            CpuState.Segment(s, index) = new SegmentRegister { Limit = uint.MaxValue, Attributes = FlatData };
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        cs.Selector = (ushort)(smmBase >> 4);
        cs.Base = smmBase;
        Changed(core);
    }

    /// <summary>RSM: #UD outside SMM; an image that no processor could be in shuts the core down (APM vol. 2, 10.3.3).</summary>
    public static MicrocodeResult Resume(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->InSmm == 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        SaveArea area = new();
        area.Load(core, (uint)MsrTable.Value(s, MsrNumbers.SmmBase));
        if (!area.IsLegal)
        {
            ExceptionDelivery.Shutdown(core);
            return MicrocodeResult.Done;
        }

        s->InSmm = 0;
        core.ChangeMemoryView();
        s->NmiBlocked = s->SmmNmiBlocked;
        area.Restore(core);
        Changed(core);
        core.LookAtSignals();
        return MicrocodeResult.Done;
    }

    private static void Changed(CoreContext core)
    {
        core.RefreshMode();
        core.Virtual.Flush();
        core.DebugChanged();
    }
}
