using CoSim.Traces.Format;
using CoSim.Traces.Recording;

namespace CoSim.Traces.Replay;

/// <summary>Where a replay went another way than the recording.</summary>
/// <param name="Sequence">Number of the event in the trace.</param>
/// <param name="Recorded">What the trace says; null when the trace has ended.</param>
/// <param name="Replayed">What happened instead; null when nothing more did.</param>
public sealed record Divergence(ulong Sequence, TraceEvent? Recorded, TraceEvent? Replayed);

/// <summary>Compares the events of a replay with those of a trace, one by one; knows the first that differs.</summary>
public sealed class ReplayCheck : IEventConsumer, IDisposable
{
    private readonly IEnumerator<(TraceEvent Event, int Packed)> _recorded;
    private readonly Action? _onDivergence;

    /// <summary>Makes a check.</summary>
    /// <param name="trace">The recording.</param>
    /// <param name="byDigest">Compares instructions by their digests, and not one by one: a difference is then between two digests.</param>
    /// <param name="onDivergence">Called once, at the first difference: to stop the machine. Null when a <see cref="RecordChannel"/> does so.</param>
    public ReplayCheck(TraceReader trace, bool byDigest, Action? onDivergence)
    {
        _recorded = (byDigest ? trace.EventsBesideInstructions() : trace.Events().Select(e => (e, 0))).GetEnumerator();
        _onDivergence = onDivergence;
        IsCut = !trace.IsComplete;
    }

    /// <summary>Events that agreed.</summary>
    public ulong Agreed { get; private set; }

    /// <summary>The first difference; null while there is none.</summary>
    public Divergence? Divergence { get; private set; }

    /// <summary>True when the trace was cut and the replay has reached the cut.</summary>
    public bool ReachedCut { get; private set; }

    /// <summary>The replay was stopped before its end: what the trace holds beyond that has not happened yet. Set it before <see cref="Finish"/>.</summary>
    public bool EndsEarly { get; set; }

    /// <summary>Whether the digests of a trace can stand for its instructions: it has some, and was not cut before the last.</summary>
    public static bool HasDigests(TraceReader trace) => trace.IsComplete && trace.Header.Kinds.Any(k => k.Name == TraceEvents.Digest.Name);

    /// <inheritdoc/>
    public bool WantsMore => Divergence == null && !ReachedCut;

    private bool IsCut { get; }

    /// <inheritdoc/>
    public void Begin()
    {
    }

    /// <inheritdoc/>
    public void Add(in TraceEvent e)
    {
        if (!WantsMore)
            return;
        if (!Next())
        {
            ReachedCut = IsCut;
            if (!IsCut)
                Divergence = new Divergence(Agreed, null, e);
            _onDivergence?.Invoke();
            return;
        }

        TraceEvent expected = _recorded.Current.Event;
        // The time of an instruction is its cycle, in other words.
        if ((expected.Time == e.Time || e.Kind.Packing != Packing.None) && expected.SameContent(in e))
        {
            Agreed++;
            return;
        }

        Divergence = new Divergence(Agreed, expected, e with { Time = e.Kind.Packing == Packing.None ? e.Time : expected.Time });
        _onDivergence?.Invoke();
    }

    /// <summary>The replay has ended: whatever the trace still holds did not happen, unless it was stopped early.</summary>
    public void Finish()
    {
        if (!EndsEarly && Divergence == null && !ReachedCut && Next())
            Divergence = new Divergence(Agreed, _recorded.Current.Event, null);
    }

    /// <summary>The next recorded event. Where images lie was told for readers; a replay does not know their names.</summary>
    private bool Next()
    {
        while (_recorded.MoveNext())
        {
            (TraceEvent e, int packed) = _recorded.Current;
            if (packed == 0 && e.Kind.Name != TraceEvents.Image.Name)
                return true;
            Agreed += (ulong)Math.Max(1, packed);
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _recorded.Dispose();
}
