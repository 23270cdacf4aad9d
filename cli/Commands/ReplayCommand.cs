using System.CommandLine;
using CoSim.Cli.Debug;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Cli.Trace;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;
using CoSim.Traces.Recording;
using CoSim.Traces.Replay;

namespace CoSim.Cli.Commands;

/// <summary>`cosim replay`: executes a recorded run again and checks every recorded event.</summary>
internal static class ReplayCommand
{
    /// <summary>Exit status of a replay that went another way.</summary>
    private const int DivergenceStatus = 1;

    /// <summary>No exit status: digests differ, and the instructions must tell where.</summary>
    private const int AskInstructions = -1;

    private static readonly string[] Examples =
    [
        "cosim record --output run.trace -- busybox date",
        "cosim replay run.trace",
        "cosim replay run.trace --console",
        "cosim replay run.trace --gdb                 walk about in it, also backwards: gdb -ex 'target remote :1234' artifacts/guest/os.elf",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "replay",
            "Execute a recorded run again, from the machine and the inputs in the trace, and check every event. Exit status 0: the same; 1: it went another way.",
            Examples);
        Argument<string> file = new("FILE") { Description = "The trace." };
        Option<bool> console = new("--console") { Description = "Show the console as the recorded run did." };
        command.Add(file);
        command.Add(console);
        Option<bool> exact = new("--exact") { Description = "Compare every instruction with the recorded one, not digests of 16384 at a time. Slower; finds a trace whose instructions and digests disagree." };
        command.Add(exact);
        DebugOptions debug = new();
        debug.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            return TraceFile.Read(path, trace => Execute(path, trace, parsed.GetValue(exact), parsed.GetValue(console), debug.Read(parsed), parsed.InvocationConfiguration.Output, error));
        });
        return command;
    }

    private static int Execute(string path, TraceReader trace, bool exact, bool showConsole, DebugEndpoint? debug, TextWriter output, TextWriter error)
    {
        byte[] machine = RecordedRun.Machine(path, trace, "replayed");
        // Instructions are compared by digests; only a run that went another way is run again to name the first one that differs.
        bool byDigest = !exact && trace.Header.Level >= TraceLevel.Retire && ReplayCheck.HasDigests(trace);
        int status = Replay(path, trace, machine, byDigest, (showConsole, debug), output, error);
        return status == AskInstructions ? Replay(path, trace, machine, byDigest: false, (false, null), output, error) : status;
    }

    private static int Replay(string path, TraceReader trace, byte[] machine, bool byDigest, (bool ShowConsole, DebugEndpoint? Debug) choice, TextWriter output, TextWriter error)
    {
        (bool showConsole, DebugEndpoint? debug) = choice;
        ConsoleOutput console = new(showConsole ? Console.OpenStandardOutput() : Stream.Null, translate: Console.IsOutputRedirected, open: false);
        return RecordedRun.With(path, trace, machine, (trace.Header.Level, RunFacts.ParametersOf(trace.Header)), console, run => debug is null ? Check(trace, run, byDigest, output, error) : Debug(debug, trace, run, error));
    }

    /// <summary>Gives the run to gdb; nothing is checked then.</summary>
    private static int Debug(DebugEndpoint endpoint, TraceReader trace, GuestRun run, TextWriter error)
    {
        using DebugConnection gdb = DebugConnection.Open(endpoint)!;
        _ = gdb.Attach(run, error, () => false);
        SimTime end = RecordedRun.LastStop(trace);
        _ = run.Run(() => run.Machine.Now < end);
        return 0;
    }

    private static int Check(TraceReader trace, GuestRun run, bool byDigest, TextWriter output, TextWriter error)
    {
        using ReplayCheck check = new(trace, byDigest, run.Machine.RequestStop);
        InstructionSource? instructions = trace.Header.Level >= TraceLevel.Retire ? new InstructionSource(check)
        {
            Path = trace.Header.Kinds.Any(k => k.Name == TraceEvents.Block.Name) ? new PathSource(check) : null,
            OnlyDigests = byDigest,
            WithDigests = trace.Header.Kinds.Any(k => k.Name == TraceEvents.Digest.Name),
        } : null;
        bool programClocks = trace.Header.Kinds.Any(k => k.Name == TraceEvents.ProgramClock.Name);
        run.Report(new EventSource(check) { Instructions = instructions }, everything: trace.Header.Level >= TraceLevel.Events, programClocks);
        SimTime end = RecordedRun.LastStop(trace);
        _ = run.Run(() => check.Divergence == null && !check.ReachedCut && run.Machine.Now < end);
        check.Finish();
        if (byDigest && check.Divergence != null)
            return AskInstructions;
        run.Statistics.Write(error);
        if (check.Divergence is not { } divergence)
        {
            string where = check.ReachedCut ? " up to where the recording was cut" : "";
            output.WriteLine($"the same: {check.Agreed} events{where}");
            return 0;
        }

        output.WriteLine($"event {divergence.Sequence} is the first that differs");
        output.WriteLine("recorded: " + Describe(divergence.Recorded));
        output.WriteLine("replayed: " + Describe(divergence.Replayed));
        return DivergenceStatus;
    }

    private static string Describe(TraceEvent? e) => e is { } some ? EventText.Line(in some) : "nothing more";
}
