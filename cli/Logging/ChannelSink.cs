using System.Threading.Channels;
using Serilog.Core;
using Serilog.Events;

namespace CoSim.Cli.Logging;

/// <summary>
/// Hands events to another logger on a thread of its own. The channel between them is bounded: a writer that cannot keep up
/// slows the simulation down, and nothing is dropped.
/// </summary>
internal sealed class ChannelSink : ILogEventSink, IDisposable
{
    private const int Capacity = 4096;

    private readonly Channel<LogEvent> _events = Channel.CreateBounded<LogEvent>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _writer;

    /// <summary>Starts the thread.</summary>
    /// <param name="target">Writes the events; disposed by its owner, after this.</param>
    public ChannelSink(Logger target) =>
        _writer = Task.Factory.StartNew(() => WriteAll(target), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Why writing ended early; null when nothing failed. Final after <see cref="Dispose"/>.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        // False: the channel is full, or the writer has given up and closed it.
        while (!_events.Writer.TryWrite(logEvent) && WaitForRoom())
        {
        }
    }

    /// <summary>Waits until everything is written.</summary>
    public void Dispose()
    {
        _ = _events.Writer.TryComplete();
        _writer.Wait();
    }

    private bool WaitForRoom() => _events.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult();

    private void WriteAll(Logger target)
    {
        try
        {
            while (_events.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                while (_events.Reader.TryRead(out LogEvent? logEvent))
                    target.Write(logEvent);
        }
        catch (AggregateException e)
        {
            Fail(e.GetBaseException());
        }
        catch (IOException e)
        {
            Fail(e);
        }
    }

    /// <summary>Lets the simulation go on without a log: a full disk must not cost the user the run.</summary>
    private void Fail(Exception cause)
    {
        Failure = cause;
        _ = _events.Writer.TryComplete();
    }
}
