using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>HLT, MONITOR, MWAIT, MONITORX, MWAITX (AMD APM vol. 3).</summary>
internal static unsafe class WaitMicrocode
{
    /// <summary>HWCR.MonMwaitDis: MONITOR and MWAIT are undefined, and CPUID says so.</summary>
    public const ulong MonitorDisable = 1 << 9;

    private const ulong MonitorUserEnable = 1 << 10;

    private static bool Refused(CpuState* s)
    {
        ulong control = MsrTable.Value(s, MsrNumbers.Hwcr);
        return (control & MonitorDisable) != 0 || (s->Cpl != 0 && (control & MonitorUserEnable) == 0);
    }

    /// <summary>HLT.</summary>
    public static MicrocodeResult Halt(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        // The shadow of an STI before ends with this instruction, which a core that is no longer active may be late to retire.
        s->InterruptShadow = 0;
        s->Activity = ActivityState.Halted;
        core.NoteActivity();
        core.RequestAttention();
        return MicrocodeResult.Done;
    }

    /// <summary>MONITOR: privileged unless HWCR[10] says otherwise.</summary>
    public static MicrocodeResult Monitor(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Refused(s))
            return core.Raise(ExceptionVector.InvalidOpcode);
        return Arm(core, s, op);
    }

    /// <summary>MONITORX: any privilege.</summary>
    public static MicrocodeResult MonitorX(CoreContext core, CpuState* s, MicroOp* op) => Arm(core, s, op);

    /// <summary>MWAIT.</summary>
    public static MicrocodeResult Wait(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Refused(s))
            return core.Raise(ExceptionVector.InvalidOpcode);
        if ((s->Gpr[1] & ~1UL) != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        return Sleep(core, s, ulong.MaxValue);
    }

    /// <summary>
    /// MWAITX: ECX bit 1 enables the timer in EBX, in TSC ticks. A timer of 0 is no timer: the wait then ends by a store or an interrupt
    /// only (AMD APM vol. 3, MWAITX; Linux guards its delay loops against it, "Prevent timer value 0 for MWAITX", 88d879d29f9c).
    /// </summary>
    public static MicrocodeResult WaitX(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Gpr[1] & ~3UL) != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong now = core.Engine?.NowCycles ?? 0;
        uint timer = (s->Gpr[1] & 2) != 0 ? (uint)s->Gpr[3] : 0;
        return Sleep(core, s, timer != 0 ? now + core.CyclesOfTsc(timer) : ulong.MaxValue);
    }

    private static MicrocodeResult Arm(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((uint)s->Gpr[1] != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong offset = op->AddressWidth switch { 8 => s->Gpr[0], 4 => (uint)s->Gpr[0], _ => (ushort)s->Gpr[0] };
        if (!EffectiveAddress.Segmented(s, op->Segment, offset, 1, false, out ulong linear)
            || !core.Virtual.Read(linear, 1, 0, out _)
            || !core.Virtual.TryPeek(linear, out ulong physical))
        {
            return MicrocodeResult.Fault;
        }

        s->MonitorLine = physical & ~(ulong)(CoreContext.MonitorLineBytes - 1);
        core.Code.SetPageFlag(physical, PageFlags.Monitored);
        return MicrocodeResult.Done;
    }

    private static MicrocodeResult Sleep(CoreContext core, CpuState* s, ulong deadline)
    {
        // A store since MONITOR has disarmed it: no wait then.
        if (s->MonitorLine == CoreContext.NoMonitor)
            return MicrocodeResult.Done;
        s->WaitInterruptBreaks = (byte)(s->Gpr[1] & 1);
        s->WaitDeadline = deadline;
        s->InterruptShadow = 0;
        s->Activity = ActivityState.MonitorWait;
        core.NoteActivity();
        core.RequestAttention();
        return MicrocodeResult.Done;
    }
}
