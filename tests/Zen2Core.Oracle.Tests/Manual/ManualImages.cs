using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Copies between a core and a <see cref="ManualState"/>.</summary>
internal static unsafe class ManualImages
{
    /// <summary>Model-specific registers that tests set and compare.</summary>
    private static readonly uint[] s_msrs =
    [
        ManualSystem.Star, ManualSystem.LongStar, ManualSystem.CompatibilityStar, ManualSystem.SyscallMask, ManualSystem.KernelGsBase, ManualSystem.TscAux,
    ];

    /// <summary>Sets a core.</summary>
    public static void Apply(ManualState from, CoreContext core)
    {
        CpuState* s = core.State;
        for (int n = 0; n < 16; n++)
            s->Gpr[n] = from.Gpr[n];
        for (int n = 0; n < 8; n++)
        {
            CpuState.Segment(s, (SegmentIndex)n) = from.Segments[n];
            s->Dr[n] = from.Dr[n];
        }

        s->Rip = from.Rip;
        s->SetRFlags(from.Rflags);
        s->Gdtr = from.Gdtr;
        s->Idtr = from.Idtr;
        (s->Cr0, s->Cr2, s->Cr3, s->Cr4) = (from.Cr0, from.Cr2, from.Cr3, from.Cr4);
        (s->Xcr0, s->Efer, s->Cpl) = (from.Xcr0, from.Efer, (byte)from.Cpl);
        s->Activity = ActivityState.Active;
        s->InterruptShadow = 0;
        s->PendingDebug = 0;
        s->MonitorLine = ulong.MaxValue;
        foreach (uint number in s_msrs)
            Assert.That(MsrAccess.TryWrite(core, number, from.Msr[number]), Is.True, $"MSR {number:X}h");
        core.DebugChanged();
        core.RefreshMode();
        core.Virtual.Flush();
    }

    /// <summary>Copies a core's state.</summary>
    public static ManualState Take(CoreContext core)
    {
        CpuState* s = core.State;
        ManualState to = new()
        {
            Rip = s->Rip,
            Rflags = s->RFlags,
            Gdtr = s->Gdtr,
            Idtr = s->Idtr,
            Cr0 = s->Cr0,
            Cr2 = s->Cr2,
            Cr3 = s->Cr3,
            Cr4 = s->Cr4,
            Xcr0 = s->Xcr0,
            Efer = s->Efer,
            Cpl = s->Cpl,
        };
        for (int n = 0; n < 16; n++)
            to.Gpr[n] = s->Gpr[n];
        for (int n = 0; n < 8; n++)
        {
            to.Segments[n] = CpuState.Segment(s, (SegmentIndex)n);
            to.Dr[n] = s->Dr[n];
        }

        foreach (uint number in s_msrs)
        {
            if (MsrAccess.TryRead(core, number, out ulong value))
                to.Msr[number] = value;
        }

        return to;
    }
}
