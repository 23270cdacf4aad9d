using System.CommandLine;
using CoSim.Cli.Import;
using CoSim.Cli.Options;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;
using CoSim.Traces.Import;

namespace CoSim.Cli.Commands;

/// <summary>`cosim trace import`: brings recordings of real programs into the project's format.</summary>
internal static class TraceImportCommand
{
    private static readonly string[] Examples =
    [
        "strace -f -ttt -T -o calls.txt ./program; cosim trace import calls.txt -o program.trace",
        "perf script > events.txt; cosim trace import events.txt --from perf-script -o program.trace",
        "cosim trace import /sys/kernel/tracing/trace --from ftrace -o program.trace",
        "cosim trace import calls.txt -o program.trace --json",
        "cosim study workload program.trace",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "import",
            "Make a trace of what strace, perf or ftrace recorded of a real program. strace does not see calls that the vDSO answers; user probes of perf and ftrace do (docs/import.md).",
            Examples);
        Argument<string> file = new("FILE") { Description = "The text that strace, perf script, ftrace or trace-cmd report wrote." };
        Option<ImportFormat?> format = new("--from")
        {
            Description = $"What wrote it: {string.Join(", ", TraceImport.FormatNames)}. [default: found out]",
            HelpName = "FORMAT",
            CustomParser = result => TraceImport.FormatNames.Index().Where(n => n.Item == MachineOptions.Word(result)).Select(n => (ImportFormat?)n.Index).FirstOrDefault()
                ?? MachineOptions.Fail<ImportFormat?>(result, $"must be one of {string.Join(", ", TraceImport.FormatNames)}"),
        };
        Option<string> output = new("--output", "-o") { Description = "The new trace.", HelpName = "FILE", Required = true };
        Option<bool> strict = new("--strict") { Description = "Refuse a recording with a line that is not understood." };
        Option<bool> json = new("--json") { Description = "Print what was found as JSON." };
        command.Add(file);
        foreach (Option option in (Option[])[format, output, strict, json])
            command.Add(option);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TraceImport import = RecordingFile.Read(path, parsed.GetValue(format));
            if (parsed.GetValue(strict) && import.Report.Problems is [LineProblem first, ..])
                throw new BadInputException(path, $"line {first.Line}", first.Cause);
            WholeFile.Write(parsed.GetRequiredValue(output), import.Write);
            if (parsed.GetValue(json))
                ImportReportText.WriteJson(import.Report, parsed.InvocationConfiguration.Output);
            else
                ImportReportText.Write(import.Report, path, parsed.InvocationConfiguration.Output, error);
            return 0;
        });
        return command;
    }
}
