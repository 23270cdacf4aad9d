using System.Threading.Channels;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>
/// Hands what happens in a run to a consumer on a thread of its own, in batches, through a bounded channel: a consumer that cannot keep up slows the
/// simulation down, and nothing is ever dropped.
/// </summary>
public sealed class RecordChannel : IEventSink, IDisposable
{
    private const int WaitingBatches = 16;

    private readonly IEventConsumer _consumer;
    private readonly RecordUnpacker _unpacker;
    private readonly Channel<RecordBatch> _full = Bounded();
    private readonly Channel<RecordBatch> _empty = Bounded();
    private readonly Task _reader;
    private RecordBatch _batch = new();
    private bool _finished;
    private volatile bool _isOver;

    /// <summary>Starts the thread.</summary>
    /// <param name="consumer">Takes the events. Nobody else may use it until <see cref="Finish"/> or <see cref="Dispose"/> has returned.</param>
    public RecordChannel(IEventConsumer consumer)
    {
        _consumer = consumer;
        _unpacker = new RecordUnpacker(consumer);
        for (int i = 0; i < WaitingBatches; i++)
            _ = _empty.Writer.TryWrite(new RecordBatch());
        _reader = Task.Factory.StartNew(ReadAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Whether the consumer has had enough, or failed: what is added now goes nowhere.</summary>
    public bool IsOver => _isOver;

    /// <summary>Called once, on the simulation's thread, when the consumer has had enough and the next batch is handed over; null for nobody.</summary>
    public Action? Over { get; init; }

    /// <inheritdoc/>
    public void Add(in TraceEvent e) => Current().Add(in e);

    /// <summary>Writes what is left, lets the consumer finish, and ends the thread.</summary>
    /// <exception cref="TraceFormatException">What the consumer reads is damaged.</exception>
    /// <exception cref="IOException">What the consumer reads cannot be read.</exception>
    public void Finish()
    {
        End();
        _reader.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();

        // Why the consumer failed is told by Finish; here another error may be on its way already.
        ((IAsyncResult)_reader).AsyncWaitHandle.WaitOne();
    }

    /// <summary>A batch with room for one record more.</summary>
    internal RecordBatch Current()
    {
        if (_batch.IsFull)
            HandOver();
        return _batch;
    }

    private static Channel<RecordBatch> Bounded() => Channel.CreateBounded<RecordBatch>(
        new BoundedChannelOptions(WaitingBatches + 1)
        {
            SingleReader = true,
            SingleWriter = true,
            FullMode = BoundedChannelFullMode.Wait,

            // Who waits is woken at once, and not by way of a third thread.
            AllowSynchronousContinuations = true,
        });

    private void End()
    {
        if (_finished)
            return;
        _finished = true;
        _ = _full.Writer.TryWrite(_batch);
        _ = _full.Writer.TryComplete();
    }

    private void HandOver()
    {
        bool wasOver = _finished;
        if (_full.Writer.TryWrite(_batch))
            _batch = _empty.Reader.Take() ?? new RecordBatch();
        else
            _finished = true;
        _batch.Clear();
        if (_finished && !wasOver)
            Over?.Invoke();
    }

    private void ReadAll()
    {
        try
        {
            _consumer.Begin();
            while (_consumer.WantsMore && _full.Reader.Take() is { } batch)
            {
                _unpacker.Read(batch);
                batch.Clear();
                _ = _empty.Writer.TryWrite(batch);
            }

            _consumer.Finish();
        }
        finally
        {
            _isOver = true;
            _ = _full.Writer.TryComplete();
            _ = _empty.Writer.TryComplete();
        }
    }
}
