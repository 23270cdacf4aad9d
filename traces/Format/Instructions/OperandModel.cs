using System.Runtime.CompilerServices;

namespace CoSim.Traces.Format.Instructions;

/// <summary>
/// What an instruction's operands in memory were last time. The next address is predicted as that far from the last one as the last was from the one before, or as that
/// far from the core's operand before as last time: loops walk through arrays by the first rule, stack frames come again elsewhere by the second. Whichever was right alone is trusted next.
/// </summary>
internal struct OperandShape
{
    public uint Block;
    public ulong Rip;
    public byte Count;

    private byte _byDistance;
    private OperandValues _last, _stride, _distance;

    /// <summary>The address expected.</summary>
    /// <param name="i">Which operand.</param>
    /// <param name="before">The core's operand before it.</param>
    public readonly ulong Predict(int i, ulong before) => unchecked(i >= Count ? before : (_byDistance & (1 << i)) != 0 ? before + _distance[i] : _last[i] + _stride[i]);

    /// <summary>Learns the address that it was.</summary>
    public void Learn(int i, ulong before, ulong address)
    {
        unchecked
        {
            bool known = i < Count, stride = known && _last[i] + _stride[i] == address, distance = known && before + _distance[i] == address;
            if (stride != distance)
                _byDistance = (byte)(distance ? _byDistance | (1 << i) : _byDistance & ~(1 << i));
            _stride[i] = known ? address - _last[i] : 0;
            _distance[i] = address - before;
            _last[i] = address;
        }
    }
}

/// <summary>A number for each operand.</summary>
[InlineArray(InstructionLayout.MostOperands)]
internal struct OperandValues
{
    private ulong _first;
}
