using System.Numerics;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>One bit for each of the 256 vectors: IRR, ISR, TMR, IER.</summary>
internal sealed class VectorSet
{
    private readonly ulong[] _bits = new ulong[4];

    /// <summary>The highest vector in the set, or -1.</summary>
    public int Highest => HighestWith(null);

    /// <summary>Whether a vector is in the set.</summary>
    public bool this[int vector]
    {
        get => (_bits[vector >> 6] & (1UL << (vector & 63))) != 0;
        set
        {
            if (value)
            {
                _bits[vector >> 6] |= 1UL << (vector & 63);
            }
            else
            {
                _bits[vector >> 6] &= ~(1UL << (vector & 63));
            }
        }
    }

    /// <summary>The highest vector that is in both sets, or -1. No filter means all vectors.</summary>
    public int HighestWith(VectorSet? filter)
    {
        for (int word = 3; word >= 0; word--)
        {
            ulong bits = _bits[word] & (filter?._bits[word] ?? ulong.MaxValue);
            if (bits != 0)
            {
                return (word * 64) + BitOperations.Log2(bits);
            }
        }

        return -1;
    }

    /// <summary>32 vectors as a register shows them.</summary>
    public uint Word(int index) => (uint)(_bits[index >> 1] >> ((index & 1) * 32));

    public void SetWord(int index, uint value)
    {
        int shift = (index & 1) * 32;
        _bits[index >> 1] = (_bits[index >> 1] & ~((ulong)uint.MaxValue << shift)) | ((ulong)value << shift);
    }

    public void Fill(bool value) => Array.Fill(_bits, value ? ulong.MaxValue : 0);

    public void Save(StateWriter writer)
    {
        foreach (ulong word in _bits)
        {
            writer.UInt64(word);
        }
    }

    public void Restore(StateReader reader)
    {
        for (int i = 0; i < _bits.Length; i++)
        {
            _bits[i] = reader.UInt64();
        }
    }
}
