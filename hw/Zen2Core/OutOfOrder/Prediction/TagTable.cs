using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>A set-associative table from a branch's address to its target, least recently used out.</summary>
internal sealed class TagTable
{
    private readonly ulong[] _tags;
    private readonly ulong[] _targets;
    private readonly uint[] _lastUse;
    private readonly int _ways;
    private readonly uint _sets;
    private uint _clock;

    /// <param name="sets">A power of two.</param>
    /// <param name="ways">1 or more.</param>
    public TagTable(int sets, int ways)
    {
        _sets = (uint)sets;
        _ways = ways;
        _tags = new ulong[sets * ways];
        _targets = new ulong[sets * ways];
        _lastUse = new uint[sets * ways];
        Clear();
    }

    public void Clear()
    {
        // No branch ends at the last byte of the address space, so all ones is free to mean "empty".
        Array.Fill(_tags, ulong.MaxValue);
        Array.Clear(_targets);
        Array.Clear(_lastUse);
        _clock = 0;
    }

    public bool Find(ulong address, out ulong target)
    {
        int entry = IndexOf(address);
        if (entry < 0)
        {
            target = 0;
            return false;
        }

        _lastUse[entry] = ++_clock;
        target = _targets[entry];
        return true;
    }

    /// <summary>Sets the target of an address that is here already.</summary>
    public bool Update(ulong address, ulong target)
    {
        int entry = IndexOf(address);
        if (entry < 0)
        {
            return false;
        }

        _targets[entry] = target;
        return true;
    }

    public void Insert(ulong address, ulong target)
    {
        int entry = IndexOf(address);
        if (entry < 0)
        {
            int first = First(address);
            entry = first;
            for (int i = first; i < first + _ways; i++)
            {
                if (_tags[i] == ulong.MaxValue)
                {
                    entry = i;
                    break;
                }

                if (_clock - _lastUse[i] > _clock - _lastUse[entry])
                {
                    entry = i;
                }
            }
        }

        _tags[entry] = address;
        _targets[entry] = target;
        _lastUse[entry] = ++_clock;
    }

    public void Save(StateWriter writer)
    {
        writer.UInt32(_clock);
        for (int i = 0; i < _tags.Length; i++)
        {
            writer.UInt64(_tags[i]);
            writer.UInt64(_targets[i]);
            writer.UInt32(_lastUse[i]);
        }
    }

    public void Restore(StateReader reader)
    {
        _clock = reader.UInt32();
        for (int i = 0; i < _tags.Length; i++)
        {
            _tags[i] = reader.UInt64();
            _targets[i] = reader.UInt64();
            _lastUse[i] = reader.UInt32();
        }
    }

    private int First(ulong address) => (int)((uint)((address >> 1) ^ (address >> 11) ^ (address >> 21)) & (_sets - 1)) * _ways;

    private int IndexOf(ulong address)
    {
        int first = First(address);
        for (int i = first; i < first + _ways; i++)
        {
            if (_tags[i] == address)
            {
                return i;
            }
        }

        return -1;
    }
}
