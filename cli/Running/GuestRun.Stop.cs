using CoSim.Cli.Clocks;
using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Running;

/// <content>An end that the user asked for.</content>
internal sealed partial class GuestRun
{
    private TextWatch? _awaited;
    private bool _textSeen;
    private ConditionWatch? _conditions;
    private StopWatcher? _watcher;
    private ConditionHit? _hit;
    private bool _isWatched;

    /// <summary>Where the run is to end before its program does; null for nowhere. Set once, before the run begins.</summary>
    /// <exception cref="Os.Loader.BadInputException">The machine has no register of a name in it.</exception>
    public StopCondition? Stop
    {
        get;
        set
        {
            field = value;
            _awaited = value?.Console is { } text ? new TextWatch(text) : null;
            foreach (EventTest test in value?.Events ?? [])
                Conditions.Add(test, endsRun: true);
            foreach (RegisterTest test in value?.Registers ?? [])
                _ = Conditions.Add(StopCondition.WhenOption, test, endsRun: true);
        }
    }

    /// <summary>The events and registers that are watched.</summary>
    public ConditionWatch Conditions => _conditions ??= new ConditionWatch(_machine);

    /// <summary>Whether events or registers are watched.</summary>
    public bool HasConditions => _conditions is { IsEmpty: false };

    /// <summary>The event or condition that ended the run, and what it saw; null for none.</summary>
    public string? StoppedBy => _hit?.Text;

    /// <summary>Whether the run ended where <see cref="Stop"/> says.</summary>
    public bool ReachedStop { get; private set; }

    private static bool IsPlace(StopReason reason) => reason is StopReason.InstructionsReached or StopReason.AddressReached;

    private bool IsCheckpointDue(StopReason reason) => Checkpoint is { } due && IsDue(reason, due.Place, due.Time);

    private bool IsStopDue(StopReason reason) =>
        Stop is { } stop && (_textSeen || _hit is not null || IsDue(reason, stop.Place, null) || (stop.Time is { } time && IsDue(reason, null, time)));

    private bool IsDue(StopReason reason, RunPlace? place, SimTime? time) => place is { } there
        ? IsPlace(reason) && !_machine.Armed.Contains(new Trigger(there, null))
        : reason == StopReason.TimeReached && _machine.Now >= time;

    /// <summary>Ends the run at a condition, at this boundary.</summary>
    public void EndAt(ConditionHit hit)
    {
        _hit ??= hit;
        _machine.RequestStop();
    }

    /// <summary>Lets the conditions hear of what happens, from now on. Again does nothing.</summary>
    public void WatchConditions()
    {
        if (_isWatched)
            return;
        _isWatched = true;
        EventSource source = Conditions.Source;
        AddDeviceProbe(source);
        AddExecutionProbe(source);
        WatchProgramClocks(new ProgramClockEvents(source));
    }

    /// <summary>The run begins: whoever is to watch takes his place.</summary>
    private void BeginToWatch()
    {
        if (!HasConditions)
            return;
        WatchConditions();
        if (Debugger is null)
            _watcher ??= new StopWatcher(_machine, Conditions, EndAt);
    }

    /// <summary>Looks for the awaited text in what the console says.</summary>
    private void Await(byte value)
    {
        if (_repeat.IsVoid)
            return;
        _conditions?.Source.ConsoleOutput(_machine.Now, value);
        if (_awaited?.Take(value) != true)
            return;
        _textSeen = true;
        _machine.RequestStop();
    }
}
