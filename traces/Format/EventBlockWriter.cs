using System.Buffers;
using CoSim.Hw.Simulation;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>
/// Encodes events into one block: its base time (two 64-bit halves), the number of its first event, then each event as an array of kind, time
/// since the one before in femtoseconds, and values. A text stands in full where the block meets it first and as its number
/// from then on. A block can be read without any other.
/// </summary>
internal sealed class EventBlockWriter
{
    private readonly ArrayBufferWriter<byte> _body = new(1 << 17);
    private readonly Dictionary<string, uint> _texts = [];
    private UInt128 _last;

    /// <summary>Events in the block.</summary>
    public int Count { get; private set; }

    /// <summary>Length so far, in bytes.</summary>
    public int Length => _body.WrittenCount;

    /// <summary>Time of the first event.</summary>
    public SimTime FirstTime { get; private set; }

    /// <summary>Time of the event with the latest time.</summary>
    public SimTime LastTime { get; private set; }

    /// <summary>The encoded block.</summary>
    public ReadOnlySpan<byte> Body => _body.WrittenSpan;

    /// <summary>Whether the distance from the event before fits.</summary>
    public bool Fits(SimTime time) => Count == 0 || Int128.Abs((Int128)(time.Femtoseconds - _last)) <= long.MaxValue;

    /// <summary>Begins an empty block.</summary>
    public void Clear()
    {
        _body.ResetWrittenCount();
        _texts.Clear();
        Count = 0;
    }

    /// <summary>Adds an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="sequence">Its number within the trace; used for the first one.</param>
    public void Add(in TraceEvent e, ulong sequence)
    {
        MessagePackWriter writer = new(_body);
        if (Count == 0)
        {
            FirstTime = LastTime = e.Time;
            _last = e.Time.Femtoseconds;
            writer.Write((ulong)(_last >> 64));
            writer.Write((ulong)_last);
            writer.Write(sequence);
        }

        LastTime = SimTime.Max(LastTime, e.Time);
        EventKind kind = e.Kind;
        writer.WriteArrayHeader(2 + kind.Fields.Count);
        writer.Write((uint)kind.Id);
        writer.Write((long)(Int128)(e.Time.Femtoseconds - _last));
        _last = e.Time.Femtoseconds;
        for (int i = 0; i < kind.Fields.Count; i++)
        {
            if (i == kind.TextField)
                WriteText(ref writer, e.Text ?? "");
            else if (kind.Fields[i].Type == FieldType.Signed)
                writer.Write(unchecked((long)e.Values[i]));
            else
                writer.Write(e.Values[i]);
        }

        writer.Flush();
        Count++;
    }

    private void WriteText(ref MessagePackWriter writer, string text)
    {
        if (_texts.TryGetValue(text, out uint number))
        {
            writer.Write(number);
            return;
        }

        _texts.Add(text, (uint)_texts.Count);
        writer.Write(text);
    }
}
