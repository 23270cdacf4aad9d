using CoSim.Cli.Options;
using CoSim.Cli.Scenarios.Hunt;
using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Timeline;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios;

/// <summary>A run that a file describes: the machine, what it boots, what it runs, and what must come of it.</summary>
internal sealed record Scenario
{
    /// <summary>Where its file begins.</summary>
    public required YamlPlace Place { get; init; }

    /// <summary>One line that says what it shows.</summary>
    public string Title { get; init; } = "";

    /// <summary>More about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>The machine.</summary>
    public ScenarioMachine Machine { get; init; } = new();

    /// <summary>What its firmware does otherwise than it should.</summary>
    public FirmwareSettings Firmware { get; init; } = FirmwareSettings.None;

    /// <summary>What goes wrong while it runs.</summary>
    public IReadOnlyList<ScenarioFault> Faults { get; init; } = [];

    /// <summary>What it boots.</summary>
    public ScenarioSystem System { get; init; } = new();

    /// <summary>The programs, one after another, each with its arguments.</summary>
    public IReadOnlyList<ScenarioProgram> Workload { get; init; } = [];

    /// <summary>Simulated time after which the run ends in any case.</summary>
    public SimDuration Limit { get; init; } = SimDuration.FromSeconds(3600);

    /// <summary>What must come of it.</summary>
    public Expectations Expect { get; init; } = new();

    /// <summary>What a hunt that starts here draws.</summary>
    public HuntPlan Hunt { get; init; } = HuntPlan.Usual;

    /// <summary>The steps that its run is told as; none for most scenarios.</summary>
    public IReadOnlyList<TimelineStep> Timeline { get; init; } = [];

    /// <summary>How what it shows is known when it comes in another scenario; null where it is nothing special.</summary>
    public Symptom? Symptom { get; init; }
}

/// <summary>The machine of a scenario.</summary>
internal sealed record ScenarioMachine
{
    /// <summary>Processor, cores, memory, seed, engine.</summary>
    public MachineChoice Choice { get; init; } = new(EpycModel.All[0], 1, MemorySize.Default.Bytes, 1, EngineKind.Functional);

    /// <summary>How far the oscillators are off.</summary>
    public OscillatorErrors Oscillators { get; init; } = OscillatorErrors.None;

    /// <summary>TSC offset of each core, in ticks.</summary>
    public IReadOnlyList<long> TscOffsets { get; init; } = [];

    /// <summary>Where the board differs from one that works.</summary>
    public MachineQuirks Quirks { get; init; } = MachineQuirks.None;

    /// <summary>What the RTC shows at reset, in seconds since 1970.</summary>
    public long RtcUnixSeconds { get; init; } = 1_577_836_800;
}

/// <summary>Which operating system a scenario boots.</summary>
internal enum SystemKind
{
    /// <summary>Ours.</summary>
    CoSim,

    /// <summary>A Linux kernel of the user's.</summary>
    Linux,

    /// <summary>None: the one program of the workload is itself the kernel, and its arguments are its command line.</summary>
    Bare,
}

/// <summary>The operating system of a scenario.</summary>
internal sealed record ScenarioSystem
{
    /// <summary>Ours, or Linux.</summary>
    public SystemKind Kind { get; init; }

    /// <summary>The Linux version whose rules our system follows; null for its default.</summary>
    public string? Semantics { get; init; }

    /// <summary>More kernel parameters.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>The Linux kernel's file, with its place.</summary>
    public (YamlPlace Place, string Path)? Kernel { get; init; }

    /// <summary>An initramfs of the user's, with its place; null for none.</summary>
    public (YamlPlace Place, string Path)? Initramfs { get; init; }

    /// <summary>Names of modules of the Linux kernel that are brought along, with their places.</summary>
    public IReadOnlyList<(YamlPlace Place, string Name)> Modules { get; init; } = [];

    /// <summary>Offsets of a time namespace that the programs run in; null for the root one.</summary>
    public string? TimeNamespace { get; init; }
}
