using CoSim.Hw.Simulation;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>Decodes a block that <see cref="EventBlockWriter"/> encoded.</summary>
internal static class EventBlockReader
{
    /// <summary>Decodes all events of a block.</summary>
    /// <param name="header">Describes the kinds.</param>
    /// <param name="frame">The block.</param>
    /// <returns>The number of the first event, and the events.</returns>
    /// <exception cref="TraceFormatException">The block is not what the header describes.</exception>
    public static (ulong FirstSequence, List<TraceEvent> Events) Read(TraceHeader header, Frame frame)
    {
        MessagePackReader reader = new(frame.Body);
        try
        {
            UInt128 time = ((UInt128)reader.ReadUInt64() << 64) | reader.ReadUInt64();
            ulong first = reader.ReadUInt64();
            List<TraceEvent> events = [];
            List<string> texts = [];
            while (!reader.End)
            {
                TraceEvent e = ReadOne(header, ref reader, texts, ref time);
                events.Add(e);
            }

            return (first, events);
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

    private static TraceEvent ReadOne(TraceHeader header, ref MessagePackReader reader, List<string> texts, ref UInt128 time)
    {
        int count = reader.ReadArrayHeader();
        ulong id = reader.ReadUInt64();
        EventKind kind = (id < EventKind.MaxId ? header.ById[id] : null) ?? throw new TraceFormatException($"kind {id} is not described");
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

        return e;
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
