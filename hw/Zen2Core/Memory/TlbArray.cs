namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>One translation as the timing TLBs hold it.</summary>
public struct TlbTranslation
{
    /// <summary>Linear page number at the page's own size, times 64, plus log2 of that size; all ones when empty.</summary>
    public ulong Key;

    /// <summary>Physical address of the page.</summary>
    public ulong Physical;

    /// <summary>All levels allow writes.</summary>
    public bool Writable;

    /// <summary>All levels allow privilege level 3.</summary>
    public bool User;

    /// <summary>Some level forbids execution.</summary>
    public bool NoExecute;

    /// <summary>The dirty bit is set, so that stores need no walk.</summary>
    public bool Dirty;

    /// <summary>Makes a key.</summary>
    public static ulong KeyOf(ulong linear, int shift) => ((linear >> shift) << 6) | (uint)shift;

    /// <summary>log2 of the page size.</summary>
    public readonly int Shift => (int)(Key & 63);
}

/// <summary>A TLB: set associative, least recently used out. One set makes it fully associative.</summary>
public sealed class TlbArray
{
    private const int Hints = 256;

    private readonly TlbTranslation[] _entries;
    private readonly uint[] _lastUse;
    private readonly ushort[] _hints = new ushort[Hints];
    private readonly int _ways;
    private readonly uint _setMask;
    private uint _clock;

    /// <summary>Makes an empty TLB.</summary>
    /// <param name="sets">A power of two.</param>
    /// <param name="ways">1 or more.</param>
    public TlbArray(int sets, int ways)
    {
        _ways = ways;
        _setMask = (uint)sets - 1;
        _entries = new TlbTranslation[sets * ways];
        _lastUse = new uint[sets * ways];
        Clear();
    }

    /// <summary>Forgets every translation.</summary>
    public void Clear()
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i].Key = ulong.MaxValue;
        }
    }

    /// <summary>Forgets the translations of one linear page, whatever their size.</summary>
    public void Drop(ulong linear)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            ref TlbTranslation entry = ref _entries[i];
            if (entry.Key != ulong.MaxValue && entry.Key == TlbTranslation.KeyOf(linear, entry.Shift))
            {
                entry.Key = ulong.MaxValue;
            }
        }
    }

    /// <summary>The index of the translation with a key, or -1; counts as a use. Looks only where the key was last time.</summary>
    public int FindAgain(ulong key)
    {
        int hint = Hint(key);
        if (_entries[hint].Key != key)
        {
            return -1;
        }

        _lastUse[hint] = ++_clock;
        return hint;
    }

    /// <summary>The index of the translation with a key, or -1; counts as a use.</summary>
    public int Find(ulong key)
    {
        // A fully associative table would be searched entry by entry; a hint by hash finds nearly all at once.
        ref ushort hint = ref Hint(key);
        if (_entries[hint].Key == key)
        {
            _lastUse[hint] = ++_clock;
            return hint;
        }

        int first = First(key);
        for (int i = first; i < first + _ways; i++)
        {
            if (_entries[i].Key == key)
            {
                hint = (ushort)i;
                _lastUse[i] = ++_clock;
                return i;
            }
        }

        return -1;
    }

    /// <summary>The translation at an index.</summary>
    public ref TlbTranslation this[int index] => ref _entries[index];

    /// <summary>Enters a translation in place of the least recently used of its set, or of its older self.</summary>
    public void Insert(in TlbTranslation translation)
    {
        int first = First(translation.Key);
        int victim = first;
        for (int i = first; i < first + _ways; i++)
        {
            if (_entries[i].Key == translation.Key)
            {
                victim = i;
                break;
            }

            if (_entries[i].Key == ulong.MaxValue)
            {
                victim = i;
            }
            else if (_entries[victim].Key != ulong.MaxValue && _clock - _lastUse[i] > _clock - _lastUse[victim])
            {
                victim = i;
            }
        }

        _entries[victim] = translation;
        _lastUse[victim] = ++_clock;
    }

    internal void Save(Simulation.StateWriter writer)
    {
        writer.UInt32(_clock);
        for (int i = 0; i < _entries.Length; i++)
        {
            ref TlbTranslation e = ref _entries[i];
            writer.UInt64(e.Key);
            writer.UInt64(e.Physical);
            writer.Bool(e.Writable);
            writer.Bool(e.User);
            writer.Bool(e.NoExecute);
            writer.Bool(e.Dirty);
            writer.UInt32(_lastUse[i]);
        }
    }

    internal void Restore(Simulation.StateReader reader)
    {
        _clock = reader.UInt32();
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = new TlbTranslation
            {
                Key = reader.UInt64(),
                Physical = reader.UInt64(),
                Writable = reader.Bool(),
                User = reader.Bool(),
                NoExecute = reader.Bool(),
                Dirty = reader.Bool(),
            };
            _lastUse[i] = reader.UInt32();
        }
    }

    private ref ushort Hint(ulong key) => ref _hints[((key ^ (key >> 9)) >> 6) & (Hints - 1)];

    private int First(ulong key) => (int)((uint)(key >> 6) & _setMask) * _ways;
}
