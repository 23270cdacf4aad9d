using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Cli.Trace;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Commands;

/// <summary>
/// `cosim trace time`: times a recorded run again, with other parameters of the cores. The trace drives the pipelines of its cores; or, with <c>--execute</c>, the machine and the
/// inputs in it run on the detailed engine, and the result is aligned with the recording: with the same parameters the cycles are the recorded ones.
/// </summary>
internal static class TraceTimeCommand
{
    private static readonly string[] Examples =
    [
        "cosim record --engine detailed --level retire --output run.trace -- busybox date",
        "cosim trace time run.trace",
        "cosim trace time run.trace --set dram.latency=200000 --set rob.macroops=112",
        "cosim trace time run.trace --set l2.latency=20 --execute --output slower.trace --json",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "time",
            "Time a recorded run again, with other latencies and sizes of the cores, and tell what that changes: cycles, causes, functions. The trace, of level 'retire' from the detailed engine, drives the timing model; nothing is executed unless --execute is given.",
            Examples);
        Argument<string> file = new("FILE") { Description = "A trace." };
        Option<ParameterChange[]> set = new("--set")
        {
            Description = "Change a parameter of the cores (hw/Zen2Core/Data/parameters.csv, in its unit); may be repeated.",
            HelpName = "NAME=VALUE",
            DefaultValueFactory = _ => [],
            CustomParser = result => [.. result.Tokens.Select(t => ParameterChange.TryParse(t.Value)
                ?? MachineOptions.Fail<ParameterChange>(result, "must be a parameter's name, '=' and a whole number")!)],
        };
        Option<bool> execute = new("--execute") { Description = "Execute the recorded machine again, with its values: slower, exact, and only for a trace that holds its machine." };
        Option<string?> output = new("--output", "-o") { Description = "With --execute: keep the new run's trace in this file.", HelpName = "FILE" };
        Option<bool> json = new("--json") { Description = "Print JSON." };
        command.Add(file);
        command.Add(set);
        command.Add(execute);
        command.Add(output);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            if (!parsed.GetValue(execute))
            {
                return parsed.GetValue(output) == null
                    ? TraceFile.Read(path, trace => Drive(path, trace, parsed.GetRequiredValue(set), parsed.GetValue(json), parsed.InvocationConfiguration.Output))
                    : throw new BadInputException("--output", "only with --execute: what a trace drives makes no trace");
            }

            return TraceFile.Read(path, trace => Execute(
                path, trace, parsed.GetRequiredValue(set), parsed.GetValue(output), parsed.GetValue(json), parsed.InvocationConfiguration.Output, error));
        });
        return command;
    }

    private static int Drive(string path, TraceReader trace, ParameterChange[] changes, bool asJson, TextWriter output)
    {
        DrivenComparison comparison = DrivenTiming.Of(path, trace, changes);
        if (asJson)
            WriteJson("cosim.trace.drive/1", comparison.Write, changes, output);
        else
            comparison.Write(output);
        return 0;
    }

    private static int Execute(string path, TraceReader trace, ParameterChange[] changes, string? kept, bool asJson, TextWriter output, TextWriter error)
    {
        byte[] machine = RecordedRun.Machine(path, trace, "timed again");
        if (trace.Header.Level < TraceLevel.Retire || !trace.Events().Any(e => e.Kind.Name == TraceEvents.Retire.Name && e.Number("retiring") != 0))
            throw new BadInputException(path, "it holds no instructions of the detailed engine; record with --engine detailed --level retire");
        string target = kept ?? Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Run(path, trace, machine, changes, target, error);
            Report(trace, target, changes, asJson, output);
            return 0;
        }
        finally
        {
            if (kept == null)
                File.Delete(target);
        }
    }

    private static void Run(string path, TraceReader trace, byte[] machine, ParameterChange[] changes, string target, TextWriter error)
    {
        ParameterChange[] all = ParameterChange.Merge(RunFacts.ParametersOf(trace.Header), changes);
        ConsoleOutput console = new(Stream.Null, translate: false, open: false);
        _ = RecordedRun.With(path, trace, machine, (TraceLevel.Retire, all), console, run => Record(trace, run, changes, all, target, error));
    }

    private static StopReason Record(TraceReader trace, GuestRun run, ParameterChange[] changes, ParameterChange[] all, string target, TextWriter error)
    {
        using RunRecording recording = RunRecording.Start(new RecordChoice(target, TraceLevel.Retire), run, [RunFacts.Of(all)]);
        SimTime end = changes.Length == 0 ? RecordedRun.LastStop(trace) : SimTime.Never;
        // Slower cores may wait longer for what has not come yet, but not forever.
        ulong most = 2 * (ulong)trace.Events().LongCount(e => e.Kind.Name == TraceEvents.Retire.Name);
        StopReason reason = run.Run(() => run.Machine.Now < end && run.Machine.Instructions < most);
        recording.Finish(TextWriter.Null);
        run.Statistics.Write(error);
        return reason;
    }

    private static void Report(TraceReader trace, string target, ParameterChange[] changes, bool asJson, TextWriter output) => TraceFile.Read(target, timed =>
    {
        TraceSymbols names = TraceSymbols.Of(trace);
        foreach (TraceEvent e in trace.Events())
            names.Take(in e);
        InstructionComparison comparison = InstructionComparison.Of(trace.Events(), timed.Events(), names, names)
            ?? throw new BadInputException(target, "no instruction was executed");
        if (asJson)
            WriteJson("cosim.trace.time/1", comparison.Write, changes, output);
        else
            comparison.Write(output);
        return 0;
    });

    private static void WriteJson(string schema, Action<Utf8JsonWriter> comparison, ParameterChange[] changes, TextWriter output)
    {
        output.WriteLine(JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("schema", schema);
            json.WriteStartObject("set");
            foreach (ParameterChange change in changes)
                json.WriteString(change.Name, change.Value.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            comparison(json);
            json.WriteEndObject();
        }));
    }
}
