using System.CommandLine;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim study clock-gettime`: what clock_gettime costs, instruction by instruction and cycle by cycle.</summary>
internal static class StudyClockGettimeCommand
{
    private static readonly string[] Examples =
    [
        "cosim study clock-gettime                                    everything, on the detailed engine from reset",
        "cosim study clock-gettime --boot-engine functional           the same, booted faster",
        "cosim study clock-gettime --clocks monotonic --cache warm    one clock, warm caches",
        "cosim study clock-gettime --clocksource hpet --listing monotonic/hpet/root/syscall/warm",
        "cosim study clock-gettime --model 7F32 --calls 100 --json report.json",
        "cosim study clock-gettime --os linux --kernel /boot/vmlinuz --append cryptomgr.notests --compare",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new("clock-gettime", "Measure what clock_gettime costs on every path through the machine.", Examples);
        MachineOptions machine = new(EngineKind.Detailed);
        StudyOptions study = new();
        LogOptions log = new();
        study.AddTo(command);
        StudySystemOptions system = new();
        system.AddTo(command);
        machine.AddTo(command);
        Option<string> semantics = OsSemantics.Create();
        command.Add(semantics);
        Option<EngineKind?> bootEngine = MachineOptions.EngineOption("--boot-engine", "Engine from the reset vector to the first call. [default: the same as --engine]");
        command.Add(bootEngine);
        PlaceOptions places = new();
        places.AddSwitchesTo(command);
        log.AddTo(command);
        command.SetAction(parsed => Execute(
            new StudyCommandChoice(
                machine.Read(parsed),
                parsed.GetValue(bootEngine),
                study.Read(parsed),
                system.Read(parsed),
                system.Compares(parsed),
                parsed.GetRequiredValue(semantics),
                places.Read(parsed)),
            log.Read(parsed, always: false),
            Screen.For(parsed.InvocationConfiguration.Output),
            error));
        return command;
    }

    private static int Execute(StudyCommandChoice choice, LogChoice logged, Screen screen, TextWriter error)
    {
        if (choice.Study.JsonPath != null)
            WholeFile.CheckWritable(choice.Study.JsonPath);
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        StudySystem system = choice.Linux is null ? StudySystem.Own(images, OsSemantics.Parameters(choice.Semantics, "quiet")) : StudySystem.Linux(images, choice.Linux);
        using MachineLog? log = MachineLog.Open(logged);
        using StudyRun study = Prepare(system, choice, log);
        int status = Measure(study, error);
        log?.Close(error);
        StudyReport report = study.Report;
        StudyReport? own = null;
        if (choice.Compares)
        {
            using StudyRun other = Prepare(StudySystem.Own(images, OsSemantics.Parameters(choice.Semantics, "quiet")), choice with { Places = PlaceChoice.None }, null);
            status |= Measure(other, error);
            own = other.Report;
            status |= Complain(own, error);
        }
        if (report.Spans.Completed > 0)
            Show(report, own, screen);
        if (choice.Study.JsonPath != null && report.Spans.Completed > 0)
            WholeFile.Write(choice.Study.JsonPath, stream => StudyJson.Write(report, own, stream));
        status |= Complain(report, error);
        study.Statistics.Write(error);
        return status;
    }

    private static StudyRun Prepare(StudySystem system, StudyCommandChoice choice, MachineLog? log) =>
        new(system, choice.Machine, choice.BootEngine ?? (system.BootsLong ? EngineKind.Functional : choice.Machine.Engine), choice.Study, choice.Places, log);

    private static int Measure(StudyRun study, TextWriter error)
    {
        using StatusLine progress = new(error);
        return study.Run(progress, error);
    }

    /// <summary>Says what a report lacks, and returns its exit status.</summary>
    private static int Complain(StudyReport report, TextWriter error)
    {
        if (report.Missing.Any())
            error.WriteLine($"cosim: {report.Missing.Count()} of {report.Study.Configurations().Count()} configurations are not measured, the first is {report.Missing.First()}");
        if (report.UnattributedCycles > 0)
            error.WriteLine($"cosim: {report.UnattributedCycles} cycles are not attributed; this is a fault of the simulator");
        return report.UnattributedCycles > 0 || report.Missing.Any() ? 1 : 0;
    }

    private static void Show(StudyReport report, StudyReport? own, Screen screen)
    {
        if (own != null)
            screen.Output.WriteLine($"{report.System}, beside it {own.System}:");
        screen.Write(own == null ? StudyTable.Build(report) : StudyComparison.Build(report, own));
        screen.Output.WriteLine();
        if (report.Machine.Engine == EngineKind.Detailed && report.Spans.Find(report.Study.Listing) is { } listed)
            StudyListing.Write(report, listed, screen);
    }
}

/// <summary>What the user chose for `cosim study clock-gettime`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="BootEngine">Engine from reset to the first call; null for the usual one.</param>
/// <param name="Study">What is measured.</param>
/// <param name="Linux">The Linux kernel that is measured; null for our operating system.</param>
/// <param name="Compares">Whether our operating system is measured for comparison.</param>
/// <param name="Semantics">The Linux version whose rules our operating system follows.</param>
/// <param name="Places">Where engines change.</param>
internal sealed record StudyCommandChoice(MachineChoice Machine, EngineKind? BootEngine, StudyChoice Study, LinuxChoice? Linux, bool Compares, string Semantics, PlaceChoice Places);
