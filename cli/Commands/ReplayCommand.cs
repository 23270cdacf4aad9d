using System.CommandLine;
using CoSim.Cli.Debug;
using CoSim.Cli.Options;
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
        "cosim replay run.trace --stop-when 'core0.cr3 == 0x1000' --console           up to there only",
        "cosim replay run.trace --checkpoint-at 1.25s --checkpoint there.ckpt         the machine as it was then: cosim resume there.ckpt",
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
        PlaceOptions places = new();
        places.AddStopTo(command);
        places.AddCheckpointTo(command);
        DebugOptions debug = new();
        debug.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            ReplayChoice choice = new(parsed.GetValue(console), debug.Read(parsed), places.Read(parsed));
            return TraceFile.Read(path, trace => Execute(path, trace, parsed.GetValue(exact), choice, parsed.InvocationConfiguration.Output, error));
        });
        return command;
    }

    /// <param name="ShowConsole">Show the console.</param>
    /// <param name="Debug">Where gdb connects; null for no gdb.</param>
    /// <param name="Places">Where the replay ends before the recording does, and where it takes a checkpoint.</param>
    private sealed record ReplayChoice(bool ShowConsole, DebugEndpoint? Debug, PlaceChoice Places)
    {
        /// <summary>Tells a run that has not begun.</summary>
        public void ApplyTo(GuestRun run)
        {
            CodePlaces places = new();
            if (FlashImage.Find(run.Machine.Spec.Flash, "kernel") is { } kernel)
                places.AddIfReadable("the kernel", kernel.ToArray());
            run.Checkpoint = Places.Checkpoint(places);
            StopCondition? stop = Places.Stop(places);
            if (run.Checkpoint is { } there)
            {
                // What a core has in flight is finished for a checkpoint: what follows is no longer what was recorded.
                if (Places.StopAt is not null)
                    throw new BadInputException("--stop-at", "a replay ends at its checkpoint");
                stop = new StopCondition(there.Place, there.Place is null ? there.Time : null, stop?.Console) { Events = stop?.Events ?? [], Registers = stop?.Registers ?? [] };
            }

            run.FurtherStop = stop;
        }
    }

    private static int Execute(string path, TraceReader trace, bool exact, ReplayChoice choice, TextWriter output, TextWriter error)
    {
        byte[] machine = RecordedRun.Machine(path, trace, "replayed");
        // Instructions are compared by digests; only a run that went another way is run again to name the first one that differs.
        bool byDigest = !exact && trace.Header.Level >= TraceLevel.Retire && ReplayCheck.HasDigests(trace);
        int status = Replay(path, trace, machine, byDigest, choice, output, error);
        return status == AskInstructions ? Replay(path, trace, machine, byDigest: false, new ReplayChoice(false, null, PlaceChoice.None), output, error) : status;
    }

    private static int Replay(string path, TraceReader trace, byte[] machine, bool byDigest, ReplayChoice choice, TextWriter output, TextWriter error)
    {
        ConsoleOutput console = new(choice.ShowConsole ? Console.OpenStandardOutput() : Stream.Null, translate: Console.IsOutputRedirected, open: false);
        return RecordedRun.With(path, trace, machine, (trace.Header.Level, RunFacts.ParametersOf(trace.Header)), console, run =>
        {
            choice.ApplyTo(run);
            return choice.Debug is { } debug ? Debug(debug, trace, run, error) : Check(trace, run, byDigest, output, error);
        });
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
        bool withInstructions = trace.Header.Level >= TraceLevel.Retire;
        using ReplayCheck check = new(trace, byDigest, withInstructions ? null : run.Machine.RequestStop);
        // What is compared with many instructions is read on a thread of its own, some thousands behind the run; few events where they happen.
        using RecordChannel? channel = withInstructions ? new RecordChannel(check) { Over = run.Machine.RequestStop } : null;
        IEventSink sink = channel != null ? channel : check;
        InstructionSource? instructions = channel != null ? new InstructionSource(channel)
        {
            Path = trace.Header.Kinds.Any(k => k.Name == TraceEvents.Block.Name) ? new PathSource(channel) : null,
            OnlyDigests = byDigest,
            WithDigests = trace.Header.Kinds.Any(k => k.Name == TraceEvents.Digest.Name),
        } : null;
        bool programClocks = trace.Header.Kinds.Any(k => k.Name == TraceEvents.ProgramClock.Name);
        run.Report(new EventSource(sink) { Instructions = instructions }, everything: trace.Header.Level >= TraceLevel.Events, programClocks);
        SimTime end = RecordedRun.LastStop(trace);
        _ = run.Run(() => (channel != null ? !channel.IsOver : check.WantsMore) && run.Machine.Now < end);
        if (run.Checkpoint is { } checkpoint)
            throw new BadInputException($"--checkpoint-at '{checkpoint.Word}'", "the replay has ended before");
        check.EndsEarly = run.ReachedFurtherStop;
        if (channel != null)
            channel.Finish();
        else
            check.Finish();
        if (byDigest && check.Divergence != null)
            return AskInstructions;
        run.Statistics.Write(error);
        if (check.Divergence is not { } divergence)
        {
            string where = check.ReachedCut ? " up to where the recording was cut" : run.ReachedFurtherStop ? $" up to {run.StoppedBy ?? run.Machine.Now.ToString()}" : "";
            if (run.FurtherStop is { } wanted && !run.ReachedFurtherStop)
                where += $"; the recording ends before {wanted}";
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
