using CoSim.Hw.Simulation;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>
/// Reads a trace, whole or cut. Memory is bounded by one block. A trace that was cut ends at its last whole block; one that is
/// damaged gives a <see cref="TraceFormatException"/>.
/// </summary>
/// <remarks>Once <see cref="Blocks"/> is known, threads may read events side by side, each with an enumeration of its own.</remarks>
public sealed class TraceReader : IDisposable
{
    private readonly Stream _stream;
    private readonly FrameReader _frames;
    private readonly long _afterHeader;
    private List<BlockEntry>? _blocks;
    private bool _hasIndex;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">A trace that can be sought in; disposed with the reader.</param>
    /// <exception cref="TraceFormatException">It is no trace, or one of a later version.</exception>
    public TraceReader(Stream stream)
    {
        _stream = stream;
        _frames = new FrameReader(stream);
        try
        {
            Frame? first = _frames.Next();
            if (first is not { Kind: FrameKind.Header } frame)
                throw new TraceFormatException("it does not begin like a trace of CoSim");
            Header = TraceHeader.Read(frame.Body);
        }
        catch (MessagePackSerializationException e)
        {
            throw new TraceFormatException($"header: {e.Message}");
        }

        _afterHeader = _frames.Position;
    }

    /// <summary>What the trace says about itself.</summary>
    public TraceHeader Header { get; }

    /// <summary>Whether recording was ended in order. False: the trace was cut.</summary>
    public bool IsComplete => Blocks.Count >= 0 && _hasIndex;

    /// <summary>Length of the file in bytes.</summary>
    public long Length => _frames.Length;

    /// <summary>Where the blocks are: from the index, or by walking over a trace that has none.</summary>
    public IReadOnlyList<BlockEntry> Blocks => _blocks ??= FindBlocks();

    /// <summary>Number of events.</summary>
    public ulong Count => Blocks.Count == 0 ? 0 : Blocks[^1].FirstSequence + (ulong)Blocks[^1].Count;

    /// <summary>All events, in the order in which they were recorded.</summary>
    public IEnumerable<TraceEvent> Events() => EventsFrom(0);

    /// <summary>All events but packed ones: instructions and micro-ops. In the places of those stands how many there are, without an event.</summary>
    public IEnumerable<(TraceEvent Event, int Packed)> EventsBesideInstructions()
    {
        for (int i = 0; i < Blocks.Count; i++)
        {
            foreach ((TraceEvent Event, int Packed) item in Block(i).Items(only: null))
                yield return item;
        }
    }

    /// <summary>The events of one kind, neither packed nor with a text; the others are passed over without being decoded.</summary>
    public IEnumerable<TraceEvent> EventsOf(string name)
    {
        EventKind? kind = Header.Kinds.FirstOrDefault(k => k.Name == name && k.TextField < 0 && k.Packing == Packing.None);
        for (int i = 0; kind != null && i < Blocks.Count; i++)
        {
            foreach ((TraceEvent e, int packed) in Block(i).Items(kind))
            {
                if (packed == 0)
                    yield return e;
            }
        }
    }

    /// <summary>Events from the first one that is not earlier than <paramref name="time"/>.</summary>
    public IEnumerable<TraceEvent> EventsFrom(SimTime time)
    {
        int block = 0;
        while (block < Blocks.Count && Blocks[block].LastTime < time)
            block++;
        return EventsOfBlocks(block).SkipWhile(e => e.Time < time);
    }

    /// <summary>Events from number <paramref name="sequence"/> on.</summary>
    public IEnumerable<TraceEvent> EventsFrom(ulong sequence)
    {
        int block = 0;
        while (block < Blocks.Count && Blocks[block].FirstSequence + (ulong)Blocks[block].Count <= sequence)
            block++;
        return block == Blocks.Count ? [] : EventsOfBlocks(block).Skip((int)(sequence - Math.Min(sequence, Blocks[block].FirstSequence)));
    }

    /// <summary>A file that the trace carries; null when it carries none of that name.</summary>
    public byte[]? Data(string name)
    {
        MemoryStream? content = null;
        _frames.Position = _afterHeader;
        while (_frames.Next() is { Kind: FrameKind.Data } frame)
        {
            MessagePackReader reader = new(frame.Body);
            try
            {
                if (reader.ReadString() == name && reader.ReadBytes() is { } piece)
                {
                    content ??= new MemoryStream();
                    content.Write(piece.FirstSpan);
                }
            }
            catch (MessagePackSerializationException e)
            {
                throw new TraceFormatException($"data at byte {frame.Offset}: {e.Message}");
            }
        }

        return content?.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private IEnumerable<TraceEvent> EventsOfBlocks(int first)
    {
        for (int i = first; i < Blocks.Count; i++)
        {
            foreach (TraceEvent e in Block(i).Events())
                yield return e;
        }
    }

    private EventBlockReader Block(int i)
    {
        Frame? found;
        lock (_frames)
        {
            _frames.Position = Blocks[i].Offset;
            found = _frames.Next();
        }

        return found is { Kind: FrameKind.Events } frame
            ? new EventBlockReader(Header, frame)
            : throw new TraceFormatException($"byte {Blocks[i].Offset}: no block of events is here, although the index says so");
    }

    private List<BlockEntry> FindBlocks()
    {
        if (ReadIndex() is { } indexed)
        {
            _hasIndex = true;
            return indexed;
        }

        List<BlockEntry> blocks = [];
        _frames.Position = _afterHeader;
        while (_frames.Next() is { } frame)
        {
            if (frame.Kind != FrameKind.Events)
                continue;
            EventBlockReader block = new(Header, frame);
            SimTime? begin = null;
            SimTime last = SimTime.Zero;
            int count = 0;
            foreach (TraceEvent e in block.Events())
            {
                count++;
                begin ??= e.Time;
                last = SimTime.Max(last, e.Time);
            }

            if (begin is { } known)
                blocks.Add(new BlockEntry(frame.Offset, block.FirstSequence, count, known, last));
        }

        return blocks;
    }

    private List<BlockEntry>? ReadIndex()
    {
        long end = _frames.Length - TraceIndex.EndFrameBytes;
        if (end < _afterHeader)
            return null;
        try
        {
            _frames.Position = end;
            if (_frames.Next() is not { Kind: FrameKind.End } last || _frames.Position != _frames.Length)
                return null;
            ulong offset = new MessagePackReader(last.Body).ReadUInt64();
            if (offset >= (ulong)end)
                return null;
            _frames.Position = (long)offset;
            List<BlockEntry>? blocks = _frames.Next() is { Kind: FrameKind.Index } index ? TraceIndex.Read(index.Body) : null;
            return blocks != null && blocks.TrueForAll(b => b.Offset >= _afterHeader && b.Offset < end) ? blocks : null;
        }
        catch (Exception e) when (e is TraceFormatException or MessagePackSerializationException)
        {
            // The last bytes need not be a frame: a trace that was cut is read without its index.
            return null;
        }
    }
}
