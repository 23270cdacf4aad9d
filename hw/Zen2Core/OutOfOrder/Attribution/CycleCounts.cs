using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>Core cycles by cause. The sum over all causes is exactly the cycles that passed.</summary>
[InlineArray(CycleCauses.Count)]
public struct CycleCounts
{
    private ulong _first;

    /// <summary>Cycles of one cause.</summary>
    public ulong this[CycleCause cause]
    {
        readonly get => this[(int)cause];
        set => this[(int)cause] = value;
    }

    /// <summary>Cycles of every cause.</summary>
    public readonly ulong Total
    {
        get
        {
            ulong total = 0;
            foreach (ulong cycles in this)
            {
                total += cycles;
            }

            return total;
        }
    }

    /// <summary>Adds another count to this one.</summary>
    public void Add(in CycleCounts other)
    {
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            this[i] += other[i];
        }
    }
}
