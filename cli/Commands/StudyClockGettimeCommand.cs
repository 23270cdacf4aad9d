using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Study;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim study clock-gettime`: what clock_gettime costs, instruction by instruction and cycle by cycle.</summary>
internal static class StudyClockGettimeCommand
{
    private static readonly string[] Examples =
    [
        "cosim study clock-gettime                                    everything, on the detailed engine",
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
        study.AddTo(command);
        machine.AddTo(command);
        command.SetAction(parsed => Execute(machine.Read(parsed), study.Read(parsed), error));
        return command;
    }

    private static int Execute(MachineChoice machine, StudyChoice study, TextWriter error)
    {
        throw new BadInputException("study", "TODO");
    }
}
