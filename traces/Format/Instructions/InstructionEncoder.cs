using System.Buffers;
using static CoSim.Traces.Format.Instructions.InstructionLayout;

namespace CoSim.Traces.Format.Instructions;

/// <summary>Packs `retire`, `deliver` and `micro-op` events: 1 to 4 bytes an instruction, less than 1 in loops.</summary>
internal sealed partial class InstructionEncoder
{
    private readonly InstructionModel _model = new();
    private readonly Dictionary<ulong, int> _causeNumbers = [];
    private byte[] _bytes = new byte[1 << 16];
    private int _length;
    private int _run;

    /// <summary>Events in the group that was begun.</summary>
    public int Count { get; private set; }

    /// <summary>Length of the group so far, in bytes.</summary>
    public int Length => _length + (_run > 0 ? 1 : 0);

    /// <summary>Begins a block: what was learnt is forgotten.</summary>
    public void Clear()
    {
        _model.Clear();
        _causeNumbers.Clear();
        Take(out _);
    }

    /// <summary>Ends the group and begins another in the same block.</summary>
    public ReadOnlySpan<byte> Take(out int count)
    {
        FlushOperands();
        FlushRun();
        count = Count;
        ReadOnlySpan<byte> group = _bytes.AsSpan(0, _length);
        Count = 0;
        _length = 0;
        return group;
    }

    /// <summary>Adds an instruction or a delivery.</summary>
    /// <param name="values">Core, address, cycle, cycles by cause.</param>
    /// <param name="causes">How many causes there are.</param>
    /// <param name="isDelivery">Whether something was delivered instead.</param>
    public void AddInstruction(ReadOnlySpan<ulong> values, int causes, bool isDelivery)
    {
        Reserve();
        bool joined = JoinsOperands(values, isDelivery);
        if (!joined)
            FlushOperands();
        Count++;
        bool other = values[Core] != _model.Core;
        if (other)
            FlushRun();
        uint core = (uint)values[Core];
        if (other)
            _model.Switch(core);
        CorePlace place = _model.Place;
        ulong rip = values[Rip];
        ulong cycles = unchecked(values[Cycle] - place.Cycle);
        ReadOnlySpan<ulong> list = values.Slice(FirstCause, causes);

        int head = 0;
        if (_model.Predict(place.Rip) != rip)
            head |= OtherRip;
        (ulong cyclesBefore, int causesBefore) = _model.CostOf(rip);
        bool none = list.IndexOfAnyExcept(0UL) < 0;
        int number = -1;
        bool literal = false;
        if (none)
            head |= causesBefore < 0 ? CausesAsBefore : CausesNone;
        else if (causesBefore >= 0 && list.SequenceEqual(_model.Causes(causesBefore)))
            number = causesBefore;
        else
            head |= Find(list, out number, out literal);

        if (cycles == (none ? 0 : Total(list)))
            head |= CyclesOfCauses;
        else
            head |= cycles == cyclesBefore ? CyclesAsBefore : CyclesFollow;

        bool otherOperands = !isDelivery && !AreAsPredicted(place, rip, joined);
        if (head == 0 && !other && !isDelivery && !otherOperands)
        {
            if (++_run == LongestRun)
                FlushRun();
        }
        else
        {
            FlushRun();
            int escape = (isDelivery ? Delivered : 0) | (other ? OtherCore : 0) | (otherOperands ? OtherOperands : 0);
            Write((byte)(head | (escape != 0 ? Escape : 0)));
            if (escape != 0)
                Write((byte)escape);
            if (other)
                WriteNumber(core);
            if ((head & OtherRip) != 0)
                WriteNumber(ZigZag(unchecked(rip - place.Rip)));
            if ((head & CausesMask) == CausesNumber)
                WriteNumber((ulong)number);
            else if (literal)
                WriteCauses(list);
            if ((head & CyclesMask) == CyclesFollow)
                WriteNumber(cycles);
            if (otherOperands)
                WriteOperands(place, rip, joined);
        }

        if (!isDelivery)
            LearnOperands(place, rip, joined);

        _model.Follow(place.Rip, rip);
        _model.Learn(rip, cycles, number);
        place.Rip = rip;
        place.Cycle = values[Cycle];
    }

    /// <summary>Adds a micro-op.</summary>
    /// <param name="values">Core, address, place in the instruction, cycles of the stages, pipe, dispatch slots.</param>
    public void AddMicroOp(ReadOnlySpan<ulong> values)
    {
        Reserve();
        FlushOperands();
        FlushRun();
        Count++;
        bool other = values[Core] != _model.Core;
        if (other)
            _model.Switch((uint)values[Core]);
        CorePlace place = _model.Place;
        ulong rip = values[Rip];
        ulong index = values[OpIndex];
        ulong expected = place.OpRip == rip ? place.OpIndex + 1 : 0;
        ref Shape shape = ref _model.ShapeOf(rip, (uint)index);
        int mask = 0;
        for (int i = 0; i < Shape.Count; i++)
        {
            if (ShapeValue(values, i) != shape.Values[i])
                mask |= 1 << i;
        }

        ulong fetch = unchecked(values[Fetch] - place.OpFetch);
        Write((byte)(MicroOp | (_model.Predict(place.Rip) != rip ? OtherRip : 0) | (index != expected ? OtherIndex : 0)
            | (mask != 0 ? OtherShape : 0) | (fetch != 0 ? OtherFetch : 0) | (other ? Escape : 0)));
        if (other)
        {
            Write(OtherCore);
            WriteNumber((uint)values[Core]);
        }

        if (_model.Predict(place.Rip) != rip)
            WriteNumber(ZigZag(unchecked(rip - place.Rip)));
        if (index != expected)
            WriteNumber((uint)index);
        if (mask != 0)
            Write((byte)mask);
        for (int i = 0; i < Shape.Count; i++)
        {
            if ((mask & (1 << i)) == 0)
                continue;
            shape.Values[i] = ShapeValue(values, i);
            WriteNumber(ZigZag(shape.Values[i]));
        }

        if (fetch != 0)
            WriteNumber(ZigZag(fetch));
        place.OpRip = rip;
        place.OpIndex = index;
        place.OpFetch = values[Fetch];
    }

    private static ulong ShapeValue(ReadOnlySpan<ulong> values, int i) => i < Shape.Distances ? unchecked(values[Fetch + i + 1] - values[Fetch + i]) : values[Port + i - Shape.Distances];

    private static ulong Total(ReadOnlySpan<ulong> list)
    {
        ulong total = 0;
        foreach (ulong cycles in list)
            total = unchecked(total + cycles);
        return total;
    }

    private int Find(ReadOnlySpan<ulong> list, out int number, out bool literal)
    {
        ulong hash = 0;
        for (int i = 0; i < list.Length; i++)
            hash = unchecked((hash ^ list[i]) * 0x9E37_79B9_7F4A_7C15) + (hash >> 29);
        literal = !_causeNumbers.TryGetValue(hash, out number) || !list.SequenceEqual(_model.Causes(number));
        if (!literal)
            return CausesNumber;
        number = _model.AddCauses(list.ToArray());
        _causeNumbers[hash] = number;
        return CausesFollow;
    }

    private void WriteCauses(ReadOnlySpan<ulong> list)
    {
        int count = 0;
        foreach (ulong cycles in list)
            count += cycles != 0 ? 1 : 0;
        Write((byte)count);
        for (int i = 0; i < list.Length; i++)
        {
            if (list[i] == 0)
                continue;
            Write((byte)i);
            WriteNumber(ZigZag(list[i]));
        }
    }

    private void FlushRun()
    {
        if (_run == 0)
            return;
        Write((byte)(Run | (_run - 1)));
        _run = 0;
    }

    private void Reserve()
    {
        const int longestRecord = 512;
        if (_bytes.Length - _length < longestRecord)
            Array.Resize(ref _bytes, _bytes.Length * 2);
    }

    private void Write(byte value) => _bytes[_length++] = value;

    /// <summary>Seven bits a byte, the lowest first; the highest bit says that more follow.</summary>
    private void WriteNumber(ulong value)
    {
        while (value > 0x7F)
        {
            Write((byte)(value | 0x80));
            value >>= 7;
        }

        Write((byte)value);
    }
}
