using CoSim.Cli.Debug;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Terminal;
using Microsoft.Win32.SafeHandles;

namespace CoSim.Cli.Running;

/// <summary>A machine with this terminal as its console.</summary>
internal static class TerminalRun
{
    /// <summary>Runs a machine until its program has ended.</summary>
    /// <param name="build">Makes the run; what it throws is thrown before anything has happened.</param>
    /// <param name="verbose">Whether the console is shown from the first byte.</param>
    /// <param name="choices">What is logged and recorded, and who debugs.</param>
    /// <param name="error">Receives the closing statistics.</param>
    /// <returns>The program's exit status, or that of a machine that failed.</returns>
    public static int Execute(Func<ConsoleOutput, ConsoleInput, GuestRun> build, bool verbose, RunChoices choices, TextWriter error)
    {
        using MachineLog? log = MachineLog.Open(choices.Log);
        using DebugConnection? gdb = DebugConnection.Open(choices.Debug);
        bool streamsTaken = gdb is { HasStandardStreams: true };
        using RawMode terminal = RawMode.Enter();
        ConsoleInput input = ConsoleInput.Start(streamsTaken ? Stream.Null : OpenInput(), terminal.IsActive);
        ConsoleOutput output = new(streamsTaken ? gdb!.Console() : Console.OpenStandardOutput(), translate: Console.IsOutputRedirected, open: verbose);
        using GuestRun run = build(output, input);
        run.Attach(log);
        using RunRecording? recording = RunRecording.Start(choices.Record, run);
        if (gdb?.Attach(run, error, () => input.QuitRequested) == false)
            return RunFailure.QuitStatus;
        RealTimePace pace = new();
        // Until the program has the console, nothing else shows that the machine is at work.
        using StatusLine progress = new(error);
        bool silent = !verbose && !run.ProgramStarted && !run.HasOwnInit && log == null;
        if (silent)
            progress.Phase("booting");
        run.Started = progress.Dispose;
        StopReason reason = run.Run(() =>
        {
            if (terminal.IsActive && (run.ProgramStarted || run.HasOwnInit))
                pace.Hold(run.Machine.Now);
            if (silent && !run.ProgramStarted)
                progress.Progress(run.Statistics);
            return !input.QuitRequested;
        });
        run.Finished?.Invoke();
        progress.Dispose();
        terminal.Dispose();
        log?.Close(error);
        recording?.Finish(error);
        if (run.Checkpoint is { } missed)
            error.WriteLine($"cosim: --checkpoint-at '{missed.Word}' was not reached; {missed.Path} was not written");
        foreach (Trigger trigger in run.Machine.Armed.Where(t => t.SwitchTo != null))
            error.WriteLine($"cosim: {trigger.Place} was not reached; the engine did not change to {trigger.SwitchTo!.Value.ToString().ToLowerInvariant()} there");
        run.Statistics.Write(error);
        if (run.ReachedStop)
        {
            error.WriteLine($"cosim: stopped as asked, at {run.StoppedBy ?? run.Stop!.ToString()}, after {run.Machine.Now}");
            return run.ExitStatus ?? 0;
        }
        if (run.Stop is { } never)
            error.WriteLine($"cosim: the run ended before {never}");
        if (run.HasOwnInit && reason == StopReason.PowerOff)
            return run.ExitStatus ?? 0;
        return run.ExitStatus ?? RunFailure.Report(run, reason, output, error);
    }

    /// <summary>Standard input, unbuffered. (The runtime's own stream would read a terminal by lines and change its mode.)</summary>
    private static Stream OpenInput()
    {
        const int standardInput = 0;
        return OperatingSystem.IsWindows()
            ? Console.OpenStandardInput()
            : new FileStream(new SafeFileHandle(standardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
    }
}
