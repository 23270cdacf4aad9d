using System.CommandLine;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;

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
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new("clock-gettime", "Measure what clock_gettime costs on every path through the machine.", Examples);
        MachineOptions machine = new(EngineKind.Detailed);
        StudyOptions study = new();
        LogOptions log = new();
        study.AddTo(command);
        machine.AddTo(command);
        Option<EngineKind?> bootEngine = MachineOptions.EngineOption("--boot-engine", "Engine from the reset vector to the first call. [default: the same as --engine]");
        command.Add(bootEngine);
        PlaceOptions places = new();
        places.AddSwitchesTo(command);
        log.AddTo(command);
        command.SetAction(parsed => Execute(machine.Read(parsed), parsed.GetValue(bootEngine), study.Read(parsed), places.Read(parsed), log.Read(parsed, always: false), Screen.For(parsed.InvocationConfiguration.Output), error));
        return command;
    }

    private static int Execute(MachineChoice machine, EngineKind? bootEngine, StudyChoice choice, PlaceChoice places, LogChoice logged, Screen screen, TextWriter error)
    {
        if (choice.JsonPath != null)
            WholeFile.CheckWritable(choice.JsonPath);
        using MachineLog? log = MachineLog.Open(logged);
        using StudyRun study = new(machine, bootEngine ?? machine.Engine, choice, places, log);
        int status;
        using (StatusLine progress = new(error))
            status = study.Run(progress, error);
        log?.Close(error);
        StudyReport report = study.Report;
        if (report.Spans.Completed > 0)
            Show(report, screen);
        if (choice.JsonPath != null && report.Spans.Completed > 0)
            WholeFile.Write(choice.JsonPath, stream => StudyJson.Write(report, stream));
        if (report.Missing.Any())
            error.WriteLine($"cosim: {report.Missing.Count()} of {choice.Configurations().Count()} configurations are not measured, the first is {report.Missing.First()}");
        if (report.UnattributedCycles > 0)
            error.WriteLine($"cosim: {report.UnattributedCycles} cycles are not attributed; this is a fault of the simulator");
        study.Statistics.Write(error);
        return status != 0 ? status : report.UnattributedCycles > 0 || report.Missing.Any() ? 1 : 0;
    }

    private static void Show(StudyReport report, Screen screen)
    {
        screen.Write(StudyTable.Build(report));
        screen.Output.WriteLine();
        if (report.Machine.Engine == EngineKind.Detailed && report.Spans.Find(report.Study.Listing) is { } listed)
            StudyListing.Write(report, listed, screen);
    }
}
