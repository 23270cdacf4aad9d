using System.Numerics;
using System.Runtime.CompilerServices;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>
/// What happens to micro-ops at later cycles: a ring of buckets, one a cycle, and a bitmap that finds the next one that is not
/// empty, so that long stalls are jumped over. Events beyond the ring go around once more.
/// </summary>
internal sealed class EventWheel
{
    private const int Buckets = 1024;
    private const int Words = Buckets / 64;

    private readonly int[] _heads = new int[Buckets];
    private readonly int[] _tails = new int[Buckets];
    private readonly ulong[] _busy = new ulong[Words];
    private Node[] _nodes = new Node[1024];
    private int _free;
    private int _count;

    public EventWheel()
    {
        Array.Fill(_heads, -1);
        Link(0);
    }

    /// <summary>Schedules an event; it must be after the cycle last taken.</summary>
    public void Add(ulong cycle, ulong now, int slot, uint stamp)
    {
        Append(NewNode(cycle, slot, stamp), cycle, now);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int NewNode(ulong cycle, int slot, uint stamp)
    {
        if (_free < 0)
        {
            Grow();
        }

        int index = _free;
        ref Node node = ref _nodes[index];
        _free = node.Next;
        node.Cycle = cycle;
        node.Slot = slot;
        node.Stamp = stamp;
        _count++;
        return index;
    }

    /// <summary>Takes one event that is due at <paramref name="now"/>; call until it returns false.</summary>
    public bool Take(ulong now, out int slot, out uint stamp)
    {
        int bucket = (int)(now & (Buckets - 1));
        while (_heads[bucket] >= 0)
        {
            int index = _heads[bucket];
            ref Node node = ref _nodes[index];
            _heads[bucket] = node.Next;
            if (_heads[bucket] < 0)
            {
                _busy[bucket >> 6] &= ~(1UL << (bucket & 63));
            }

            if (node.Cycle > now)
            {
                Append(index, node.Cycle, now);
                continue;
            }

            slot = node.Slot;
            stamp = node.Stamp;
            node.Next = _free;
            _free = index;
            _count--;
            return true;
        }

        slot = 0;
        stamp = 0;
        return false;
    }

    /// <summary>The next cycle after <paramref name="now"/> with something in its bucket; <see cref="ulong.MaxValue"/> when nothing waits.</summary>
    public ulong NextAfter(ulong now)
    {
        if (_count == 0)
        {
            return ulong.MaxValue;
        }

        ulong from = now + 1;
        int start = (int)(from & (Buckets - 1));
        int word = start >> 6;
        ulong bits = _busy[word] & (ulong.MaxValue << (start & 63));
        for (int i = 0; i <= Words; i++)
        {
            if (bits != 0)
            {
                int bucket = (word << 6) + BitOperations.TrailingZeroCount(bits);
                return from + (ulong)((bucket - start) & (Buckets - 1));
            }

            word = (word + 1) & (Words - 1);
            bits = _busy[word];
        }

        return ulong.MaxValue;
    }

    /// <summary>Writes what waits, in the order in which it will be taken.</summary>
    public void Save(StateWriter writer)
    {
        writer.Int32(_count);
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            for (int index = _heads[bucket]; index >= 0; index = _nodes[index].Next)
            {
                writer.Int32(bucket);
                writer.UInt64(_nodes[index].Cycle);
                writer.Int32(_nodes[index].Slot);
                writer.UInt32(_nodes[index].Stamp);
            }
        }
    }

    /// <summary>Brings back what <see cref="Save"/> wrote.</summary>
    public void Restore(StateReader reader)
    {
        Clear();
        for (int count = reader.Int32(); count > 0; count--)
        {
            int bucket = reader.Int32();
            int index = NewNode(reader.UInt64(), reader.Int32(), reader.UInt32());
            AppendTo(bucket, index);
        }
    }

    /// <summary>Forgets every event.</summary>
    public void Clear()
    {
        Array.Fill(_heads, -1);
        Array.Clear(_busy);
        _count = 0;
        Link(0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(int index, ulong cycle, ulong now)
    {
        // Beyond the horizon: wait in the last bucket of this turn, then go on from there.
        ulong at = cycle - now < Buckets ? cycle : now + Buckets - 1;
        AppendTo((int)(at & (Buckets - 1)), index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AppendTo(int bucket, int index)
    {
        _nodes[index].Next = -1;
        if (_heads[bucket] < 0)
        {
            _heads[bucket] = index;
            _busy[bucket >> 6] |= 1UL << (bucket & 63);
        }
        else
        {
            _nodes[_tails[bucket]].Next = index;
        }

        _tails[bucket] = index;
    }

    private void Grow()
    {
        int old = _nodes.Length;
        Array.Resize(ref _nodes, old * 2);
        Link(old);
    }

    private void Link(int from)
    {
        for (int i = from; i < _nodes.Length; i++)
        {
            _nodes[i].Next = i + 1 < _nodes.Length ? i + 1 : -1;
        }

        _free = from;
    }

    private struct Node
    {
        public ulong Cycle;
        public int Slot;
        public int Next;
        public uint Stamp;
    }
}
