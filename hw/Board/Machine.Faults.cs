using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <content>What goes wrong, when the specification says so.</content>
public sealed partial class Machine
{
    /// <summary>Devices whose read latency a fault can change.</summary>
    public static IReadOnlyList<string> SlowDevices { get; } = ["hpet", "ioapic", "fch-pm", "pmtmr", "pm1", "pit", "rtc", "pic", "uart"];

    /// <summary>SMBASE out of reset (AMD APM vol. 2, 10.2.1).</summary>
    private const ulong ResetSmmBase = 0x30000;

    private readonly Queue<Fault> _waitingFaults = new();
    private SimEvent _faultBoundary = null!;
    private SimEvent _resume = null!;

    /// <summary>How often each fault of the specification has happened.</summary>
    public IEnumerable<(Fault Fault, uint Times)> Happened => _timeline.Happened;

    private FaultTimeline _timeline = null!;
    private InterruptFaults _interruptFaults = null!;

    private void ArmFaults()
    {
        _faultBoundary = new SimEvent("faults.boundary", EventPriority.Clock, LetWaitingHappen);
        _resume = new SimEvent("faults.resume", EventPriority.Clock, ResumeCores);
        _timeline = new FaultTimeline(Spec.Faults, Events, SetOff);
        _interruptFaults = new InterruptFaults(Cores, Events);
        Fabric.Filter = _interruptFaults;
        if (_timeline.Listens)
            _services.Listener = _timeline;
    }

    /// <summary>
    /// A fault's moment. A detailed core first comes to its next instruction boundary; a functional one, which devices interrupt in
    /// the middle of a block, is charged for what it loses.
    /// </summary>
    private void SetOff(Fault fault)
    {
        if (_running is { Kind: EngineKind.Detailed })
        {
            _waitingFaults.Enqueue(fault);
            Events.Schedule(_faultBoundary, Events.Now);
        }
        else
        {
            LetHappen(fault);
        }
    }

    private void LetWaitingHappen()
    {
        while (_waitingFaults.TryDequeue(out Fault? fault))
            LetHappen(fault);
    }

    private void LetHappen(Fault fault)
    {
        string effect = Apply(fault.What);
        _services.Probe?.FaultOccurred(fault.Name, Events.Now, effect);
        _host.OnFault(fault.Name, Events.Now, effect);
        LookAgain();
    }

    private string Apply(FaultAction action)
    {
        switch (action)
        {
            case SystemManagementInterrupt { ByFirmware: true } smi:
                return CallFirmware(smi.Length) ? $"SMI for {smi.Length} in firmware's handler" : "SMI without effect: firmware has not installed a handler";
            case SystemManagementInterrupt smi:
                StealTime(smi);
                return $"SMI of {smi.Length}, TSC {NameOf(smi)}";
            case StopCores stop:
                HoldCores(stop.Core, stop.Length);
                return $"{NameOf(stop.Core)} stopped for {stop.Length}";
            case JitterCores jitter:
                Jitter(jitter);
                return $"every core held up for at most {jitter.Most}";
            case WriteTsc write:
                foreach (MachineCore core in CoresOf(write.Core))
                {
                    core.Engine.Quiesce();
                    core.Context.SetTsc(PresentOf(core), write.Value);
                }

                return $"TSC of {NameOf(write.Core)} set to {write.Value}";
            case MoveTsc move:
                MoveTscs(move.Core, move.Ticks);
                return $"TSC of {NameOf(move.Core)} moved by {move.Ticks}";
            case SetReadLatency latency:
                SlowDown(latency);
                return $"reads of {latency.Device} take {latency.Read}";
            case LoseInterrupts lose:
                _interruptFaults.Add(lose.Match, lose.Count, SimDuration.Zero);
                return $"{lose.Count} interrupts are going to be lost";
            case DelayInterrupts delay:
                _interruptFaults.Add(delay.Match, delay.Count, delay.Delay);
                return $"{delay.Count} interrupts are going to be late by {delay.Delay}";
            case DriftOscillator drift:
                ClockOf(drift.Oscillator).Drift(Events.Now, drift.PartsPerBillion);
                return $"{ClockOf(drift.Oscillator).Name} is off by {drift.PartsPerBillion} ppb";
            case EnterDeepIdle idle:
                Cores[idle.Core].DeepIdleExit = idle.Exit;
                Cores[idle.Core].DeepIdles = idle.Count;
                return $"core {idle.Core} needs {idle.Exit} to come back from its next {idle.Count} idle states";
            case MigrateMachine move:
                Migrate(move);
                return $"moved to another host in {move.Downtime}, TSC {(move.TscResumes ? "from where it was" : "went on")}";
            case FailIdleExit fail:
                Cores[fail.Core].FailsIdleExit = true;
                return $"core {fail.Core} does not come back from its next idle state";
            default:
                Hpet.Stick();
                return "the HPET's counter stands still";
        }
    }

    private static string NameOf(SystemManagementInterrupt smi) => smi.Tsc switch
    {
        TscHandling.RestoreAll => "restored on every core",
        TscHandling.RestoreOne => $"restored on core {smi.TscCore}",
        _ => "left alone",
    };

    private static string NameOf(int? core) => core is { } index ? $"core {index}" : "every core";

    /// <summary>Sends every core into firmware's handler; false when there is none yet: SMIs are then off in the FCH.</summary>
    private unsafe bool CallFirmware(SimDuration length)
    {
        if (Cores.Any(c => MsrTable.Value(c.Context.State, MsrNumbers.SmmBase) == ResetSmmBase && c.Context.State->Activity != ActivityState.WaitForSipi))
            return false;
        _apm.Request((ushort)(length.Femtoseconds / SimDuration.FemtosecondsPerMicrosecond));
        return true;
    }

    private void StealTime(SystemManagementInterrupt smi)
    {
        // No core executes until the end, so that the handler's write may be anticipated: it takes back what will have passed.
        ulong stolen = HoldCores(null, smi.Length);
        if (smi.Tsc != TscHandling.Leave)
            MoveTscs(smi.Tsc == TscHandling.RestoreOne ? smi.TscCore : null, -(long)stolen);
    }

    private void Migrate(MigrateMachine move)
    {
        Clocks.Refclk.Drift(Events.Now, move.RefclkError);
        Clocks.FchCrystal.Drift(Events.Now, move.FchError);
        // As with an SMI that is hidden, nobody can look before the downtime is over.
        ulong away = HoldCores(null, move.Downtime);
        if (move.TscResumes)
            MoveTscs(null, -(long)away);
    }

    private void MoveTscs(int? only, long ticks)
    {
        foreach (MachineCore core in CoresOf(only))
        {
            core.Engine.Quiesce();
            ulong now = PresentOf(core);
            core.Context.SetTsc(now, core.Context.TscAt(now) + (ulong)ticks);
        }
    }

    /// <summary>Stops cores from now on.</summary>
    /// <returns>Core cycles that pass until they go on.</returns>
    private ulong HoldCores(int? only, SimDuration length)
    {
        SimTime end = Events.Now + length;
        ulong cycles = CycleAtOrAfter(end) - CycleAtOrAfter(Events.Now);
        foreach (MachineCore core in CoresOf(only))
        {
            if (core == _running)
                core.Engine.StallTime(cycles);
            else
                core.Engine.Quiesce();
            core.HeldUntil = core.HeldUntil is { } held ? SimTime.Max(held, end) : end;
        }

        ScheduleResume();
        return cycles;
    }

    private void Jitter(JitterCores jitter)
    {
        foreach (MachineCore core in Cores)
        {
            SeededRandom random = new("faults.jitter", unchecked(jitter.Seed + ((ulong)Events.Now.WholeNanoseconds * 31) + (ulong)core.Index));
            SimDuration length = SimDuration.FromFemtoseconds((long)random.Below((ulong)jitter.Most.Femtoseconds + 1));
            if (length > SimDuration.Zero)
                HoldCores(core.Index, length);
        }
    }

    private void ResumeCores()
    {
        foreach (MachineCore core in Cores)
        {
            if (core.HeldUntil <= Events.Now)
                core.HeldUntil = null;
        }

        ScheduleResume();
        LookAgain();
    }

    private void ScheduleResume()
    {
        SimTime next = SimTime.Never;
        foreach (MachineCore core in Cores)
            next = SimTime.Min(next, core.HeldUntil ?? SimTime.Never);
        if (next != SimTime.Never)
            Events.Schedule(_resume, next);
    }

    private void SlowDown(SetReadLatency change)
    {
        if (Mmio.LatencyOf(change.Device) is { } memory)
            Mmio.SetLatency(change.Device, memory with { Read = change.Read });
        if (Ports.LatencyOf(change.Device) is { } ports)
            Ports.SetLatency(change.Device, ports with { Read = change.Read });
    }

    private IEnumerable<MachineCore> CoresOf(int? only) => only is { } index ? [Cores[index]] : Cores;

    /// <summary>A core's position; that of one that waits is the machine's present.</summary>
    private ulong PresentOf(MachineCore core) => Math.Max(core.Cycle, CycleAtOrAfter(Events.Now));

    private ClockDomain ClockOf(Oscillator oscillator) => oscillator switch
    {
        Oscillator.Refclk => Clocks.Refclk,
        Oscillator.Fch => Clocks.FchCrystal,
        _ => Clocks.Rtc,
    };

    private void SaveFaults(StateWriter writer)
    {
        foreach (string device in SlowDevices)
            FaultCodec.Write(writer, (Mmio.LatencyOf(device) ?? Ports.LatencyOf(device) ?? default).Read);
        foreach (MachineCore core in Cores)
            core.SaveFaults(writer);
        writer.Int32(_waitingFaults.Count);
        foreach (Fault fault in _waitingFaults)
            writer.Text(fault.Name);
        writer.Event(_faultBoundary);
        writer.Event(_resume);
        writer.UInt64(_resetReference);
    }

    private void RestoreFaults(StateReader reader)
    {
        foreach (string device in SlowDevices)
            SlowDown(new SetReadLatency(device, FaultCodec.ReadDuration(reader)));
        foreach (MachineCore core in Cores)
            core.RestoreFaults(reader);
        _waitingFaults.Clear();
        int waiting = reader.Int32();
        for (int i = 0; i < waiting; i++)
        {
            string name = reader.Text();
            _waitingFaults.Enqueue(Spec.Faults.FirstOrDefault(f => f.Name == name) ?? throw reader.Wrong($"this machine has no fault '{name}'"));
        }

        reader.Event(_faultBoundary);
        reader.Event(_resume);
        _resetReference = reader.UInt64();
    }
}
