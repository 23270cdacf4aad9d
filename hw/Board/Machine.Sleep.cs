using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Board;

/// <content>
/// Suspend to RAM (ACPI 6.3, section 7.4.2.2): RAM, the RTC and the PM block keep their power, everything else loses it. A wake-up event
/// starts the boot processor at the reset vector; firmware finds WAK_STS and SLP_TYP in the PM block.
/// </content>
public sealed partial class Machine
{
    private bool _sleepRequested;
    private bool _wakeRequested;

    /// <summary>Whether the machine is suspended: no core has power.</summary>
    public unsafe bool IsAsleep => Cores[0].Context.State->Activity == ActivityState.WaitForSipi;

    void IMachineControl.RequestSleep(int sleepType)
    {
        _sleepRequested = true;
        LookAgain();
    }

    void IMachineControl.RequestWake()
    {
        _wakeRequested = true;
        LookAgain();
    }

    private void SleepAsRequested()
    {
        if (_sleepRequested)
        {
            _sleepRequested = false;
            FallAsleep();
        }

        if (_wakeRequested)
        {
            _wakeRequested = false;
            WakeUp();
        }
    }

    private unsafe void FallAsleep()
    {
        ResetMainPower(ResetKind.Cold);
        foreach (MachineCore core in Cores)
        {
            // No message can come while the local APICs have no power, so this state lasts until the machine wakes up.
            core.Context.State->Activity = ActivityState.WaitForSipi;
        }

        PowerManagement.Suspend();
    }

    /// <summary>All cores leave reset at the same time, with a TSC that starts at 0 (AMD APM vol. 2, section 14.1.3: RESET clears it).</summary>
    private unsafe void WakeUp()
    {
        ulong present = CycleAtOrAfter(Events.Now);
        foreach (MachineCore core in Cores)
        {
            core.Engine.SkipTo(present);
        }

        ResetMainPower(ResetKind.Cold);
        foreach (MachineCore core in Cores)
        {
            core.Context.State->TscOffset -= core.Cycle;
        }
    }
}
