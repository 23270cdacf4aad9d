using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;
using CoSim.Cli.Trace;
using CoSim.Cli.Workloads;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim study workload`: what the clock and timer calls of a recorded program cost on the simulated machine.</summary>
internal static class StudyWorkloadCommand
{
    private const int MostCalls = 1_000_000;

    /// <summary>Offsets of the child namespace unless the user chooses others: those of the study of clock_gettime.</summary>
    private const string UsualOffsets = "monotonic=86400.5,boottime=172800";

    private static readonly string[] Examples =
    [
        "strace -f -ttt -T -o calls.txt ./program; cosim trace import calls.txt -o program.trace",
        "cosim study workload program.trace",
        "cosim study workload program.trace --clocksource tsc,hpet --namespace child --timens monotonic=86400",
        "cosim study workload program.trace --path vdso --cache cold --calls 100 --json report.json",
        "cosim study workload program.trace --engine functional --longest-gap 0.001",
        "cosim study workload program.trace --os linux --kernel /boot/vmlinuz --append cryptomgr.notests --compare",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "workload",
            "Replay the clock and timer calls of a program that strace, perf or ftrace recorded ('cosim trace import'), with what lay between them, and measure what each costs.",
            Examples);
        Argument<string> file = new("TRACE") { Description = "An imported trace." };
        MachineOptions machine = new(EngineKind.Detailed);
        StudySystemOptions system = new();
        Option<WordList> sources = StudyOptions.Axis("--clocksource", "Clocksources", StudyWords.Source);
        Option<WordList> namespaces = StudyOptions.Axis("--namespace", "Time namespaces", StudyWords.Namespace);
        Option<TimeNamespaceOffsets?> timens = new("--timens")
        {
            Description = $"Offsets of the child namespace, monotonic=SECONDS,boottime=SECONDS. [default: {UsualOffsets}]",
            HelpName = "OFFSETS",
            CustomParser = TimeNamespaceOffsets.Parse,
        };
        Option<CallPath?> path = new("--path")
        {
            Description = "Way of clock_gettime, gettimeofday, time and clock_getres: vdso or syscall. [default: the recorded one]",
            HelpName = "PATH",
            CustomParser = result => StudyWords.Path.Find(MachineOptions.Word(result)) is >= 0 and int found ? (CallPath)found : MachineOptions.Fail<CallPath?>(result, "must be vdso or syscall"),
        };
        Option<string> cache = new("--cache")
        {
            Description = "State of caches, TLBs and predictors before each call: warm (what the last calls left: a lower bound, since the computation between them is not replayed) or cold.",
            HelpName = "STATE",
            DefaultValueFactory = _ => StudyWords.Cache.Name((int)CacheState.Warm),
            CustomParser = result => StudyWords.Cache.Find(MachineOptions.Word(result)) >= 0 ? MachineOptions.Word(result) : MachineOptions.Fail<string>(result, "must be warm or cold"),
        };
        Option<int> calls = new("--calls")
        {
            Description = "Calls of each thread that are replayed, from its first.",
            HelpName = "N",
            DefaultValueFactory = _ => MostCalls,
            CustomParser = result => MachineOptions.Integer(result, 1, MostCalls),
        };
        Option<Seconds> gap = new("--longest-gap")
        {
            Description = "Cut longer computations and waits between the calls to this many seconds: shortens the replay of a program that does little.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => new Seconds((UInt128)Seconds.MaximumSeconds * 1_000_000_000),
            CustomParser = result => Seconds.TryParse(MachineOptions.Word(result)) ?? MachineOptions.Fail<Seconds>(result, "must be seconds with at most 9 decimals"),
        };
        Option<string?> json = new("--json") { Description = "Write everything to this file as JSON.", HelpName = "FILE" };
        Option<EngineKind?> bootEngine = MachineOptions.EngineOption("--boot-engine", "Engine from the reset vector to the first call. [default: functional]");
        Option<string> semantics = OsSemantics.Create();
        command.Add(file);
        foreach (Option option in (Option[])[sources, namespaces, timens, path, cache, calls, gap, json])
            command.Add(option);
        system.AddTo(command);
        machine.AddTo(command);
        command.Add(semantics);
        command.Add(bootEngine);
        command.SetAction(parsed => Execute(
            new WorkloadCommandChoice(
                parsed.GetRequiredValue(file),
                machine.Read(parsed),
                parsed.GetValue(bootEngine) ?? EngineKind.Functional,
                system.Read(parsed),
                system.Compares(parsed),
                parsed.GetRequiredValue(semantics),
                [.. parsed.GetRequiredValue(sources).Values.Select(v => (Clocksource)v)],
                [.. parsed.GetRequiredValue(namespaces).Values.Select(v => (NamespaceKind)v)],
                parsed.GetValue(timens) ?? new TimeNamespaceOffsets(UsualOffsets),
                new WorkloadChoice(parsed.GetValue(path), (ulong)UInt128.Min(parsed.GetRequiredValue(gap).Nanoseconds, long.MaxValue), parsed.GetRequiredValue(calls)),
                StudyWords.Cache.Find(parsed.GetRequiredValue(cache)) == (int)CacheState.Cold,
                parsed.GetValue(json)),
            Screen.For(parsed.InvocationConfiguration.Output),
            error));
        return command;
    }

    private static int Execute(WorkloadCommandChoice choice, Screen screen, TextWriter error)
    {
        if (choice.JsonPath != null)
            WholeFile.CheckWritable(choice.JsonPath);
        Workload workload = TraceFile.Read(choice.TracePath, trace => WorkloadBuilder.Build(choice.TracePath, trace, choice.Workload));
        foreach ((string reason, long count) in workload.Left)
            error.WriteLine($"cosim: {choice.TracePath}: {count} calls are not replayed: {reason}");
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        string parameters = OsSemantics.Parameters(choice.Semantics, "quiet");
        List<StudySystem> systems = [choice.Linux is null ? StudySystem.Own(images, parameters) : StudySystem.Linux(images, choice.Linux)];
        if (choice.Compares)
            systems.Add(StudySystem.Own(images, parameters));
        List<WorkloadResult> results = [];
        RunStatistics statistics = new(0, 0, 0);
        int status = 0;
        foreach ((StudySystem system, Clocksource source, NamespaceKind space) in from system in systems from source in choice.Sources from space in choice.Namespaces select (system, source, space))
        {
            WorkloadConfiguration configuration = new(system.Name, source, space);
            using WorkloadRun run = new(system, configuration, choice.Machine, choice.BootEngine, workload, space == NamespaceKind.Child ? choice.Offsets : null, choice.Cold);
            using StatusLine progress = new(error);
            int ended = run.Run(progress, error);
            WorkloadResult result = run.Result;
            results.Add(result);
            statistics = new RunStatistics(statistics.SimulatedNanoseconds + run.Statistics.SimulatedNanoseconds, statistics.Instructions + run.Statistics.Instructions, statistics.HostTicks + run.Statistics.HostTicks);
            int measured = result.Rows.Sum(r => r.Busy.Count);
            if (measured < workload.Measured)
                error.WriteLine($"cosim: {configuration}: {workload.Measured - measured} of {workload.Measured} calls are not measured");
            status = status != 0 ? status : ended != 0 ? ended : measured < workload.Measured ? 1 : 0;
        }

        WorkloadReport report = new(choice.Machine, workload, results);
        screen.Write(WorkloadTable.Calls(report));
        screen.Output.WriteLine();
        screen.Write(WorkloadTable.Totals(report));
        if (choice.JsonPath != null)
            WholeFile.Write(choice.JsonPath, stream => WorkloadJson.Write(report, stream));
        statistics.Write(error);
        return status;
    }
}

/// <summary>What the user chose for `cosim study workload`.</summary>
/// <param name="TracePath">The imported trace.</param>
/// <param name="Machine">The machine.</param>
/// <param name="BootEngine">Engine from reset to the replay.</param>
/// <param name="Linux">The Linux kernel that is measured; null for our operating system.</param>
/// <param name="Compares">Whether our operating system is measured for comparison.</param>
/// <param name="Semantics">The Linux version whose rules our operating system follows.</param>
/// <param name="Sources">Clocksources.</param>
/// <param name="Namespaces">Time namespaces.</param>
/// <param name="Offsets">Offsets of the child namespace.</param>
/// <param name="Workload">How the recording becomes a workload.</param>
/// <param name="Cold">Whether caches are emptied before each call.</param>
/// <param name="JsonPath">Where the JSON report goes; null for none.</param>
internal sealed record WorkloadCommandChoice(
    string TracePath,
    MachineChoice Machine,
    EngineKind BootEngine,
    LinuxChoice? Linux,
    bool Compares,
    string Semantics,
    IReadOnlyList<Clocksource> Sources,
    IReadOnlyList<NamespaceKind> Namespaces,
    TimeNamespaceOffsets Offsets,
    WorkloadChoice Workload,
    bool Cold,
    string? JsonPath);
