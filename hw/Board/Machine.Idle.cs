using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <content>
/// CC6, the idle state in which a core loses its power, and what is wrong with it in Zen 2: erratum 1474 (AMD revision guide 56323, "A CPU
/// core may hang when exiting CC6 after about 1044 days since the last system reset").
/// </content>
/// <remarks>
/// The revision guide gives the time only roughly, "depending on spread spectrum and REFCLK frequency". 1042.5 days of 100 MHz are exactly
/// 2^53 REFCLK ticks, and with the usual mean spread 1044 days; so the model counts REFCLK. Which bits of MSR C001_0296h allow CC6 is
/// known from workarounds (NetBSD, sys/arch/x86/x86/errata.c). When hardware promotes a halt to CC6 is not published.
/// </remarks>
public sealed partial class Machine
{
    /// <summary>REFCLK ticks since the last system reset from which on a core does not come back from CC6: 2^53.</summary>
    public const ulong IdleExitLimit = 1UL << 53;

    private const ulong DeepIdleEnables = (1 << 6) | (1 << 14) | (1 << 22);

    /// <summary>How long a core has halted before it is in CC6; no published value.</summary>
    private static readonly SimDuration DeepIdleAfter = SimDuration.FromMicroseconds(500);

    private ulong _resetReference;

    /// <summary>REFCLK ticks since the last reset of the system, those before the simulation began included.</summary>
    public ulong ReferenceUptime => Clocks.Refclk.TicksAt(Events.Now) - _resetReference;

    /// <summary>A core is about to leave a halt or a wait. False: it hangs.</summary>
    private unsafe bool LeavesIdle(MachineCore core, ulong present)
    {
        ulong slept = core.Cycle;
        core.Sleeping = false;
        bool reset = core.Context.State->Activity is ActivityState.WaitForSipi or ActivityState.Shutdown;
        ulong entry = slept + Clocks.Core.Actual.TicksIn((UInt128)DeepIdleAfter.Femtoseconds);
        bool deep = !reset && present > entry && (MsrTable.Value(core.Context.State, MsrNumbers.CStateConfiguration) & DeepIdleEnables) != 0;
        bool old = deep && Clocks.Refclk.TicksAt(Clocks.Core.TimeOf(entry)) - _resetReference >= IdleExitLimit;
        if (!old && !reset && !core.FailsIdleExit && core.DeepIdles > 0)
        {
            core.DeepIdles--;
            HoldCores(core.Index, core.DeepIdleExit);
            return false;
        }

        if (!old && (reset || !core.FailsIdleExit))
            return true;
        core.IsHung = true;
        core.FailsIdleExit = false;
        string effect = $"core {core.Index} does not come back from CC6, {ReferenceUptime} REFCLK ticks after the last reset";
        _services.Probe?.FaultOccurred("idle-exit", Events.Now, effect);
        _host.OnFault("idle-exit", Events.Now, effect);
        return false;
    }

    /// <summary>The system has been reset: REFCLK ticks are counted anew, and cores that hang do so no more.</summary>
    private void ForgetUptime()
    {
        _resetReference = Clocks.Refclk.TicksAt(Events.Now);
        foreach (MachineCore core in Cores)
        {
            core.IsHung = core.FailsIdleExit = core.Sleeping = false;
            core.DeepIdles = 0;
        }
    }
}
