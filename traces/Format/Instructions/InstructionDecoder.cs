using CoSim.Hw.Simulation;
using static CoSim.Traces.Format.Instructions.InstructionLayout;

namespace CoSim.Traces.Format.Instructions;

/// <summary>Unpacks what <see cref="InstructionEncoder"/> packed. Every byte is checked: a group that is damaged gives an error or other events.</summary>
internal sealed partial class InstructionDecoder
{
    private readonly InstructionModel _model = new();
    private readonly EventKind? _retire, _deliver, _microOp, _operands;
    private ReadOnlyMemory<byte> _bytes;
    private int _at;

    /// <summary>Makes a decoder for one trace.</summary>
    public InstructionDecoder(TraceHeader header)
    {
        _retire = Find(header, TraceEvents.Retire);
        _deliver = Find(header, TraceEvents.Deliver);
        _microOp = Find(header, TraceEvents.MicroOp);
        _operands = Find(header, TraceEvents.Operands);
        _model.Clear();
    }

    /// <summary>Decodes the next group of the block.</summary>
    /// <param name="group">Its bytes.</param>
    /// <param name="count">How many events it says it holds.</param>
    /// <param name="clock">The cores' clock, which gives the events' times.</param>
    public IEnumerable<TraceEvent> Decode(ReadOnlyMemory<byte> group, int count, Frequency clock)
    {
        _bytes = group;
        _at = 0;
        int left = count;
        while (left > 0)
        {
            byte head = Byte();
            if ((head & Run) != 0)
            {
                int run = head - Run + 1;
                if (run > left)
                    throw new TraceFormatException("instructions: a run is longer than the group");
                for (; run > 0; run--)
                {
                    TraceEvent next = Instruction(0, 0, clock, out TraceEvent? operands);
                    left = Counted(left, operands);
                    if (operands is { } before)
                        yield return before;
                    yield return next;
                }

                continue;
            }

            byte escape = (head & Escape) != 0 ? Byte() : (byte)0;
            if ((escape & OtherCore) != 0)
                _model.Switch(Small("core"));
            if ((escape & LoneOperands) != 0)
            {
                left--;
                yield return DecodeLoneOperands(clock);
            }
            else if ((head & MicroOp) != 0)
            {
                left--;
                yield return DecodeMicroOp(head, clock);
            }
            else
            {
                TraceEvent next = Instruction(head, escape, clock, out TraceEvent? operands);
                left = Counted(left, operands);
                if (operands is { } before)
                    yield return before;
                yield return next;
            }
        }

        if (_at != _bytes.Length)
            throw new TraceFormatException("instructions: the group is longer than its events");
    }

    private static EventKind? Find(TraceHeader header, EventKind known) =>
        header.Kinds.FirstOrDefault(k => k.Packing == known.Packing);

    private TraceEvent Instruction(byte head, byte escape, Frequency clock, out TraceEvent? operands)
    {
        bool isDelivery = (escape & Delivered) != 0;
        EventKind kind = (isDelivery ? _deliver : _retire) ?? throw new TraceFormatException("instructions: the header does not describe them");
        CorePlace place = _model.Place;
        ulong rip = (head & OtherRip) != 0 ? unchecked(place.Rip + UnZigZag(Number())) : _model.Predict(place.Rip);
        (ulong cyclesBefore, int causesBefore) = _model.CostOf(rip);
        int number = (head & CausesMask) switch
        {
            CausesAsBefore => causesBefore,
            CausesNone => -1,
            CausesNumber => (int)Small("list of causes", _model.CauseLists),
            _ => ReadCauses(kind.FieldCount - FirstCause),
        };
        ulong[]? list = number < 0 ? null : _model.Causes(number);
        ulong cycles = (head & CyclesMask) switch
        {
            CyclesOfCauses => Total(list),
            CyclesAsBefore => cyclesBefore,
            CyclesFollow => Number(),
            _ => throw new TraceFormatException("instructions: cycles are told in no known way"),
        };

        TraceEvent e = new(kind, default);
        e.Values[Core] = _model.Core;
        e.Values[Rip] = rip;
        e.Values[Cycle] = unchecked(place.Cycle + cycles);
        for (int i = 0; list != null && i < list.Length; i++)
            e.Values[FirstCause + i] = list[i];
        e.Time = SimTime.FromFemtoseconds(clock.SpanOf(e.Values[Cycle]));
        operands = isDelivery ? null : DecodeOperands(place, in e, (escape & OtherOperands) != 0);
        _model.Follow(place.Rip, rip);
        _model.Learn(rip, cycles, number);
        place.Rip = rip;
        place.Cycle = e.Values[Cycle];
        return e;
    }

    private TraceEvent DecodeMicroOp(byte head, Frequency clock)
    {
        EventKind kind = _microOp ?? throw new TraceFormatException("instructions: the header does not describe micro-ops");
        CorePlace place = _model.Place;
        ulong rip = (head & OtherRip) != 0 ? unchecked(place.Rip + UnZigZag(Number())) : _model.Predict(place.Rip);
        ulong index = (head & OtherIndex) != 0 ? Small("micro-op") : place.OpRip == rip ? (uint)(place.OpIndex + 1) : 0;
        ref Shape shape = ref _model.ShapeOf(rip, (uint)index);
        byte mask = (head & OtherShape) != 0 ? Byte() : (byte)0;
        for (int i = 0; i < Shape.Count; i++)
        {
            if ((mask & (1 << i)) != 0)
                shape.Values[i] = UnZigZag(Number());
        }

        ulong fetch = unchecked(place.OpFetch + ((head & OtherFetch) != 0 ? UnZigZag(Number()) : 0));
        TraceEvent e = new(kind, default);
        e.Values[Core] = _model.Core;
        e.Values[Rip] = rip;
        e.Values[OpIndex] = index;
        e.Values[Fetch] = fetch;
        for (int i = 0; i < Shape.Distances; i++)
            e.Values[Fetch + i + 1] = unchecked(e.Values[Fetch + i] + shape.Values[i]);
        e.Values[Port] = shape.Values[Shape.Distances];
        e.Values[Slots] = shape.Values[Shape.Distances + 1];
        e.Time = SimTime.FromFemtoseconds(clock.SpanOf(e.Values[Retire]));
        place.OpRip = rip;
        place.OpIndex = index;
        place.OpFetch = fetch;
        return e;
    }

    private int ReadCauses(int causes)
    {
        ulong[] list = new ulong[causes];
        for (int left = Byte(); left > 0; left--)
        {
            int cause = Byte();
            if (cause >= causes)
                throw new TraceFormatException($"instructions: cause {cause} of {causes}");
            list[cause] = UnZigZag(Number());
        }

        return _model.AddCauses(list);
    }

    private static ulong Total(ulong[]? list)
    {
        ulong total = 0;
        foreach (ulong cycles in list ?? [])
            total = unchecked(total + cycles);
        return total;
    }

    private uint Small(string what, long below = 1L + uint.MaxValue)
    {
        ulong value = Number();
        return value < (ulong)below ? (uint)value : throw new TraceFormatException($"instructions: {what} {value} of {below}");
    }

    private byte Byte() => _at < _bytes.Length ? _bytes.Span[_at++] : throw new TraceFormatException("instructions: the group ends within an event");

    private ulong Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }

        throw new TraceFormatException("instructions: a number is longer than 64 bits");
    }
}
