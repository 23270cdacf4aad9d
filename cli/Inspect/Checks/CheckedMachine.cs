using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Scenarios;
using CoSim.Cli.Scenarios.Running;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Os.Loader;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>Counters of the boot processor at one instant while it was awake.</summary>
internal readonly record struct AwakeSample(ulong Tsc, ulong Mperf, ulong Aperf);

/// <summary>
/// A machine that firmware has brought up and in which nothing executes any more. No operating system is loaded: firmware ends where it
/// would start one. The program of a scenario without an operating system has run to its end.
/// </summary>
internal sealed class CheckedMachine : IDisposable
{
    /// <summary>POST codes of our firmware: it has written the TSC for the last time; the ACPI tables are in memory.</summary>
    private const byte ClocksLeft = 0x30, TablesPublished = 0x40;

    private const int AwakeSamples = 16;

    private static readonly SimDuration s_slice = SimDuration.FromMicroseconds(20);
    private static readonly SimDuration s_longestFirmware = SimDuration.FromSeconds(10);

    private readonly SilentHost _host = new();
    private readonly Queue<AwakeSample> _awake = new();

    private CheckedMachine(MachineSpec spec)
    {
        // Clocks are functions of time: the engine that gets the machine there does not matter.
        Machine = new Machine(spec with { Engine = EngineKind.Functional }, _host, DetailedEngines.Plain(spec.Model, spec.Cores)) { RestartOnReset = false };
        Registers = new RegisterView(Machine);
    }

    /// <summary>The machine.</summary>
    public Machine Machine { get; }

    /// <summary>Its registers.</summary>
    public RegisterView Registers { get; }

    /// <summary>Samples of the boot processor in the last part of firmware, which never halts; the earliest first.</summary>
    public IReadOnlyCollection<AwakeSample> Awake => _awake;

    /// <summary>A machine without faults, with the build's firmware.</summary>
    /// <exception cref="BadInputException">The firmware has not been built.</exception>
    public static CheckedMachine Start(MachineChoice choice, OscillatorErrors oscillators)
    {
        byte[] firmware = GuestImages.Read(GuestImages.Above(AppContext.BaseDirectory).FirmwarePath);
        CheckedMachine machine = new(new MachineSpec
        {
            Model = choice.Model,
            Cores = choice.Cores,
            MemoryBytes = choice.MemoryBytes,
            Flash = FlashImage.Build(firmware, []),
            Seed = choice.Seed,
            Oscillators = oscillators,
        });
        machine.Run(SimTime.Zero + s_longestFirmware, waitsForProgram: false);
        return machine;
    }

    /// <summary>The machine of a scenario with its quirks, its faults and what its firmware does.</summary>
    /// <exception cref="BadInputException">The scenario cannot be.</exception>
    public static CheckedMachine Start(Scenario scenario, ScenarioFiles files)
    {
        ScenarioMachine described = scenario.Machine;
        bool isBare = scenario.System.Kind == SystemKind.Bare;
        byte[] firmware = GuestImages.Read(files.Images.FirmwarePath);
        FlashFile[] flash = isBare ? [.. files.FlashFiles(scenario)]
            : scenario.Firmware.ToFile() is { } setup ? [new FlashFile(FirmwareSettings.FileName, setup)] : [];
        MachineSpec spec = new()
        {
            Model = described.Choice.Model,
            Cores = described.Choice.Cores,
            MemoryBytes = described.Choice.MemoryBytes,
            Flash = FlashImage.Build(firmware, flash),
            Seed = described.Choice.Seed,
            FunctionalRate = described.Choice.Rate,
            Oscillators = described.Oscillators,
            TscOffsets = described.TscOffsets,
            RtcUnixSeconds = described.RtcUnixSeconds,
            Quirks = described.Quirks,
            Faults = [.. scenario.Faults.Select(f => f.ToFault())],
        };
        if ((FaultCheck.Problem(spec.Quirks) ?? FaultCheck.Problem(spec.Faults, spec.Cores)) is { } problem)
            throw scenario.Place.Error(problem);
        CheckedMachine machine = new(spec);
        if (!machine.Run(SimTime.Zero + (isBare ? scenario.Limit : s_longestFirmware), isBare) && !isBare)
            throw scenario.Place.Error($"firmware did not come to its end in {s_longestFirmware}");
        return machine;
    }

    /// <inheritdoc/>
    public void Dispose() => Machine.Dispose();

    /// <summary>Runs until nothing is left to execute.</summary>
    /// <returns>False when the time was up before.</returns>
    private bool Run(SimTime end, bool waitsForProgram)
    {
        while (Machine.Now < end)
        {
            StopReason reason = Machine.Run(Machine.Now + s_slice);
            if (Machine.Cores[0].IsActive && Machine.Post.Last is (ClocksLeft or TablesPublished))
                Sample();
            bool isOver = waitsForProgram ? _host.HasEnded : Machine.Post.Last == TablesPublished && !Machine.Cores.Any(c => c.IsActive);
            if (isOver || reason != StopReason.TimeReached)
                return true;
        }
        return false;
    }

    private void Sample()
    {
        _awake.Enqueue(new AwakeSample(Machine.ReadMsr(0, MsrNumbers.Tsc), Machine.ReadMsr(0, MsrNumbers.Mperf), Machine.ReadMsr(0, MsrNumbers.Aperf)));
        if (_awake.Count > AwakeSamples)
            _ = _awake.Dequeue();
    }
}
