using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>What the direction predictor looked at for one conditional branch; it is trained with the same.</summary>
public unsafe struct DirectionLookup
{
    /// <summary>Index within each tagged table.</summary>
    public fixed ushort Index[DirectionPredictor.Tables];

    /// <summary>Tag looked for in each tagged table.</summary>
    public fixed ushort Tag[DirectionPredictor.Tables];

    /// <summary>The longest table that hit, or -1.</summary>
    public sbyte Provider;

    /// <summary>The prediction given.</summary>
    public bool Taken;

    /// <summary>What the next shorter table (or the base table) would have said.</summary>
    public bool Alternative;
}

/// <summary>
/// A TAGE direction predictor (A. Seznec and P. Michaud, 2006): a base table of 2-bit counters and tagged tables over
/// geometrically longer branch histories. Zen 2 combines a hashed perceptron with TAGE (AnandTech 14525); sizes are not
/// published, and the perceptron is not modelled.
/// </summary>
public sealed class DirectionPredictor
{
    /// <summary>Number of tagged tables.</summary>
    public const int Tables = 6;

    private const int BaseEntries = 8192;
    private const int TableEntries = 1024;
    private const int TagBits = 11;

    private readonly byte[] _base = new byte[BaseEntries];
    private readonly Entry[] _tagged = new Entry[Tables * TableEntries];
    private uint _allocation;

    private static ReadOnlySpan<byte> Lengths => [3, 7, 14, 27, 50, BranchHistory.Reach];

    /// <summary>Forgets everything: weakly not taken.</summary>
    public void Clear()
    {
        Array.Fill(_base, (byte)1);
        Array.Clear(_tagged);
        _allocation = 0;
    }

    /// <summary>Predicts a conditional branch.</summary>
    [SkipLocalsInit]
    public unsafe bool Predict(ulong address, in BranchHistory history, out DirectionLookup lookup)
    {
        Unsafe.SkipInit(out lookup);
        lookup.Provider = -1;
        bool alternative = _base[address % BaseEntries] >= 2;
        bool taken = alternative;
        for (int table = 0; table < Tables; table++)
        {
            ulong hash = history.Hash(Lengths[table], address + ((ulong)table << 56));
            ushort index = (ushort)(hash % TableEntries);
            ushort tag = (ushort)(((hash >> 20) & ((1 << TagBits) - 1)) | (1 << TagBits));
            lookup.Index[table] = index;
            lookup.Tag[table] = tag;
            ref Entry entry = ref _tagged[(table * TableEntries) + index];
            if (entry.Tag == tag)
            {
                lookup.Provider = (sbyte)table;
                alternative = taken;

                // A newly allocated entry knows less than what it stands in for.
                bool weak = entry.Useful == 0 && entry.Counter is 0 or -1;
                taken = weak ? taken : entry.Counter >= 0;
            }
        }

        lookup.Taken = taken;
        lookup.Alternative = alternative;
        return taken;
    }

    /// <summary>Learns the outcome of a branch that retired.</summary>
    public unsafe void Train(ulong address, ref DirectionLookup lookup, bool taken)
    {
        int provider = lookup.Provider;
        if (provider >= 0)
        {
            ref Entry entry = ref _tagged[(provider * TableEntries) + lookup.Index[provider]];
            if (entry.Tag == lookup.Tag[provider])
            {
                bool said = entry.Counter >= 0;
                if (said != lookup.Alternative)
                {
                    entry.Useful = said == taken ? (byte)Math.Min(entry.Useful + 1, 3) : (byte)Math.Max(entry.Useful - 1, 0);
                }

                entry.Counter = (sbyte)Math.Clamp(entry.Counter + (taken ? 1 : -1), -4, 3);
            }
        }

        if (provider < 0 || lookup.Alternative != taken)
        {
            ref byte counter = ref _base[address % BaseEntries];
            counter = taken ? (byte)Math.Min(counter + 1, 3) : (byte)Math.Max(counter - 1, 0);
        }

        if (lookup.Taken != taken && provider < Tables - 1)
        {
            Allocate(ref lookup, provider + 1, taken);
        }
    }

    internal void Save(Simulation.StateWriter writer)
    {
        writer.Bytes(_base);
        foreach (Entry entry in _tagged)
        {
            writer.UInt16(entry.Tag);
            writer.Byte((byte)entry.Counter);
            writer.Byte(entry.Useful);
        }

        writer.UInt32(_allocation);
    }

    internal void Restore(Simulation.StateReader reader)
    {
        reader.Bytes(_base.Length).CopyTo(_base);
        for (int i = 0; i < _tagged.Length; i++)
        {
            _tagged[i] = new Entry { Tag = reader.UInt16(), Counter = (sbyte)reader.Byte(), Useful = reader.Byte() };
        }

        _allocation = reader.UInt32();
    }

    private unsafe void Allocate(ref DirectionLookup lookup, int from, bool taken)
    {
        // Now and then skip a table, so that one history length is not the only one to learn; counted, to stay deterministic.
        _allocation++;
        if (from < Tables - 1 && _allocation % 3 == 0)
        {
            from++;
        }

        for (int table = from; table < Tables; table++)
        {
            ref Entry entry = ref _tagged[(table * TableEntries) + lookup.Index[table]];
            if (entry.Useful == 0)
            {
                entry = new Entry { Tag = lookup.Tag[table], Counter = (sbyte)(taken ? 0 : -1) };
                return;
            }

            entry.Useful--;
        }
    }

    private struct Entry
    {
        /// <summary>Bit 11 is set in every valid tag.</summary>
        public ushort Tag;

        /// <summary>-4 to 3; 0 and more predicts taken.</summary>
        public sbyte Counter;

        /// <summary>0 to 3.</summary>
        public byte Useful;
    }
}
