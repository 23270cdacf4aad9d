using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>Writes what comes out of a <see cref="RecordChannel"/> to a trace.</summary>
/// <param name="trace">Writes the events.</param>
/// <param name="begin">Called first, on the channel's thread: writes what stands before the events.</param>
public sealed class TraceRecorder(TraceWriter trace, Action<TraceWriter> begin) : IEventConsumer
{
    /// <summary>Why writing ended early: a full disk, for example. Final when the channel has ended.</summary>
    public IOException? Failure { get; private set; }

    /// <inheritdoc/>
    public bool WantsMore => Failure == null;

    /// <inheritdoc/>
    public void Begin() => Try(() => begin(trace));

    /// <inheritdoc/>
    public void Add(in TraceEvent e)
    {
        if (Failure != null)
            return;
        try
        {
            trace.Write(in e);
        }
        catch (IOException failure)
        {
            // The run goes on without a trace; the user hears of it at the end.
            Failure = failure;
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        if (Failure == null)
            Try(trace.Finish);
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException failure)
        {
            Failure = failure;
        }
    }
}
