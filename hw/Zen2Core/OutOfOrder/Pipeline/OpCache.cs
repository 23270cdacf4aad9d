namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>
/// Which runs of decoded instructions the op cache holds: tags only. An entry is up to 8 instructions that start in one
/// 64-byte line; it is entered at its first instruction (AMD 56305, section 2.9).
/// </summary>
internal sealed class OpCache(int sets, int ways)
{
    private readonly ulong[] _starts = NewTags(sets * ways);
    private readonly byte[] _counts = new byte[sets * ways];
    private readonly uint[] _lastUse = new uint[sets * ways];
    private uint _clock;

    public void Clear()
    {
        Array.Fill(_starts, ulong.MaxValue);
        _clock = 0;
    }

    /// <summary>How many instructions the entry that starts at an address holds; 0 when there is none.</summary>
    public int Lookup(ulong address)
    {
        int first = First(address);
        for (int i = first; i < first + ways; i++)
        {
            if (_starts[i] == address)
            {
                // Fetch that starts again at the same place, before or after a snapshot, must leave no trace.
                if (_lastUse[i] != _clock)
                {
                    _lastUse[i] = ++_clock;
                }

                return _counts[i];
            }
        }

        return 0;
    }

    /// <summary>Puts an entry in place of the least recently used of its set.</summary>
    public void Insert(ulong address, int count)
    {
        int first = First(address);
        int victim = first;
        for (int i = first; i < first + ways; i++)
        {
            if (_starts[i] == address)
            {
                victim = i;
                break;
            }

            if (_clock - _lastUse[i] > _clock - _lastUse[victim])
            {
                victim = i;
            }
        }

        _starts[victim] = address;
        _counts[victim] = (byte)count;
        _lastUse[victim] = ++_clock;
    }

    public void Save(Simulation.StateWriter writer)
    {
        writer.UInt32(_clock);
        for (int i = 0; i < _starts.Length; i++)
        {
            writer.UInt64(_starts[i]);
            writer.Byte(_counts[i]);
            writer.UInt32(_lastUse[i]);
        }
    }

    public void Restore(Simulation.StateReader reader)
    {
        _clock = reader.UInt32();
        for (int i = 0; i < _starts.Length; i++)
        {
            _starts[i] = reader.UInt64();
            _counts[i] = reader.Byte();
            _lastUse[i] = reader.UInt32();
        }
    }

    private static ulong[] NewTags(int count)
    {
        ulong[] tags = new ulong[count];
        Array.Fill(tags, ulong.MaxValue);
        return tags;
    }

    private int First(ulong address) => (int)((address >> 6) & ((uint)sets - 1)) * ways;
}
