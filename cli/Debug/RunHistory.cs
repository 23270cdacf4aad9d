using CoSim.Cli.Running;

namespace CoSim.Cli.Debug;

/// <summary>A place of a run.</summary>
/// <param name="Position">The boundary that was passed last (<see cref="Hw.Zen2Core.BoundaryWatch.Position"/>).</param>
/// <param name="Between">Whether the machine stands between two turns somewhere behind it, and not at it.</param>
internal readonly record struct RunPosition(ulong Position, bool Between);

/// <summary>A place that the run can go back to at once.</summary>
/// <param name="Position">Boundaries passed; the machine stands between two turns.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Mark">The run.</param>
internal sealed record HistoryPoint(ulong Position, MachineMoment Machine, RunMark Mark);

/// <summary>
/// Places that a run can go back to, in order: so close that executing from one to the next takes little time, and so few that they fit into
/// memory. Everything between them is executed again.
/// </summary>
internal sealed class RunHistory
{
    /// <summary>Boundaries between two places at first, on the functional engine: a fraction of a second.</summary>
    public const ulong FirstDistance = 16_000_000;

    /// <summary>The same on the detailed engine.</summary>
    public const ulong FirstDetailedDistance = 1_000_000;

    private const int MostPoints = 320;
    private const long MostBytes = 1L << 30;

    private readonly List<HistoryPoint> _points = [];
    private int _thinned;

    /// <summary>The places.</summary>
    public IReadOnlyList<HistoryPoint> Points => _points;

    /// <summary>Boundaries between two places now.</summary>
    public ulong Distance(EngineKind engine) => (engine == EngineKind.Detailed ? FirstDetailedDistance : FirstDistance) << _thinned;

    /// <summary>Bytes that the places hold.</summary>
    public long Bytes => _points.Sum(p => p.Machine.NewBytes);

    /// <summary>The boundary from which on a new place is due.</summary>
    public ulong NextDue(ulong position, EngineKind engine) => _points.Count == 0 ? 0 : Before(position).Position + Distance(engine);

    /// <summary>The last place at or before a boundary; there is one.</summary>
    public HistoryPoint Before(ulong position) => _points.Last(p => p.Position <= position || p == _points[0]);

    /// <summary>Adds a place. One that is there already stays.</summary>
    /// <param name="run">The run, whose machine is between two turns.</param>
    /// <param name="position">Boundaries passed.</param>
    public void Add(GuestRun run, ulong position)
    {
        int at = _points.FindIndex(p => p.Position >= position);
        if (at >= 0 && _points[at].Position == position)
            return;
        at = at < 0 ? _points.Count : at;
        MachineMoment? neighbour = at > 0 ? _points[at - 1].Machine : null;
        _points.Insert(at, new HistoryPoint(position, run.Machine.TakeMoment(neighbour), run.TakeMark()));
        if (_points.Count > MostPoints || Bytes > MostBytes)
            Thin();
    }

    /// <summary>Forgets all: the run has become another one.</summary>
    public void Clear()
    {
        _points.Clear();
        _thinned = 0;
    }

    /// <summary>Every second place goes; the first and the last stay.</summary>
    private void Thin()
    {
        _thinned++;
        for (int i = _points.Count - 2; i > 0; i -= 2)
            _points.RemoveAt(i);
    }
}
