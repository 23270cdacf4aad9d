using CoSim.Hw.Simulation;
using CoSim.Traces.Format.Instructions;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>A block as <see cref="EventBlockWriter"/> encoded it: its events one by one, packed instructions where they stand. It is decoded on the way.</summary>
internal sealed class EventBlockReader
{
    private readonly TraceHeader _header;
    private readonly Frame _frame;
    private readonly UInt128 _begin;
    private readonly int _first;

    /// <summary>Decodes the head of a block.</summary>
    /// <param name="header">Describes the kinds.</param>
    /// <param name="frame">The block.</param>
    /// <exception cref="TraceFormatException">The block is not what the header describes.</exception>
    public EventBlockReader(TraceHeader header, Frame frame)
    {
        _header = header;
        _frame = frame;
        MessagePackReader reader = new(frame.Body);
        try
        {
            _begin = ((UInt128)reader.ReadUInt64() << 64) | reader.ReadUInt64();
            FirstSequence = reader.ReadUInt64();
            _first = (int)reader.Consumed;
        }
        catch (MessagePackSerializationException e)
        {
            throw new TraceFormatException($"block at byte {frame.Offset}: {e.Message}");
        }
    }

    /// <summary>Number of the first event.</summary>
    public ulong FirstSequence { get; }

    /// <summary>The events. Those that are packed are decoded on the way.</summary>
    /// <exception cref="TraceFormatException">The block is not what the header describes, or a group is damaged.</exception>
    public IEnumerable<TraceEvent> Events()
    {
        InstructionDecoder? decoder = null;
        BlockCursor cursor = new(_begin, _first);
        while (Next(cursor))
        {
            if (cursor.Packed == 0)
            {
                yield return cursor.Event;
                continue;
            }

            decoder ??= new InstructionDecoder(_header);
            Frequency clock = _header.CoreClock ?? throw new TraceFormatException($"block at byte {_frame.Offset}: instructions, but the header states no clock of the cores");
            foreach (TraceEvent instruction in decoder.Decode(cursor.Group, cursor.Packed, clock))
                yield return instruction;
        }
    }

    /// <summary>The events that are not packed, and in their places how many packed ones stand there.</summary>
    /// <param name="only">The kind that is wanted, which has no text; null for all.</param>
    /// <exception cref="TraceFormatException">The block is not what the header describes.</exception>
    public IEnumerable<(TraceEvent Event, int Packed)> Items(EventKind? only)
    {
        BlockCursor cursor = new(_begin, _first) { Only = only };
        while (Next(cursor))
            yield return (cursor.Event, cursor.Packed);
    }

    /// <summary>Goes to the next event or group; false at the end.</summary>
    private bool Next(BlockCursor cursor)
    {
        MessagePackReader reader = new(_frame.Body[cursor.At..]);
        try
        {
            do
            {
                if (reader.End)
                    return false;
            }
            while (!ReadItem(ref reader, cursor));
        }
        catch (MessagePackSerializationException e)
        {
            throw new TraceFormatException($"block at byte {_frame.Offset}: {e.Message}");
        }
        catch (TraceFormatException e)
        {
            throw new TraceFormatException($"block at byte {_frame.Offset}, byte {cursor.At + reader.Consumed} in it: {e.Message}");
        }

        cursor.At += (int)reader.Consumed;
        return true;
    }

    /// <summary>False for an event that is not wanted.</summary>
    private bool ReadItem(ref MessagePackReader reader, BlockCursor cursor)
    {
        int count = reader.ReadArrayHeader();
        ulong id = reader.ReadUInt64();
        if (id == InstructionLayout.Group)
        {
            if (count != 3)
                throw new TraceFormatException("a group of instructions is not a number and bytes");
            int instructions = reader.ReadInt32();
            if (instructions <= 0 || instructions > int.MaxValue - cursor.Count || reader.ReadBytes() is not { } bytes)
                throw new TraceFormatException("a group of instructions is empty");
            cursor.Count += instructions;
            cursor.Packed = instructions;
            cursor.Group = bytes.First;
            cursor.Event = default;
            return cursor.Only == null;
        }

        EventKind kind = (id < EventKind.MaxId ? _header.ById[id] : null) ?? throw new TraceFormatException($"kind {id} is not described");
        if (count != 2 + kind.FieldCount)
            throw new TraceFormatException($"a '{kind.Name}' has {count - 2} fields instead of {kind.FieldCount}");
        cursor.Time = unchecked(cursor.Time + (UInt128)(Int128)reader.ReadInt64());
        if (cursor.Only != null && kind != cursor.Only)
        {
            for (int i = 0; i < kind.FieldCount; i++)
                reader.Skip();
            return false;
        }

        cursor.Event = new TraceEvent(kind, SimTime.FromFemtoseconds(cursor.Time));
        for (int i = 0; i < kind.FieldCount; i++)
        {
            if (i == kind.TextField)
                cursor.Event.Text = ReadText(ref reader, cursor.Texts);
            else if (kind.Fields[i].Type == FieldType.Signed)
                cursor.Event.Values[i] = unchecked((ulong)reader.ReadInt64());
            else
                cursor.Event.Values[i] = reader.ReadUInt64();
        }

        cursor.Count++;
        cursor.Packed = 0;
        return true;
    }

    private static string ReadText(ref MessagePackReader reader, List<string> texts)
    {
        if (reader.NextMessagePackType == MessagePackType.Integer)
        {
            ulong number = reader.ReadUInt64();
            return number < (ulong)texts.Count ? texts[(int)number] : throw new TraceFormatException($"text {number} of {texts.Count}");
        }

        string text = reader.ReadString() ?? throw new TraceFormatException("nil instead of a text");
        texts.Add(text);
        return text;
    }

    /// <summary>A place in a block, and what stands there.</summary>
    private sealed class BlockCursor(UInt128 time, int at)
    {
        public readonly List<string> Texts = [];
        public EventKind? Only;
        public UInt128 Time = time;
        public int At = at;
        public int Count;
        public TraceEvent Event;
        public ReadOnlyMemory<byte> Group;
        public int Packed;
    }
}
