using System.Threading.Channels;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>
/// Hands events to a trace writer on a thread of its own, in batches, through a bounded channel: a writer that cannot keep up slows the
/// simulation down, and nothing is ever dropped.
/// </summary>
public sealed class EventChannel : IEventSink, IDisposable
{
    private const int BatchEvents = 1024;
    private const int WaitingBatches = 16;

    private readonly TraceWriter _trace;
    private readonly Channel<Batch> _full = Bounded();
    private readonly Channel<Batch> _empty = Bounded();
    private readonly Task _writer;
    private Batch _batch = new();
    private bool _disposed;

    /// <summary>Starts the thread.</summary>
    /// <param name="trace">Writes the events. Nobody else may use it until <see cref="Dispose"/> has returned.</param>
    public EventChannel(TraceWriter trace)
    {
        _trace = trace;
        for (int i = 0; i < WaitingBatches; i++)
            _ = _empty.Writer.TryWrite(new Batch());
        _writer = Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Why writing ended early: a full disk, for example. Final after <see cref="Dispose"/>.</summary>
    public IOException? Failure { get; private set; }

    /// <inheritdoc/>
    public void Add(in TraceEvent e)
    {
        _batch.Events[_batch.Count++] = e;
        if (_batch.Count == BatchEvents)
            HandOver();
    }

    /// <summary>Writes what is left, ends the trace in order and the thread with it.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        HandOver();
        _ = _full.Writer.TryComplete();
        _writer.Wait();
    }

    private static Channel<Batch> Bounded() => Channel.CreateBounded<Batch>(
        new BoundedChannelOptions(WaitingBatches + 1) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    private void HandOver()
    {
        if (_full.Writer.TryWrite(_batch))
            _batch = Take(_empty.Reader) ?? new Batch();
        _batch.Count = 0;
    }

    private void WriteAll()
    {
        try
        {
            while (Take(_full.Reader) is { } batch)
            {
                for (int i = 0; i < batch.Count; i++)
                    _trace.Write(in batch.Events[i]);
                _ = _empty.Writer.TryWrite(batch);
            }

            _trace.Finish();
        }
        catch (IOException e)
        {
            // The run goes on without a trace; the user hears of it at the end.
            Failure = e;
            _ = _full.Writer.TryComplete();
            _ = _empty.Writer.TryComplete();
        }
    }

    private static Batch? Take(ChannelReader<Batch> reader)
    {
        while (true)
        {
            if (reader.TryRead(out Batch? batch))
                return batch;
            if (!reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                return null;
        }
    }

    private sealed class Batch
    {
        public readonly TraceEvent[] Events = new TraceEvent[BatchEvents];
        public int Count;
    }
}
