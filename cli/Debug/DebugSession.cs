using CoSim.Cli.Debug.Protocol;
using CoSim.Cli.Running;
using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Debug;

/// <summary>
/// A run under a debugger. While the machine stands still the debugger is served from inside the run, at an instruction boundary or between
/// two turns of the cores: nothing is unwound, so that a run that is looked at and goes on is the run that is not looked at.
/// </summary>
internal sealed partial class DebugSession : IBoundaryWatcher, IDebugControl, IDisposable
{
    private readonly GuestRun _run;
    private readonly BoundaryWatch _watch;
    private volatile IDebugFront? _front;
    private ResumeOrder _order = new(ResumeKind.Continue, 0);
    private ulong _fromInstructions;
    private ulong _fromRip;
    private ulong _passing = NoPosition;
    private StopEvent? _pending;
    private bool _changed;
    private bool _begun;
    private bool _killed;
    private volatile bool _interrupted;
    private volatile IDebugFront? _newcomer;

    private const ulong NoPosition = ulong.MaxValue;

    /// <summary>Prepares a run that has not begun.</summary>
    public DebugSession(GuestRun run)
    {
        _run = run;
        _watch = new BoundaryWatch(this);
        Machine.WatchBoundaries(_watch);
        run.PrepareProgramClocks();
        Machine.BetweenTurns = BetweenTurns;
        Points = new StopPoints(Machine, _watch);
        run.Debugger = this;
        run.Conditions.Wake = () => _watch.LookAt = 0;
        run.Conditions.Intercept = OnEvent;
    }

    /// <inheritdoc/>
    public Machine Machine => _run.Machine;

    /// <inheritdoc/>
    public StopPoints Points { get; }

    /// <summary>Whether the debugger has ended the run.</summary>
    public bool Killed => _killed;

    /// <summary>Gives the machine to a debugger, which finds it standing still before it has run.</summary>
    public void Attach(IDebugFront front) => _front = front;

    /// <summary>Gives the running machine, which nobody debugs any more, to another debugger; it stops soon. May be called on any thread.</summary>
    public void AttachAgain(IDebugFront front)
    {
        _newcomer = front;
        Interrupt();
    }

    /// <summary>Whether nobody debugs the machine. May be asked on any thread.</summary>
    public bool IsAlone => _front is null && _newcomer is null && !_killed;

    /// <summary>Stops the machine soon. May be called on any thread.</summary>
    public void Interrupt()
    {
        _interrupted = true;
        _watch.LookAt = 0;
    }

    /// <inheritdoc/>
    public void Changed(MachineCore core) => _changed = true;

    /// <inheritdoc/>
    public BoundaryAction AtBoundary(CoreContext core)
    {
        if (_leaves)
            return BoundaryAction.GoOn;
        TakeNewcomer();
        if (LookAtConditions(Machine.Cores[core.Index], new RunPosition(_watch.Position, false)))
            return BoundaryAction.Leave;
        ulong position = _watch.Position;
        if (position >= NextHistoryLook())
            Machine.EndTurn();
        if (_journey is { } journey)
            return Travel(journey, core) || TakeChange(core, position) ? BoundaryAction.Leave : BoundaryAction.GoOn;
        if (position == _passing)
        {
            // The debugger has changed something here, and the engine has come back to where it was.
            _passing = NoPosition;
            Aim();
            return BoundaryAction.GoOn;
        }

        if (StopAt(core) is not { } stop)
        {
            Aim();
            return BoundaryAction.GoOn;
        }

        Halt(stop, new RunPosition(position, false));
        return TakeChange(core, position) || _leaves ? BoundaryAction.Leave : BoundaryAction.GoOn;
    }

    /// <summary>Whether the debugger has changed something while the machine stood at a boundary.</summary>
    private bool TakeChange(CoreContext core, ulong position)
    {
        if (!_changed)
            return false;
        _changed = false;
        _passing = Machine.Cores[core.Index].Kind == EngineKind.Functional ? position : NoPosition;
        return true;
    }

    /// <inheritdoc/>
    public void OnAccess(CoreContext core, ulong linear, int size, bool write)
    {
        if (_front is null || _leaves || Points.WatchpointAt(core.Index, linear, size, write) is not { } stop)
            return;
        if (_journey is { } journey)
        {
            if (journey.Destination is null && _order.Kind == ResumeKind.ReverseContinue)
                journey.Found = (Math.Max(_watch.Position, 1), stop);
            return;
        }

        _pending ??= stop;
        _watch.LookAt = 0;
    }

    /// <summary>The machine waits for input that does not come. False: it need not wait any longer.</summary>
    public bool WhileWaiting()
    {
        if (!_interrupted)
            return false;
        BetweenTurns();
        return !_leaves;
    }

    /// <summary>The machine has returned to the run. What the run does.</summary>
    /// <param name="reason">Why it has.</param>
    /// <param name="end">A line about the end, when it is one.</param>
    public AfterTurn After(StopReason reason, string end)
    {
        if (_killed)
            return AfterTurn.End;
        if (_leaves && _journey is not null)
        {
            Return();
            return AfterTurn.Again;
        }

        if (reason == StopReason.TimeReached)
            return AfterTurn.Proceed;
        if (_front is null)
            return AfterTurn.Proceed;
        if (_journey is { } journey)
        {
            // The stretch that was searched ends with the run.
            Arrive(journey, _order.Core, new RunPosition(_watch.Position, true));
            if (_journey is not null)
            {
                Return();
                return AfterTurn.Again;
            }
        }

        _leaves = false;
        Halt(new StopEvent(StopKind.HistoryEnd, 0, 0, _run.StoppedBy is { } text ? $"cosim: {text}" : end), new RunPosition(_watch.Position, true));
        if (_journey is not null)
        {
            Return();
            return AfterTurn.Again;
        }

        if (_front is { } front && !_killed)
            front.Ended(_run.ExitStatus);
        return AfterTurn.End;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Machine.BetweenTurns = null;
        _watch.LookAt = ulong.MaxValue;
        _front?.Dispose();
        _newcomer?.Dispose();
        _front = _newcomer = null;
    }

    /// <summary>Frees what the machine looks at; the machine must be gone.</summary>
    public void DisposeWatch() => _watch.Dispose();

    private void TakeNewcomer()
    {
        if (_newcomer is not { } newcomer)
            return;
        _newcomer = null;
        _order = new ResumeOrder(ResumeKind.Continue, 0);
        _front = newcomer;
    }

    /// <summary>Set when the machine is to return to the run before anything else happens.</summary>
    private bool _leaves;

    private void BetweenTurns()
    {
        if (_leaves)
            return;
        TakeNewcomer();
        if (_front is null)
        {
            if (!LookAtConditions(null, new RunPosition(_watch.Position, true)))
                Aim();
            return;
        }

        ActBetweenTurns();
        KeepHistory();
        RunPosition here = new(_watch.Position, true);
        if (_begun && LookAtConditions(null, here))
            return;
        if (_journey is { } journey && !_interrupted)
        {
            TravelBetweenTurns(journey);
        }
        else if (!_begun || _interrupted)
        {
            _begun = true;
            _journey = null;
            Halt(new StopEvent(StopKind.Interrupt, 0), here);
        }
        else if (_condition is { } condition)
        {
            Halt(condition, here);
        }
        else if (TimeStop(Machine.Cores[0], Machine.Now) is { } time)
        {
            Halt(time, here);
        }
        else
        {
            Aim();
        }

        if (_changed)
        {
            _changed = false;
            Machine.StateChanged();
            ActBetweenTurns();
        }
    }

    /// <summary>Why the machine stops at the boundary that a core has come to; null when it does not.</summary>
    private StopEvent? StopAt(CoreContext core)
    {
        if (_front is null)
            return null;
        if (_pending is { } access)
            return access;
        if (_condition is { } condition)
            return condition;
        if (_interrupted)
            return new StopEvent(StopKind.Interrupt, core.Index);
        if (Points.BreakpointAt(core.Index, core.LinearRip) is { } breakpoint)
            return breakpoint;
        MachineCore machineCore = Machine.Cores[core.Index];
        if (TimeStop(machineCore, Machine.Clocks.Core.TimeOf(machineCore.Cycle)) is { } time)
            return time;
        return core.Index == _order.Core && IsStepDone(core) ? new StopEvent(StopKind.Step, core.Index) : null;
    }

    private unsafe bool IsStepDone(CoreContext core) => _order.Kind switch
    {
        ResumeKind.Step => core.State->Executed != _fromInstructions || core.LinearRip != _fromRip,
        ResumeKind.StepOutOfRange => core.LinearRip < _order.Start || core.LinearRip >= _order.End,
        _ => false,
    };

    /// <summary>Serves the debugger until it wants the machine to go on.</summary>
    private void Halt(StopEvent stop, RunPosition here)
    {
        _interrupted = false;
        _pending = null;
        _condition = null;
        _order = _front!.Serve(stop);
        if (_changed)
        {
            _diverged = true;
            _run.Diverge();
        }

        Obey(here);
    }

    private unsafe void Obey(RunPosition here)
    {
        CoreContext core = Machine.Cores[_order.Core].Context;
        (_fromInstructions, _fromRip) = (core.State->Executed, core.LinearRip);
        switch (_order.Kind)
        {
            case ResumeKind.Detach:
                Points.Clear();
                _run.Conditions.Clear();
                _front!.Dispose();
                _front = null;
                break;
            case ResumeKind.ReverseStep or ResumeKind.ReverseContinue when CanReverse && _history.Points.Count > 0 && !_diverged:
                GoBack(here);
                break;
            case ResumeKind.ReverseStep or ResumeKind.ReverseContinue:
                // Nothing lies before a change; the order is answered where the machine stands.
                _order = _order with { Kind = ResumeKind.Continue };
                Halt(new StopEvent(StopKind.HistoryBegin, _order.Core), here);
                return;
            case ResumeKind.Kill:
                _killed = _leaves = true;
                Machine.RequestStop();
                break;
        }

        Aim();
    }

    /// <summary>Says at which boundary somebody has to look next.</summary>
    private void Aim()
    {
        _watch.LookAt = _front is null ? NextConditionLook()
            : _journey is { } journey ? Math.Min(Math.Min(journey.EndBoundary, journey.LookFrom), Math.Min(NextHistoryLook(), NextConditionLook()))
            : _order.Kind is ResumeKind.Step or ResumeKind.StepOutOfRange ? 0 : Math.Min(Math.Min(NextHistoryLook(), NextTimeLook()), NextConditionLook());
        AimBetweenTurns();

        // The reading thread may have spoken meanwhile.
        if (_interrupted && (_front is not null || _newcomer is not null))
            _watch.LookAt = 0;
    }
}
