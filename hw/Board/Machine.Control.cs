using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <content>What devices and cores ask of the machine.</content>
public sealed partial class Machine
{
    private StopReason? _stop;
    private EngineKind? _switchTo;
    private ResetKind? _reset;

    /// <summary>Whether a reset starts the machine anew (as hardware does) or stops it with <see cref="StopReason.Reset"/>.</summary>
    public bool RestartOnReset { get; set; } = true;

    /// <summary>How often the machine has been reset since it was built.</summary>
    public int Resets { get; private set; }

    /// <summary>Stops <see cref="Run"/> at the next instruction boundary. May be called by anything that the run calls.</summary>
    public void RequestStop() => Stop(StopReason.Requested);

    /// <summary>Lets the other engine take over, on every core, at the next instruction boundary.</summary>
    public void SwitchEngine(EngineKind kind)
    {
        _switchTo = kind;
        LookAgain();
    }

    void IMachineControl.RequestReset(ResetKind kind)
    {
        AskForReset(kind);
    }

    void IMachineControl.RequestPowerOff() => Stop(StopReason.PowerOff);

    void ICoreProbe.OnMarker(CoreContext core, byte code, ulong rax)
    {
        GuestRequest request = (GuestRequest)code;
        switch (request)
        {
            case GuestRequest.Cold:
                Cores[core.Index].Detailed?.Cold();
                break;
            case GuestRequest.Detailed:
                SwitchEngine(EngineKind.Detailed);
                break;
            case GuestRequest.Functional:
                SwitchEngine(EngineKind.Functional);
                break;
        }

        if (request == GuestRequest.Label)
            _timeline.Label(rax);
        _host.OnGuestRequest(core.Index, request, rax);
    }

    void IConsole.Transmit(byte value)
    {
        _host.Transmit(value);
        _timeline.Transmitted(value);
    }

    void ICoreProbe.OnUnmodelled(CoreContext core, string what) => _host.OnUnmodelled($"core {core.Index}: {what}");

    void ICoreProbe.OnShutdown(CoreContext core)
    {
        _host.OnUnmodelled($"core {core.Index}: shutdown after a triple fault; the machine is reset");
        AskForReset(ResetKind.Warm);
    }

    /// <summary>Of two requests the stronger one counts.</summary>
    private void AskForReset(ResetKind kind)
    {
        if (_reset is null || kind > _reset)
        {
            _reset = kind;
        }

        LookAgain();
    }

    private void Stop(StopReason reason)
    {
        _stop ??= reason;
        LookAgain();
    }

    /// <summary>Ends the running core's turn: there is something that the run loop must look at.</summary>
    private void LookAgain()
    {
        _attention = true;
        _onlyLook = false;
        _running?.Engine.RequestStop();
    }

    private void OnEarliestEventChanged() => LookAgain();

    private void OnCoreWoken(CoreContext core)
    {
        Cores[core.Index].Sleeping = true;
        if (_running?.Index != core.Index)
        {
            LookAgain();
        }
    }

    /// <summary>INIT to the processors: devices, memory, MSRs, caches, x87 and vector state stay.</summary>
    private void InitialiseProcessors()
    {
        foreach (MachineCore core in Cores)
        {
            core.Apic.RaiseInit();
        }
    }

    /// <summary>
    /// Everything but time itself, and the RTC, which has a battery, goes back to its state out of reset; a warm reset leaves RAM and
    /// the machine-check banks alone too.
    /// </summary>
    private void Reset(ResetKind kind)
    {
        Resets++;
        ForgetUptime();
        if (kind == ResetKind.Cold)
        {
            Memory.ClearRam();
            Cores[0].Context.Code.Clear();
        }

        Rtc.Reset();
        PowerManagement.Reset();
        ResetMainPower(kind);
    }

    /// <summary>What loses its power in suspend to RAM goes back to its state out of reset: all but RAM, the RTC and the PM block.</summary>
    private void ResetMainPower(ResetKind kind)
    {
        Fabric.Reset();
        IoApic.Reset();
        Pit.Reset();
        Pic.Reset();
        Console.Reset();
        Hpet.Reset();
        FchPowerManagement.Reset();
        Pci.Reset();
        ResetPorts.Reset();
        _numericErrors.Reset();
        _testDevice?.Reset();
        _keyboard?.Reset();
        _screen?.Reset();
        _fwCfg?.Reset();
        ShadowFlash();
        foreach (MachineCore core in Cores)
        {
            ulong cycle = core.Cycle;
            core.Apic.Reset();
            if (kind == ResetKind.Cold)
            {
                ResetState.Reset(core.Context);
            }
            else
            {
                ResetState.WarmReset(core.Context);
            }

            core.Engine.Attach(cycle);
        }
    }
}
