using System.Buffers;
using CoSim.Hw.Simulation;
using CoSim.Traces.Format.Instructions;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>
/// Encodes events into one block: its base time (two 64-bit halves), the number of its first event, then each event as an array of kind, time
/// since the one before in femtoseconds, and values. A text stands in full where the block meets it first and as its number
/// from then on. Instructions and micro-ops stand in groups between the others: an array of <see cref="InstructionLayout.Group"/>, their number, and
/// the bytes of <see cref="InstructionEncoder"/>. A block can be read without any other.
/// </summary>
/// <param name="clock">The cores' clock; null packs nothing.</param>
internal sealed class EventBlockWriter(Frequency? clock)
{
    private readonly ArrayBufferWriter<byte> _body = new(1 << 17);
    private readonly Dictionary<string, uint> _texts = [];
    private readonly InstructionEncoder _instructions = new();
    private UInt128 _last;
    private ulong _lastCycle;

    /// <summary>Events in the block.</summary>
    public int Count { get; private set; }

    /// <summary>Length so far, in bytes.</summary>
    public int Length => _body.WrittenCount + _instructions.Length;

    /// <summary>Time of the first event.</summary>
    public SimTime FirstTime { get; private set; }

    /// <summary>Time of the event with the latest time.</summary>
    public SimTime LastTime { get; private set; }

    /// <summary>The encoded block.</summary>
    public ReadOnlySpan<byte> Body => _body.WrittenSpan;

    /// <summary>Whether the distance from the event before fits.</summary>
    public bool Fits(in TraceEvent e) => Count == 0 || IsPacked(in e) || Fits(e.Time);

    private bool Fits(SimTime time) => Int128.Abs((Int128)(time.Femtoseconds - _last)) <= long.MaxValue;

    /// <summary>Begins an empty block.</summary>
    public void Clear()
    {
        _body.ResetWrittenCount();
        _texts.Clear();
        _instructions.Clear();
        _lastCycle = 0;
        Count = 0;
    }

    /// <summary>Ends the block: it is whole then.</summary>
    public void End()
    {
        WriteGroup();
        if (_lastCycle > 0)
            LastTime = SimTime.Max(LastTime, TimeOf(_lastCycle));
    }

    /// <summary>Adds an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="sequence">Its number within the trace; used for the first one.</param>
    public void Add(in TraceEvent e, ulong sequence)
    {
        bool packed = IsPacked(in e);
        if (packed && Count > 0)
        {
            Pack(in e);
            Count++;
            return;
        }

        if (!packed && _instructions.Count > 0)
            WriteGroup();
        MessagePackWriter writer = new(_body);
        if (Count == 0)
        {
            FirstTime = LastTime = packed ? TimeOf(CycleOf(in e)) : e.Time;
            _last = FirstTime.Femtoseconds;
            writer.Write((ulong)(_last >> 64));
            writer.Write((ulong)_last);
            writer.Write(sequence);
        }

        if (packed)
        {
            writer.Flush();
            Pack(in e);
            Count++;
            return;
        }

        LastTime = SimTime.Max(LastTime, e.Time);
        EventKind kind = e.Kind;
        writer.WriteArrayHeader(2 + kind.FieldCount);
        writer.Write((uint)kind.Id);
        writer.Write((long)(Int128)(e.Time.Femtoseconds - _last));
        _last = e.Time.Femtoseconds;
        for (int i = 0; i < kind.FieldCount; i++)
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

    private static ulong CycleOf(in TraceEvent e) => e.Values[e.Kind.Packing == Packing.MicroOp ? InstructionLayout.Retire : InstructionLayout.Cycle];

    /// <summary>Whether an event goes into a group; one with a core or a place that no machine has stands by itself.</summary>
    private bool IsPacked(in TraceEvent e) =>
        e.Kind.Packing != Packing.None && clock != null && e.Values[InstructionLayout.Core] <= int.MaxValue
        && (e.Kind.Packing != Packing.MicroOp || e.Values[InstructionLayout.OpIndex] <= int.MaxValue)
        && (e.Kind.Packing != Packing.Operands || IsList(in e));

    /// <summary>Whether operands are what a group can hold: no more than there are places, and nothing behind the last.</summary>
    private static bool IsList(in TraceEvent e)
    {
        if (e.Values[InstructionLayout.OperandCount] > InstructionLayout.MostOperands)
            return false;
        for (int i = (int)e.Values[InstructionLayout.OperandCount]; i < InstructionLayout.MostOperands; i++)
        {
            if (e.Values[InstructionLayout.FirstOperand + i] != 0)
                return false;
        }

        return true;
    }

    private SimTime TimeOf(ulong cycle) => SimTime.FromFemtoseconds(clock!.Value.SpanOf(cycle));

    private void Pack(in TraceEvent e)
    {
        _lastCycle = Math.Max(_lastCycle, CycleOf(in e));
        if (e.Kind.Packing == Packing.MicroOp)
            _instructions.AddMicroOp(e.Values);
        else if (e.Kind.Packing == Packing.Operands)
            _instructions.AddOperands(e.Values);
        else
            _instructions.AddInstruction(e.Values, e.Kind.FieldCount - InstructionLayout.FirstCause, e.Kind.Packing == Packing.Delivery);
    }

    private void WriteGroup()
    {
        if (_instructions.Count == 0)
            return;
        ReadOnlySpan<byte> group = _instructions.Take(out int count);
        MessagePackWriter writer = new(_body);
        writer.WriteArrayHeader(3);
        writer.Write((uint)InstructionLayout.Group);
        writer.Write(count);
        writer.Write(group);
        writer.Flush();
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
