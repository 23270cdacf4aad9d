using System.Runtime.CompilerServices;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>
/// Tags, states and replacement order of one set-associative cache of 64-byte lines. It holds no data: values are always in
/// <see cref="PhysicalMemory"/>. Lines are physical addresses shifted right by 6.
/// </summary>
public sealed class CacheArray
{
    /// <summary>Bytes in a line, as a shift.</summary>
    public const int LineShift = 6;

    private const ulong NoLine = ulong.MaxValue;

    private readonly ulong[] _tags;
    private readonly LineState[] _states;
    private readonly ulong[] _readyAt;
    private readonly uint[] _lastUse;
    private readonly int _ways;
    private readonly ulong _setMask;
    private uint _clock;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="sets">A power of two.</param>
    /// <param name="ways">1 or more.</param>
    public CacheArray(int sets, int ways)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sets & (sets - 1), 0);
        _ways = ways;
        _setMask = (ulong)sets - 1;
        _tags = new ulong[sets * ways];
        _states = new LineState[sets * ways];
        _readyAt = new ulong[sets * ways];
        _lastUse = new uint[sets * ways];
        Clear();
    }

    /// <summary>Forgets every line.</summary>
    public void Clear()
    {
        Array.Fill(_tags, NoLine);
        Array.Clear(_states);
        Array.Clear(_readyAt);
        Array.Clear(_lastUse);
        _clock = 0;
    }

    /// <summary>The entry that holds a line, or -1. Does not count as a use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong line)
    {
        int first = (int)(line & _setMask) * _ways;
        ReadOnlySpan<ulong> tags = _tags.AsSpan(first, _ways);
        for (int way = 0; way < tags.Length; way++)
        {
            if (tags[way] == line)
            {
                return first + way;
            }
        }

        return -1;
    }

    /// <summary>Makes an entry the most recently used of its set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(int entry) => _lastUse[entry] = ++_clock;

    /// <summary>The entry's state.</summary>
    public ref LineState State(int entry) => ref _states[entry];

    /// <summary>The core cycle from which the entry's data is here: later than the present while a fill is under way.</summary>
    public ref ulong ReadyAt(int entry) => ref _readyAt[entry];

    /// <summary>
    /// Puts a line in, as the most recently used of its set, and tells what had to go for it.
    /// </summary>
    /// <param name="line">The line; it must not be here already.</param>
    /// <param name="state">Its state; not <see cref="LineState.Invalid"/>.</param>
    /// <param name="readyAt">The cycle at which its data arrives.</param>
    /// <param name="evicted">The line that left, when the result is not <see cref="LineState.Invalid"/>.</param>
    /// <returns>The state of the line that left; <see cref="LineState.Invalid"/> when there was room.</returns>
    public LineState Insert(ulong line, LineState state, ulong readyAt, out ulong evicted)
    {
        int first = (int)(line & _setMask) * _ways;
        int victim = first;
        for (int entry = first; entry < first + _ways; entry++)
        {
            if (_states[entry] == LineState.Invalid)
            {
                victim = entry;
                break;
            }

            // Unsigned distance, so that the order survives the use counter's wrap.
            if (_clock - _lastUse[entry] > _clock - _lastUse[victim])
            {
                victim = entry;
            }
        }

        evicted = _tags[victim];
        LineState old = _states[victim];
        _tags[victim] = line;
        _states[victim] = state;
        _readyAt[victim] = readyAt;
        Touch(victim);
        return old;
    }

    /// <summary>Drops a line.</summary>
    /// <returns>The state it had; <see cref="LineState.Invalid"/> when it was not here.</returns>
    public LineState Remove(ulong line)
    {
        int entry = Find(line);
        if (entry < 0)
        {
            return LineState.Invalid;
        }

        LineState old = _states[entry];
        _tags[entry] = NoLine;
        _states[entry] = LineState.Invalid;
        return old;
    }

    /// <summary>Writes the whole array: what a snapshot needs for the same future.</summary>
    public void Save(StateWriter writer)
    {
        writer.UInt32(_clock);
        for (int i = 0; i < _tags.Length; i++)
        {
            writer.UInt64(_tags[i]);
            writer.Byte((byte)_states[i]);
            writer.UInt64(_readyAt[i]);
            writer.UInt32(_lastUse[i]);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Restore(StateReader reader)
    {
        _clock = reader.UInt32();
        for (int i = 0; i < _tags.Length; i++)
        {
            _tags[i] = reader.UInt64();
            byte state = reader.Byte();
            _states[i] = state <= (byte)LineState.Modified ? (LineState)state : throw reader.Wrong($"line state {state}");
            _readyAt[i] = reader.UInt64();
            _lastUse[i] = reader.UInt32();
        }
    }
}
