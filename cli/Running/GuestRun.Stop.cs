using CoSim.Hw.Simulation;

namespace CoSim.Cli.Running;

/// <content>An end that the user asked for.</content>
internal sealed partial class GuestRun
{
    private TextWatch? _awaited;
    private bool _textSeen;

    /// <summary>Where the run is to end before its program does; null for nowhere. Set before the run begins.</summary>
    public StopCondition? Stop
    {
        get;
        set
        {
            field = value;
            _awaited = value?.Console is { } text ? new TextWatch(text) : null;
        }
    }

    /// <summary>Whether the run ended where <see cref="Stop"/> says.</summary>
    public bool ReachedStop { get; private set; }

    private static bool IsPlace(StopReason reason) => reason is StopReason.InstructionsReached or StopReason.AddressReached;

    private bool IsCheckpointDue(StopReason reason) => Checkpoint is { } due && IsDue(reason, due.Place, due.Time);

    private bool IsStopDue(StopReason reason) =>
        Stop is { } stop && (_textSeen || IsDue(reason, stop.Place, null) || (stop.Time is { } time && IsDue(reason, null, time)));

    private bool IsDue(StopReason reason, RunPlace? place, SimTime? time) => place is { } there
        ? IsPlace(reason) && !_machine.Armed.Contains(new Trigger(there, null))
        : reason == StopReason.TimeReached && _machine.Now >= time;

    /// <summary>Looks for the awaited text in what the console says.</summary>
    private void Await(byte value)
    {
        if (_awaited?.Take(value) != true)
            return;
        _textSeen = true;
        _machine.RequestStop();
    }
}
