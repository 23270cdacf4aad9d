using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>
/// The path of the last 90 taken branches, two bits each: as far as correlation reaches on Zen 2 (measured, eigenform/perfect).
/// It is small enough to be saved with every branch in flight, so recovery is a copy.
/// </summary>
public struct BranchHistory
{
    /// <summary>Taken branches that the history reaches back.</summary>
    public const int Reach = 90;

    private const ulong Mix = 0x9E37_79B9_7F4A_7C15;

    private ulong _recent;
    private ulong _middle;
    private ulong _old;

    /// <summary>The three words, most recent first, for snapshots.</summary>
    public (ulong Recent, ulong Middle, ulong Old) Words
    {
        readonly get => (_recent, _middle, _old);
        set => (_recent, _middle, _old) = value;
    }

    /// <summary>Shifts in a taken branch.</summary>
    public void Push(ulong address, ulong target)
    {
        ulong bits = ((address ^ (address >> 4)) ^ (target >> 1) ^ (target >> 5)) & 3;
        _old = (_old << 2) | (_middle >> 62);
        _middle = (_middle << 2) | (_recent >> 62);
        _recent = (_recent << 2) | bits;
    }

    /// <summary>A well-mixed hash of the most recent <paramref name="branches"/> taken branches (1 to <see cref="Reach"/>) and an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Hash(int branches, ulong address)
    {
        int bits = branches * 2;
        ulong hash = address * Mix;
        if (bits < 64)
        {
            hash ^= _recent & ((1UL << bits) - 1);
        }
        else
        {
            hash ^= _recent;
            hash = (hash ^ (hash >> 29)) * Mix;
            if (bits < 128)
            {
                hash ^= _middle & ((1UL << (bits - 64)) - 1);
            }
            else
            {
                hash ^= _middle;
                hash = (hash ^ (hash >> 31)) * Mix;
                hash ^= _old & ((1UL << (bits - 128)) - 1);
            }
        }

        hash = (hash ^ (hash >> 32)) * Mix;
        return hash ^ (hash >> 29);
    }
}
