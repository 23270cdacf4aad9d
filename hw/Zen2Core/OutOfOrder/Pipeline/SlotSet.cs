using System.Numerics;
using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>A set of reorder-buffer slots that gives them back in age order: a bitmap searched from the oldest slot on.</summary>
internal struct SlotSet
{
    /// <summary>Number of slots: a power of two above the most micro-ops that 224 macro-ops and their parts can be.</summary>
    public const int Slots = 512;

    private const int Words = Slots / 64;

    private WordArray _words;
    private int _count;

    /// <summary>True when no slot is in the set.</summary>
    public readonly bool IsEmpty => _count == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int slot)
    {
        ref ulong word = ref _words[slot >> 6];
        ulong bit = 1UL << (slot & 63);
        _count += (word & bit) == 0 ? 1 : 0;
        word |= bit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(int slot)
    {
        ref ulong word = ref _words[slot >> 6];
        ulong bit = 1UL << (slot & 63);
        _count -= (word & bit) != 0 ? 1 : 0;
        word &= ~bit;
    }

    /// <summary>The first slot in the set at or after <paramref name="from"/>, around the ring.</summary>
    /// <param name="from">A slot.</param>
    /// <param name="distance">How far around the ring the result may be from <paramref name="from"/>, exclusive.</param>
    /// <returns>The slot, or -1.</returns>
    public readonly int Next(int from, int distance)
    {
        if (_count == 0)
        {
            return -1;
        }

        int word = from >> 6;
        ulong bits = _words[word] & (ulong.MaxValue << (from & 63));
        for (int i = 0; i <= Words; i++)
        {
            if (bits != 0)
            {
                int slot = (word << 6) + BitOperations.TrailingZeroCount(bits);
                return ((slot - from) & (Slots - 1)) < distance ? slot : -1;
            }

            word = (word + 1) & (Words - 1);
            bits = _words[word];
        }

        return -1;
    }

    public void Clear()
    {
        ((Span<ulong>)_words).Clear();
        _count = 0;
    }

    [InlineArray(Words)]
    private struct WordArray
    {
        private ulong _first;
    }
}
