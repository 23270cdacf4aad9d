using System.CommandLine;
using CoSim.Cli.Debug;
using CoSim.Cli.Logging;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;

namespace CoSim.Cli.Options;

/// <summary>The options of every command that runs a machine: places, log, recording, debugger.</summary>
/// <param name="record">Which recordings the command offers; null for none.</param>
internal sealed class RunOptions(RecordOptions? record)
{
    private readonly PlaceOptions _places = new();
    private readonly LogOptions _log = new();
    private readonly DebugOptions _debug = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _places.AddSwitchesTo(command);
        _places.AddCheckpointTo(command);
        _places.AddStopTo(command);
        _log.AddTo(command);
        record?.AddTo(command);
        _debug.AddTo(command);
    }

    /// <summary>What the user chose.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="alwaysLog">Whether warnings are logged although no log was asked for.</param>
    public RunChoices Read(ParseResult parsed, bool alwaysLog) =>
        new(_places.Read(parsed), _log.Read(parsed, alwaysLog), record?.Read(parsed), _debug.Read(parsed));
}

/// <summary>What the user chose about a run, besides its machine.</summary>
/// <param name="Places">Where engines change, a checkpoint is taken, and the run ends.</param>
/// <param name="Log">What is logged.</param>
/// <param name="Record">What is recorded; null for nothing.</param>
/// <param name="Debug">Where gdb connects; null when it does not.</param>
internal sealed record RunChoices(PlaceChoice Places, LogChoice Log, RecordChoice? Record, DebugEndpoint? Debug)
{
    /// <summary>Looks places up.</summary>
    /// <exception cref="Os.Loader.BadInputException">One of them does not exist, or a file cannot be written.</exception>
    public RunPlan Plan(CodePlaces places) => new(Places.Switches(places), Places.Checkpoint(places), Places.Stop(places));
}

/// <summary>What happens in a run, with all places known.</summary>
/// <param name="Switches">Engine switches.</param>
/// <param name="Checkpoint">The checkpoint; null for none.</param>
/// <param name="Stop">Where the run ends; null where its program does.</param>
internal sealed record RunPlan(IReadOnlyList<Trigger> Switches, CheckpointChoice? Checkpoint, StopCondition? Stop)
{
    /// <summary>Puts the plan into a run that has not begun.</summary>
    public void ApplyTo(GuestRun run)
    {
        run.Checkpoint = Checkpoint;
        run.Stop = Stop;
        run.Arm(Switches);
    }
}
