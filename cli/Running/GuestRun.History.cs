using CoSim.Hw.Simulation;

namespace CoSim.Cli.Running;

/// <content>Going back to an earlier place of the run, for debuggers.</content>
internal sealed partial class GuestRun
{
    private readonly RunRepeat _repeat = new();
    private SimTime _until;
    private SimTime? _resumeUntil;

    /// <summary>Whether the run can go back: what a log or a recording has heard cannot be taken back.</summary>
    public bool CanReturn => _log is null && _events is null;

    /// <summary>Set while the machine executes what does not count.</summary>
    public bool IsVoid
    {
        get => _repeat.IsVoid;
        set => _repeat.IsVoid = value;
    }

    /// <summary>Where the run is, with the machine between two turns.</summary>
    public RunMark TakeMark() => new(_repeat.Mark, _until, ProgramStarted, _instructionsSeen, _lastProgress, [.. _awaited.Select(a => a.Watch.Matched)]);

    /// <summary>Goes back, or forward again, with a machine that has done so already.</summary>
    public void Return(RunMark mark)
    {
        _repeat.Return(mark.Repeat);
        _resumeUntil = mark.Until;
        ProgramStarted = mark.Started;
        (_instructionsSeen, _lastProgress) = (mark.InstructionsSeen, mark.LastProgress);
        foreach ((AwaitedText awaited, int matched) in _awaited.Zip(mark.TextsMatched))
            (awaited.Watch.Matched, awaited.Seen) = (matched, false);
        _hit = null;
        _conditions?.Return();
    }

    /// <summary>The debugger has changed something: from here on the run is another one.</summary>
    public void Diverge() => _repeat.Diverge();

    /// <summary>How far the machine runs next.</summary>
    private SimTime NextLimit()
    {
        _until = _resumeUntil ?? NextLook();
        _resumeUntil = null;
        return _until;
    }
}
