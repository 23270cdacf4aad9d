using System.Threading.Channels;

namespace CoSim.Traces.Format;

/// <summary>
/// The events of a trace, unpacked and decoded on a thread of its own some thousands ahead of who reads them, for readers who have much to do with each. Memory is
/// bounded. Nobody else may read the trace meanwhile but by enumerations of its own.
/// </summary>
public sealed class EventsAhead : IDisposable
{
    private const int PieceEvents = 512, Pieces = 8;

    private readonly Channel<Piece> _full = Channel.CreateBounded<Piece>(new BoundedChannelOptions(Pieces) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
    private readonly Channel<Piece> _empty = Channel.CreateBounded<Piece>(new BoundedChannelOptions(Pieces) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
    private readonly Task _decoder;
    private Piece _piece = new();
    private int _at = -1;

    /// <summary>Begins to decode.</summary>
    public EventsAhead(TraceReader trace)
    {
        _ = trace.Blocks;
        for (int i = 1; i < Pieces; i++)
            _ = _empty.Writer.TryWrite(new Piece());
        _decoder = Task.Factory.StartNew(() => Decode(trace), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The event that <see cref="MoveNext"/> has gone to; valid until it goes on.</summary>
    public ref readonly TraceEvent Current => ref _piece.Events[_at];

    /// <summary>Goes to the next event; false at the end.</summary>
    /// <exception cref="TraceFormatException">The trace is damaged there.</exception>
    public bool MoveNext()
    {
        if (++_at < _piece.Count)
            return true;
        _ = _empty.Writer.TryWrite(_piece);
        _at = 0;
        if (_full.Reader.Take() is { } next)
        {
            _piece = next;
            return true;
        }

        _piece = new Piece();
        _decoder.GetAwaiter().GetResult();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The decoder finds no room and ends; what was wrong with the trace nobody asks for any more.
        _ = _empty.Writer.TryComplete();
        while (_full.Reader.TryRead(out _))
        {
        }

        _ = ((IAsyncResult)_decoder).AsyncWaitHandle.WaitOne();
    }

    private void Decode(TraceReader trace)
    {
        try
        {
            Piece? piece = _empty.Reader.Take();
            foreach (TraceEvent e in trace.Events())
            {
                if (piece == null)
                    return;
                piece.Events[piece.Count++] = e;
                if (piece.Count < PieceEvents)
                    continue;
                _ = _full.Writer.TryWrite(piece);
                piece = _empty.Reader.Take();
                if (piece != null)
                    piece.Count = 0;
            }

            if (piece is { Count: > 0 })
                _ = _full.Writer.TryWrite(piece);
        }
        finally
        {
            _ = _full.Writer.TryComplete();
        }
    }

    private sealed class Piece
    {
        public readonly TraceEvent[] Events = new TraceEvent[PieceEvents];
        public int Count;
    }
}
