using System.CommandLine;
using System.Globalization;
using CoSim.Cli.Options;
using CoSim.Cli.Terminal;
using CoSim.Cli.Trace;
using CoSim.Os.Loader;
using CoSim.Traces.Export;
using CoSim.Traces.Format;

namespace CoSim.Cli.Commands;

/// <summary>`cosim trace export`: writes a trace in the format of another program.</summary>
internal static class TraceExportCommand
{
    private static readonly string[] Examples =
    [
        "cosim trace export run.trace --format perfetto --output run.pftrace",
        "cosim trace export run.trace --format vcd --kinds line,timer-expired --output lines.vcd",
        "cosim trace export run.trace --format kanata --core 0 --from 0.0125 --until 0.0126 --output run.kanata",
        "cosim trace export run.trace --format pprof --output run.pb",
        "cosim trace export run.trace --format sqlite --output run.db",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        string formats = string.Join("; ", TraceExporters.All.Select(f => $"'{f.Name}': {f.Description}"));
        ExampleCommand command = new("export", "Write a trace in the format of another program.", Examples);
        Argument<string> file = new("FILE") { Description = "A trace." };
        Option<ExportFormat> format = new("--format")
        {
            Description = formats + ".",
            HelpName = "FORMAT",
            Required = true,
            CustomParser = result => TraceExporters.Find(MachineOptions.Word(result))
                ?? MachineOptions.Fail<ExportFormat>(result, $"must be one of {string.Join(", ", TraceExporters.All.Select(f => f.Name))}"),
        };
        Option<string> output = new("--output", "-o") { Description = "The new file.", HelpName = "FILE", Required = true };
        EventFilterOptions filter = new();
        command.Add(file);
        command.Add(format);
        command.Add(output);
        filter.AddTo(command);
        command.SetAction(parsed => TraceFile.Read(parsed.GetRequiredValue(file), trace =>
        {
            string path = parsed.GetRequiredValue(output);
            ExportFormat chosen = parsed.GetRequiredValue(format);
            if (SamePath(path, parsed.GetRequiredValue(file)))
                throw new BadInputException(path, "is the trace itself");
            ExportInput input = new(trace.Header, filter.Read(parsed).Of(trace)) { Symbols = TraceSymbols.Of(trace) };
            long bytes = 0;
            WholeFile.Write(path, stream =>
            {
                chosen.Exporter.Write(input, stream);
                bytes = stream.Length;
            });
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cosim: {path}: {bytes} bytes of {chosen.Name}"));
            return 0;
        }));
        return command;
    }

    private static bool SamePath(string a, string b) => Path.GetFullPath(a) == Path.GetFullPath(b);
}
