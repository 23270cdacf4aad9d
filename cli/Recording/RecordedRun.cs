using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>The machine and the inputs in a trace, for running again.</summary>
internal static class RecordedRun
{
    /// <summary>The machine as it stood when the recording began, in the form of a checkpoint.</summary>
    /// <param name="path">The trace's file, for messages.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="aim">What cannot be done with a trace that carries no machine: "replayed".</param>
    /// <exception cref="BadInputException">The trace carries no machine.</exception>
    public static byte[] Machine(string path, TraceReader trace, string aim) => trace.Data(RunRecording.MachineData)
        ?? throw new BadInputException(path, $"it carries no machine: it was filtered or imported, and cannot be {aim}");

    /// <summary>Makes a run that has not begun, with the recorded inputs, engine changes and end before it.</summary>
    /// <param name="path">The trace's file, for messages.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="machine">Its machine.</param>
    /// <param name="cores">What the detailed engines are watched for, and what is other than usual in the cores.</param>
    /// <param name="console">Receives what the guest writes.</param>
    /// <param name="use">Runs it; the run is disposed of afterwards.</param>
    /// <exception cref="BadInputException">The machine in the trace is damaged, or of another build.</exception>
    public static T With<T>(string path, TraceReader trace, byte[] machine, (TraceLevel Level, IReadOnlyList<ParameterChange> Parameters) cores, ConsoleOutput console, Func<GuestRun, T> use)
    {
        try
        {
            Checkpoint checkpoint = Checkpoint.Read(machine);
            using GuestRun run = new(checkpoint.Spec, DetailedEngines.For(checkpoint.Spec.Model, checkpoint.Spec.Cores, cores.Level, cores.Parameters), console, new RecordedInput(trace));
            run.Restore(checkpoint);
            run.Arm(RunFacts.SwitchesOf(trace.Header));
            StopAsRecorded(path, trace, run);
            return use(run);
        }
        catch (SnapshotException e)
        {
            throw new BadInputException(path, e.Message);
        }
    }

    private static void StopAsRecorded(string path, TraceReader trace, GuestRun run)
    {
        try
        {
            run.Stop = RunFacts.StopOf(trace.Header);
        }
        catch (BadInputException e)
        {
            throw new BadInputException(path, $"header: {e.Message}");
        }
    }

    /// <summary>When the recorded run was ended from outside; such an end does not come by itself.</summary>
    public static SimTime LastStop(TraceReader trace)
    {
        if (trace.Blocks.Count == 0)
            return SimTime.Never;
        TraceEvent last = trace.EventsFrom(trace.Count - 1).Last();
        return last.Kind.Name == TraceEvents.Stop.Name ? last.Time : SimTime.Never;
    }
}
