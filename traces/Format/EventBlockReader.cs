using CoSim.Hw.Simulation;
using CoSim.Traces.Format.Instructions;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>A block as <see cref="EventBlockWriter"/> encoded it: its events one by one, packed instructions where they stand.</summary>
internal sealed class EventBlockReader
{
    private readonly TraceHeader _header;
    private readonly Frame _frame;
    private readonly List<(TraceEvent Event, ReadOnlyMemory<byte> Group, int Count)> _items = [];

    /// <summary>Decodes a block, but for its groups of instructions.</summary>
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
            UInt128 time = ((UInt128)reader.ReadUInt64() << 64) | reader.ReadUInt64();
            FirstSequence = reader.ReadUInt64();
            List<string> texts = [];
            while (!reader.End)
                ReadItem(ref reader, texts, ref time);
        }
        catch (MessagePackSerializationException e)
        {
            throw new TraceFormatException($"block at byte {frame.Offset}: {e.Message}");
        }
        catch (TraceFormatException e)
        {
            throw new TraceFormatException($"block at byte {frame.Offset}, byte {reader.Consumed} in it: {e.Message}");
        }
    }

    /// <summary>Number of the first event.</summary>
    public ulong FirstSequence { get; }

    /// <summary>Number of events.</summary>
    public int Count { get; private set; }

    /// <summary>The events. Those that are packed are decoded on the way.</summary>
    /// <exception cref="TraceFormatException">A group is damaged.</exception>
    public IEnumerable<TraceEvent> Events()
    {
        InstructionDecoder? decoder = null;
        foreach ((TraceEvent e, ReadOnlyMemory<byte> group, int count) in _items)
        {
            if (count == 0)
            {
                yield return e;
                continue;
            }

            decoder ??= new InstructionDecoder(_header);
            Frequency clock = _header.CoreClock ?? throw new TraceFormatException($"block at byte {_frame.Offset}: instructions, but the header states no clock of the cores");
            foreach (TraceEvent instruction in decoder.Decode(group, count, clock))
                yield return instruction;
        }
    }

    /// <summary>The events that are not packed, and in their places how many packed ones stand there.</summary>
    public IEnumerable<(TraceEvent Event, int Packed)> Items() => _items.Select(i => (i.Event, i.Count));

    private void ReadItem(ref MessagePackReader reader, List<string> texts, ref UInt128 time)
    {
        int count = reader.ReadArrayHeader();
        ulong id = reader.ReadUInt64();
        if (id == InstructionLayout.Group)
        {
            if (count != 3)
                throw new TraceFormatException("a group of instructions is not a number and bytes");
            int instructions = reader.ReadInt32();
            if (instructions <= 0 || instructions > int.MaxValue - Count || reader.ReadBytes() is not { } bytes)
                throw new TraceFormatException("a group of instructions is empty");
            Count += instructions;
            _items.Add((default, bytes.First, instructions));
            return;
        }

        EventKind kind = (id < EventKind.MaxId ? _header.ById[id] : null) ?? throw new TraceFormatException($"kind {id} is not described");
        if (count != 2 + kind.Fields.Count)
            throw new TraceFormatException($"a '{kind.Name}' has {count - 2} fields instead of {kind.Fields.Count}");
        time = unchecked(time + (UInt128)(Int128)reader.ReadInt64());
        TraceEvent e = new(kind, SimTime.FromFemtoseconds(time));
        for (int i = 0; i < kind.Fields.Count; i++)
        {
            if (i == kind.TextField)
                e.Text = ReadText(ref reader, texts);
            else if (kind.Fields[i].Type == FieldType.Signed)
                e.Values[i] = unchecked((ulong)reader.ReadInt64());
            else
                e.Values[i] = reader.ReadUInt64();
        }

        Count++;
        _items.Add((e, default, 0));
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
}
