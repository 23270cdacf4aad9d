using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Register values after reset, INIT and start-up IPI (AMD APM vol. 2, table 14-1; family 17h model 31h CPUID signature).</summary>
public static unsafe class ResetState
{
    private const ulong Signature = 0x0083_0F10;
    private const ushort DataAttributes = 0x93, CodeAttributes = 0x9B, LdtAttributes = 0x82, TssAttributes = 0x8B;

    /// <summary>Power-on reset. The boot processor starts at FFFF_FFF0h; others wait for a start-up IPI.</summary>
    public static void Reset(CoreContext core) => Reset(core, warm: false);

    /// <summary>Warm reset: like power-on, but what the machine-check banks hold stays (PPR 17h, 3.1: cold-reset fields).</summary>
    public static void WarmReset(CoreContext core) => Reset(core, warm: true);

    private static void Reset(CoreContext core, bool warm)
    {
        CpuState* s = core.State;
        for (int n = 0; n < Reg.VectorCount * 4; n++)
            s->Vec[n] = 0;
        s->Mxcsr = 0x1F80;
        s->X87 = default;
        s->X87.Control = 0x40;
        s->X87.Tag = 0x5555;
        s->Xcr0 = 1;
        s->Efer = 0;
        s->Dr[7] = 0;
        s->TscOffset = (ulong)core.Spec.TscOffset;
        s->TscRateFrom = s->TscRateMultiply = s->TscRateDivide = 0;
        core.RunAt(1, 1);
        s->SpeedCycles = s->SpeedFrom;
        s->RandomState = core.Spec.Seed + (ulong)core.Index;
        MsrTable.Reset(core, warm);
        core.Counters.Restart();
        s->InSmm = 0;
        core.ChangeMemoryView();
        CommonInit(core);
        core.FollowNumericError();
        s->Cr0 = ControlBits.Cr0CacheDisable | ControlBits.Cr0NotWriteThrough | ControlBits.Cr0ExtensionType;
        core.DebugChanged();
        core.RefreshMode();
        core.Virtual.Flush();
    }

    /// <summary>INIT: like reset, but caches, MSRs, x87 and vector state stay, and CR0 keeps CD and NW.</summary>
    public static void Init(CoreContext core)
    {
        CpuState* s = core.State;
        ulong cacheBits = s->Cr0 & (ControlBits.Cr0CacheDisable | ControlBits.Cr0NotWriteThrough);
        s->Efer = 0;
        CommonInit(core);
        s->Cr0 = cacheBits | ControlBits.Cr0ExtensionType;
        core.DebugChanged();
        core.RefreshMode();
        core.Virtual.Flush();
    }

    /// <summary>Start-up IPI: real mode at vector * 1000h.</summary>
    public static void Start(CoreContext core, byte vector)
    {
        CpuState* s = core.State;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        cs.Selector = (ushort)(vector << 8);
        cs.Base = (ulong)vector << 12;
        s->Rip = 0;
        s->Activity = ActivityState.Active;
        core.RefreshMode();
    }

    private static void CommonInit(CoreContext core)
    {
        CpuState* s = core.State;
        for (int n = 0; n < Reg.GprCount; n++)
            s->Gpr[n] = 0;
        s->Gpr[2] = Signature;
        s->Rip = 0xFFF0;
        s->SetRFlags(0);
        for (SegmentIndex n = SegmentIndex.Es; n <= SegmentIndex.Gs; n++)
            Set(s, n, 0, 0, DataAttributes);
        Set(s, SegmentIndex.Cs, 0xF000, 0xFFFF_0000, CodeAttributes);
        Set(s, SegmentIndex.Ldtr, 0, 0, LdtAttributes);
        Set(s, SegmentIndex.Tr, 0, 0, TssAttributes);
        s->Gdtr = default;
        s->Gdtr.Limit = 0xFFFF;
        s->Idtr = default;
        s->Idtr.Limit = 0xFFFF;
        s->Cr2 = s->Cr3 = s->Cr4 = 0;
        for (int n = 0; n < 4; n++)
            s->Dr[n] = 0;
        s->Dr[6] = 0xFFFF_0FF0;
        s->Dr[7] = 0x400;
        s->Cpl = 0;
        s->InterruptShadow = s->NmiBlocked = 0;
        s->PendingDebug = 0;
        s->ResumeAt = ulong.MaxValue;
        s->MonitorLine = CoreContext.NoMonitor;
        s->WaitDeadline = ulong.MaxValue;
        s->WaitInterruptBreaks = 0;
        s->Host.FaultVector = HostState.NoFault;
        bool boot = core.Interrupts is { } apic ? (apic.ApicBase & (1 << 8)) != 0 : core.Index == 0;
        s->Activity = boot ? ActivityState.Active : ActivityState.WaitForSipi;
    }

    private static void Set(CpuState* s, SegmentIndex index, ushort selector, ulong baseAddress, ushort attributes)
    {
        ref SegmentRegister register = ref CpuState.Segment(s, index);
        register.Selector = selector;
        register.Base = baseAddress;
        register.Limit = 0xFFFF;
        register.Attributes = attributes;
    }
}
