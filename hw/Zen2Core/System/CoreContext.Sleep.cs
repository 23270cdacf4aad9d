using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>The C2 state, entered by reading a port (PPR 55803, MSR C001_0073h CStateBaseAddr: eight ports from there).</summary>
/// <remarks>
/// Such a wait ends by any interrupt, masked by RFLAGS.IF or not, as the break event of ACPI's C2 (ACPI 6.3, 8.1.3). It is the
/// activity of MWAIT with nothing monitored, and <see cref="CpuState.WaitInterruptBreaks"/> tells it apart.
/// </remarks>
public sealed unsafe partial class CoreContext
{
    private const ushort StatePorts = 8;
    private const byte PortWait = 2;

    /// <summary>A line that no store hits: the highest one, beyond the physical address space.</summary>
    private const ulong NothingMonitored = ulong.MaxValue & ~(2UL * MonitorLineBytes - 1);

    /// <summary>From the interrupt to the first instruction: 20 to 25 us measured on an EPYC 7502 (Schoene et al. 2021, arXiv 2108.00808).</summary>
    private static readonly SimDuration s_exit = SimDuration.FromNanoseconds(22_000);

    /// <summary>Whether reading a port enters C2 instead of reaching a device.</summary>
    internal bool EntersIdleState(ushort port)
    {
        ushort first = (ushort)MsrTable.Value(State, MsrNumbers.CStateBaseAddress);
        return first != 0 && port >= first && port - first < StatePorts;
    }

    /// <summary>Enters C2, unless an interrupt asks already.</summary>
    internal void EnterPortWait()
    {
        if (_interruptRequest || _nmis != 0 || _smi)
            return;
        State->MonitorLine = NothingMonitored;
        State->WaitInterruptBreaks = PortWait;
        State->WaitDeadline = ulong.MaxValue;
        State->Activity = ActivityState.MonitorWait;
        RequestAttention();
    }

    /// <summary>Reference cycles that an engine charges once when the core has left C2; 0 at all other times.</summary>
    internal ulong TakeIdleExit()
    {
        if (State->WaitInterruptBreaks != PortWait || State->Activity == ActivityState.MonitorWait)
            return 0;
        State->WaitInterruptBreaks = 0;
        State->MonitorLine = NoMonitor;
        return (ulong)Clock.Actual.TicksIn((UInt128)s_exit.Femtoseconds);
    }
}
