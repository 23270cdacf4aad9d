using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Debug;

/// <content>
/// Going backwards: the machine returns to an earlier moment and executes again. To find the last place where something stops it, stretches
/// between moments are executed one after the other, the latest first, until one has such a place.
/// </content>
internal sealed partial class DebugSession
{
    private const ulong NearOnFunctional = 200_000, NearOnDetailed = 20_000;

    /// <summary>Boundaries before the end of a stretch in which a reverse step looks first: it is nearly always there.</summary>
    private ulong NearDistance => Engine == EngineKind.Detailed ? NearOnDetailed : NearOnFunctional;

    private readonly RunHistory _history = new();
    private Journey? _journey;
    private bool _diverged;

    /// <summary>Where the machine is on its way to.</summary>
    /// <param name="From">The moment that it starts at.</param>
    /// <param name="End">Where the stretch ends; for a destination, the place itself.</param>
    /// <param name="LookFrom">Every boundary from here on is looked at.</param>
    /// <param name="Destination">The stop to report at the end; null to search the stretch.</param>
    private sealed record Journey(HistoryPoint From, RunPosition End, ulong LookFrom, StopEvent? Destination)
    {
        /// <summary>
        /// The boundary at which the journey is over; none when it ends between two turns. The turns of a search are cut where it pleases, so that
        /// it may not come by the end of its stretch: then it is over at the first boundary behind.
        /// </summary>
        public ulong EndBoundary => !End.Between ? End.Position : Destination is null ? End.Position + 1 : ulong.MaxValue;

        /// <summary>What the search has found last.</summary>
        public (ulong Position, StopEvent Stop)? Found { get; set; }
    }

    /// <inheritdoc/>
    public bool CanReverse => _run.CanReturn;

    private EngineKind Engine => Machine.Cores[0].Kind;

    /// <summary>A line about what is kept.</summary>
    public string HistoryText => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{_history.Points.Count} places kept, {_history.Bytes >> 20} MiB, one every {_history.Distance(Engine)} boundaries; now at boundary {_watch.Position}");

    /// <summary>Begins a journey from where the machine stands.</summary>
    private void GoBack(RunPosition here)
    {
        HistoryPoint last = _history.Before(here.Position);
        if (_order.Kind == ResumeKind.ReverseStep && Machine.Cores.Count == 1 && !here.Between && here.Position > 1)
            GoTo(here.Position - 1, new StopEvent(StopKind.Step, 0));
        else
            Search(here, last);
    }

    private void Search(RunPosition end, HistoryPoint from)
    {
        ulong look = _order.Kind == ResumeKind.ReverseStep ? Math.Max(from.Position + 1, end.Position - Math.Min(NearDistance, end.Position)) : ulong.MaxValue;
        Depart(new Journey(from, end, look, null));
    }

    private void GoTo(ulong position, StopEvent stop)
    {
        HistoryPoint from = position == 0 ? _history.Points[0] : _history.Before(position - 1);
        bool origin = from.Position >= position;
        Depart(new Journey(from, new RunPosition(position, origin), ulong.MaxValue, origin ? stop with { Kind = StopKind.HistoryBegin } : stop));
    }

    private void Depart(Journey journey)
    {
        _journey = journey;
        _leaves = _run.IsVoid = true;
        Machine.RequestStop();
    }

    /// <summary>The machine has given up its turn: it returns to the moment where the journey begins.</summary>
    private void Return()
    {
        HistoryPoint from = _journey!.From;
        _leaves = _run.IsVoid = false;
        _passing = NoPosition;
        _pending = null;
        _condition = null;
        Machine.Return(from.Machine);
        _run.Return(from.Mark);
        _watch.Position = from.Position;
        Aim();
    }

    /// <summary>At a boundary on a journey. True when the machine is to leave its turn or stand still.</summary>
    private bool Travel(Journey journey, CoreContext core)
    {
        ulong position = _watch.Position;
        if (_interrupted)
        {
            _journey = null;
            Halt(new StopEvent(StopKind.Interrupt, core.Index), new RunPosition(position, false));
            return _leaves;
        }

        if (position >= journey.EndBoundary)
        {
            Arrive(journey, core.Index, new RunPosition(position, false));
            return _leaves;
        }

        if (journey.Destination is null)
        {
            StopEvent? stop = _order.Kind == ResumeKind.ReverseStep
                ? core.Index == _order.Core ? new StopEvent(StopKind.Step, core.Index) : null
                : Points.BreakpointAt(core.Index, core.LinearRip);
            if (stop is not null)
                journey.Found = (position, stop);
        }

        Aim();
        return false;
    }

    /// <summary>Between two turns on a journey.</summary>
    private void TravelBetweenTurns(Journey journey)
    {
        if (journey.End.Between && _watch.Position >= journey.End.Position)
            Arrive(journey, _order.Core, new RunPosition(_watch.Position, true));
    }

    private void Arrive(Journey journey, int core, RunPosition here)
    {
        _journey = null;
        if (journey.Destination is { } stop)
        {
            Halt(stop, here);
            return;
        }

        if (journey.Found is { } found)
        {
            GoTo(found.Position, found.Stop);
        }
        else if (journey.LookFrom != ulong.MaxValue && journey.LookFrom > journey.From.Position + 1)
        {
            // The core did nothing near the end: all of the stretch.
            Depart(journey with { LookFrom = journey.From.Position + 1 });
        }
        else if (journey.From == _history.Points[0])
        {
            GoTo(0, new StopEvent(StopKind.HistoryBegin, core));
        }
        else
        {
            HistoryPoint before = _history.Before(journey.From.Position - 1);
            Search(new RunPosition(journey.From.Position, true), before);
        }
    }

    /// <summary>Keeps places to come back to.</summary>
    private void KeepHistory()
    {
        if (!CanReverse)
            return;
        if (_diverged)
        {
            _history.Clear();
            _diverged = false;
        }

        ulong near = _journey is { } journey ? Near(journey) : ulong.MaxValue;
        if (_watch.Position >= Math.Min(near, _history.NextDue(_watch.Position, Engine)) && Machine.CanTakeMoment)
            _history.Add(_run, _watch.Position);
    }

    /// <summary>A place shortly before the destination makes the next steps back cheap.</summary>
    private ulong Near(Journey journey)
    {
        if (journey.End.Between || (journey.Destination is null && _order.Kind != ResumeKind.ReverseStep))
            return ulong.MaxValue;
        ulong wanted = journey.End.Position - Math.Min(journey.End.Position, NearDistance);
        return _history.Before(journey.End.Position - 1).Position + NearDistance < wanted ? wanted : ulong.MaxValue;
    }

    /// <summary>The next boundary at which something other than the order wants to look.</summary>
    private ulong NextHistoryLook()
    {
        if (_history.Points.Count == 0)
            return ulong.MaxValue;
        ulong due = _history.NextDue(_watch.Position, Engine);
        return _journey is { } journey ? Math.Min(due, Near(journey)) : due;
    }
}
