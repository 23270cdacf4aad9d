using CoSim.Cli.Clocks;
using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Running;

/// <content>An end that the user asked for.</content>
internal sealed partial class GuestRun
{
    private readonly List<AwaitedText> _awaited = [];
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
            Expect(value);
        }
    }

    /// <summary>
    /// Another end, of somebody who looks at a run that has an end of its own: a replay. Whichever comes first counts. Set once, before the
    /// run begins.
    /// </summary>
    /// <exception cref="Os.Loader.BadInputException">The machine has no register of a name in it.</exception>
    public StopCondition? FurtherStop
    {
        get;
        set
        {
            field = value;
            Expect(value);
        }
    }

    /// <summary>The events and registers that are watched.</summary>
    public ConditionWatch Conditions => _conditions ??= new ConditionWatch(_machine);

    /// <summary>Whether events or registers are watched.</summary>
    public bool HasConditions => _conditions is { IsEmpty: false };

    /// <summary>The event or condition that ended the run, and what it saw; null for none.</summary>
    public string? StoppedBy => _hit?.Text;

    /// <summary>Whether the run ended where <see cref="Stop"/> or <see cref="FurtherStop"/> says.</summary>
    public bool ReachedStop { get; private set; }

    /// <summary>Whether the run ended where <see cref="FurtherStop"/> says, and not at its own end.</summary>
    public bool ReachedFurtherStop { get; private set; }

    private IEnumerable<StopCondition> Ends => ((StopCondition?[])[Stop, FurtherStop]).OfType<StopCondition>();

    private static bool IsPlace(StopReason reason) => reason is StopReason.InstructionsReached or StopReason.AddressReached;

    private bool IsCheckpointDue(StopReason reason) => Checkpoint is { } due && IsDue(reason, due.Place, due.Time);

    private bool IsStopDue(StopReason reason) => Ends.Any(e => IsDue(reason, e));

    private bool IsDue(StopReason reason, StopCondition end) =>
        _awaited.Any(a => a.Seen && a.End == end) || (_hit is { } hit && end.Has(hit.Condition))
            || IsDue(reason, end.Place, null) || (end.Time is { } time && IsDue(reason, null, time));

    private void Expect(StopCondition? end)
    {
        if (end?.Console is { } text)
            _awaited.Add(new AwaitedText(end, new TextWatch(text)));
        foreach (EventTest test in end?.Events ?? [])
            Conditions.Add(test, endsRun: true);
        foreach (RegisterTest test in end?.Registers ?? [])
            _ = Conditions.Add(StopCondition.WhenOption, test, endsRun: true);
    }

    /// <summary>The run ends where somebody wanted.</summary>
    private void Reach(StopReason reason)
    {
        ReachedStop = IsStopDue(reason);
        ReachedFurtherStop = ReachedStop && (Stop is null || !IsDue(reason, Stop));
    }

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
        foreach (AwaitedText awaited in _awaited)
        {
            if (!awaited.Watch.Take(value))
                continue;
            awaited.Seen = true;
            _machine.RequestStop();
        }
    }

    private sealed record AwaitedText(StopCondition End, TextWatch Watch)
    {
        public bool Seen { get; set; }
    }
}
