using System.CommandLine;
using CoSim.Cli.Terminal;
using CoSim.Cli.Trace;
using CoSim.Traces.Format;

namespace CoSim.Cli.Commands;

/// <summary>`cosim trace`: shows, filters and compares traces.</summary>
internal static class TraceCommands
{
    /// <summary>Builds the commands.</summary>
    public static IEnumerable<Command> Create(TextWriter error)
    {
        yield return CreateInfo();
        yield return CreateCat();
        yield return CreateFilter(error);
        yield return CreateDiff();
        yield return TraceExportCommand.Create(error);
        yield return TraceTimeCommand.Create(error);
        yield return TraceImportCommand.Create(error);
    }

    private static Argument<string> File(string name) => new(name) { Description = "A trace." };

    private static Command CreateInfo()
    {
        ExampleCommand command = new("info", "Tell what a trace holds.", ["cosim trace info run.trace", "cosim trace info run.trace --json"]);
        Argument<string> file = File("FILE");
        Option<bool> json = new("--json") { Description = "Print JSON." };
        command.Add(file);
        command.Add(json);
        command.SetAction(parsed =>
        {
            TraceSummary summary = TraceFile.Read(parsed.GetRequiredValue(file), TraceSummary.Of);
            if (parsed.GetValue(json))
                summary.WriteJson(parsed.InvocationConfiguration.Output);
            else
                summary.Write(parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static Command CreateCat()
    {
        ExampleCommand command = new(
            "cat",
            "Print the events of a trace, one a line: time in seconds, kind, fields.",
            [
                "cosim trace cat run.trace --kinds clock-read,counter-read",
                "cosim trace cat run.trace --from 0.01 --until 0.011 --core 0",
                "cosim trace cat run.trace --kinds timer-expired --text hpet --json",
                "cosim trace cat run.trace --where 'syscall:nr=228' --where 'timer-programmed:expires-in<10us'",
                "cosim trace cat run.trace --kinds address-space | head; cosim trace cat run.trace --cr3 0x1a2000 --kinds syscall",
            ]);
        Argument<string> file = File("FILE");
        EventFilterOptions filter = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object a line." };
        command.Add(file);
        filter.AddTo(command);
        command.Add(json);
        command.SetAction(parsed => TraceFile.Read(parsed.GetRequiredValue(file), trace =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            Func<TraceEvent, string> show = parsed.GetValue(json) ? e => EventText.Json(in e) : EventText.Colours(output) ? e => EventText.ColouredLine(in e) : e => EventText.Line(in e);
            ResultLines.Write(output, filter.Read(parsed).Of(trace).Select(show));
            return 0;
        }));
        return command;
    }

    private static Command CreateFilter(TextWriter error)
    {
        ExampleCommand command = new(
            "filter",
            "Write some of a trace's events to another trace. It can be shown, compared and exported, but not replayed.",
            ["cosim trace filter run.trace --kinds syscall,user-return --output calls.trace"]);
        Argument<string> file = File("FILE");
        EventFilterOptions filter = new();
        Option<string> output = new("--output", "-o") { Description = "The new trace.", HelpName = "FILE", Required = true };
        command.Add(file);
        filter.AddTo(command);
        command.Add(output);
        command.SetAction(parsed => TraceFile.Read(parsed.GetRequiredValue(file), trace =>
        {
            ulong kept = 0;
            IEnumerable<TraceEvent> events = filter.Read(parsed).Of(trace);
            WholeFile.Write(parsed.GetRequiredValue(output), stream =>
            {
                TraceWriter writer = new(stream, new TraceHeader(trace.Header.Level, [.. trace.Header.Facts, new("filtered", "yes")], trace.Header.Kinds));
                if (trace.Data(TraceSymbols.DataName) is { } symbols)
                    writer.WriteData(TraceSymbols.DataName, symbols);
                foreach (TraceEvent e in events)
                    writer.Write(in e);
                writer.Finish();
                kept = writer.Events;
            });
            error.WriteLine($"cosim: {parsed.GetRequiredValue(output)}: {kept} of {trace.Count} events");
            return 0;
        }));
        return command;
    }

    private static Command CreateDiff()
    {
        ExampleCommand command = new(
            "diff",
            "Compare two traces event by event and name the first difference; of traces with instructions also what each function cost. Exit status 0: the same; 1: they differ.",
            ["cosim trace diff before.trace after.trace", "cosim trace diff a.trace b.trace --ignore-time --kinds syscall"]);
        Argument<string> left = File("FILE");
        Argument<string> right = File("OTHER");
        EventFilterOptions filter = new();
        Option<bool> ignoreTime = new("--ignore-time") { Description = "Compare what happened and in which order, not when." };
        command.Add(left);
        command.Add(right);
        filter.AddTo(command);
        command.Add(ignoreTime);
        command.SetAction(parsed => TraceFile.Read(parsed.GetRequiredValue(left), a => TraceFile.Read(parsed.GetRequiredValue(right), b =>
        {
            EventFilter wanted = filter.Read(parsed);
            TraceComparison comparison = TraceComparison.Of(wanted.Of(a), wanted.Of(b), !parsed.GetValue(ignoreTime));
            TextWriter output = parsed.InvocationConfiguration.Output;
            comparison.Write(output, parsed.GetRequiredValue(left), parsed.GetRequiredValue(right));
            if (!comparison.AreSame)
                InstructionComparison.Of(wanted.Of(a), wanted.Of(b), TraceSymbols.Of(a), TraceSymbols.Of(b))?.Write(output);
            return comparison.AreSame ? 0 : 1;
        })));
        return command;
    }
}
