using System.Text;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Scenarios.Invariants;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Scenarios.Running;

/// <summary>Runs a scenario and looks at what came of it.</summary>
internal static class ScenarioRun
{
    /// <summary>Runs a scenario to its end.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="files">Finds its files.</param>
    /// <param name="record">What is recorded; null for nothing.</param>
    /// <param name="error">Receives the place and size of a recording.</param>
    /// <exception cref="BadInputException">A file of the scenario is missing or cannot be used.</exception>
    public static ScenarioResult Execute(Scenario scenario, ScenarioFiles files, RecordChoice? record, TextWriter error) => Execute(scenario, files, record, null, error);

    /// <summary>Runs a scenario to its end and hands on all that happens, as a recording of events has it.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="files">Finds its files.</param>
    /// <param name="events">Takes the events.</param>
    /// <exception cref="BadInputException">A file of the scenario is missing or cannot be used.</exception>
    public static ScenarioResult Watch(Scenario scenario, ScenarioFiles files, IEventSink events) => Execute(scenario, files, null, events, TextWriter.Null);

    private static ScenarioResult Execute(Scenario scenario, ScenarioFiles files, RecordChoice? record, IEventSink? events, TextWriter error)
    {
        MachineSpec spec = SpecOf(scenario, GuestImages.Read(files.Images.FirmwarePath), files.FlashFiles(scenario));
        if ((FaultCheck.Problem(spec.Quirks) ?? FaultCheck.Problem(spec.Faults, spec.Cores)) is { } problem)
            throw scenario.Place.Error(problem);
        using MemoryStream console = new();
        using GuestRun run = new(spec, DetailedEngines.For(spec.Model, spec.Cores, record?.Level), new ConsoleOutput(console, translate: true, open: true), null);
        using RunRecording? recording = RunRecording.Start(record, run);
        if (events is not null)
            run.Report(new EventSource(events), everything: true, programClocks: true);
        Invariant[] invariants = [.. scenario.Expect.Invariants.Select(i => i.Rule.Watch(spec.Model))];
        InvariantMonitor monitor = new(invariants);
        if (invariants.Length > 0)
            Watch(run, monitor);
        run.Started = () => monitor.IsOn = true;
        SimTime end = SimTime.Zero + scenario.Limit;
        StopReason reason = run.Run(() => run.Machine.Now < end);
        monitor.End(run.Machine.Now);
        recording?.Finish(error);
        string[] lines = Encoding.UTF8.GetString(console.GetBuffer(), 0, (int)console.Length).Split('\n');
        return new ScenarioResult(scenario, EndOf(run, reason), run.ExitStatus, lines, run.Machine.Now, run.Machine.Instructions, invariants)
        {
            Faults = [.. run.Machine.Happened.Select(h => (h.Fault.Name, h.Times))],
        };
    }

    /// <summary>The machine that a scenario describes.</summary>
    private static MachineSpec SpecOf(Scenario scenario, byte[] firmware, IEnumerable<FlashFile> files) => new()
    {
        Model = scenario.Machine.Choice.Model,
        Cores = scenario.Machine.Choice.Cores,
        MemoryBytes = scenario.Machine.Choice.MemoryBytes,
        Flash = FlashImage.Build(firmware, [.. files]),
        Seed = scenario.Machine.Choice.Seed,
        Engine = scenario.Machine.Choice.Engine,
        FunctionalRate = scenario.Machine.Choice.Rate,
        Oscillators = scenario.Machine.Oscillators,
        TscOffsets = scenario.Machine.TscOffsets,
        RtcUnixSeconds = scenario.Machine.RtcUnixSeconds,
        Quirks = scenario.Machine.Quirks,
        Faults = [.. scenario.Faults.Select(f => f.ToFault())],
    };

    private static void Watch(GuestRun run, InvariantMonitor monitor)
    {
        Dictionary<uint, int> cores = run.Machine.Cores.ToDictionary(c => c.Apic.Id, c => c.Index);
        monitor.CoreOf = apic => cores[apic];
        run.AddExecutionProbe(monitor);
        run.AddDeviceProbe(monitor);
        run.WatchProgramClocks(monitor);
    }

    private static RunEnd EndOf(GuestRun run, StopReason reason) => reason switch
    {
        _ when run.ExitStatus is not null => RunEnd.Exit,
        StopReason.PowerOff => RunEnd.PowerOff,
        StopReason.Reset => RunEnd.Reset,
        StopReason.Deadlock => RunEnd.Deadlock,
        _ => RunEnd.Limit,
    };
}
