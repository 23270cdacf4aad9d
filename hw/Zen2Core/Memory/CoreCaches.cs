using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>
/// One core's first-level caches and its second level, which includes both. The second level's state is the core's MOESI
/// state of a line; the first levels mirror presence and arrival times.
/// </summary>
public sealed class CoreCaches
{
    private readonly CacheHierarchy _hierarchy;
    private readonly MemoryParameters _p;
    private readonly CacheArray _data;
    private readonly CacheArray _instruction;
    private readonly CacheArray _second;
    private readonly StreamPrefetcher _prefetcher = new();
    private readonly ulong[] _missDone;

    internal CoreCaches(CacheHierarchy hierarchy, int index)
    {
        _hierarchy = hierarchy;
        Index = index;
        _p = hierarchy.Parameters;
        _data = new CacheArray(_p.L1Sets, _p.L1Ways);
        _instruction = new CacheArray(_p.L1InstructionSets, _p.L1InstructionWays);
        _second = new CacheArray(_p.L2Sets, _p.L2Ways);
        _missDone = new ulong[_p.MissBuffers];
    }

    /// <summary>The core's number in the machine.</summary>
    public int Index { get; }

    /// <summary>The core's clock: the first two levels run with the core. All cycles here are reference cycles.</summary>
    public CoreClock Clock { get; } = new();

    /// <summary>Empties all three caches (INVD, or a measurement that starts cold).</summary>
    public void Clear()
    {
        _data.Clear();
        _instruction.Clear();
        _second.Clear();
        _prefetcher.Clear();
        Array.Clear(_missDone);
    }

    /// <summary>Requests to the first-level data cache since the machine was made; not part of a snapshot.</summary>
    public ulong DataAccesses { get; private set; }

    /// <summary>Those of them that went on to the second level.</summary>
    public ulong DataMisses { get; private set; }

    /// <summary>Lines of instructions that the first-level instruction cache did not have.</summary>
    public ulong InstructionMisses { get; private set; }

    /// <summary>Asks for a line to read from. Latency counts from <paramref name="now"/>, the cycle of the address.</summary>
    public AccessResult Load(ulong line, ulong now)
    {
        int entry = _data.Find(line);
        DataAccesses++;
        AccessResult result;
        if (entry >= 0)
        {
            _data.Touch(entry);
            ulong ready = Clock.Later(now, (ulong)_p.L1Latency);
            ulong fill = _data.ReadyAt(entry);
            result = fill <= ready ? new AccessResult(ready, MemoryLevel.L1, false) : new AccessResult(fill, MemoryLevel.L2, false);
        }
        else
        {
            result = Miss(_data, line, now, own: false);
            DataMisses += result.Retry ? 0u : 1;
        }

        if (!result.Retry && _prefetcher.Observe(line, out ulong next, out ulong after))
        {
            Prefetch(next, now);
            Prefetch(after, now);
        }

        return result;
    }

    /// <summary>Asks for a line to write to. Ready at once when the core owns it.</summary>
    public AccessResult Own(ulong line, ulong now)
    {
        int entry = _data.Find(line);
        DataAccesses++;
        if (entry >= 0 && _data.State(entry) >= LineState.Exclusive)
        {
            _data.Touch(entry);
            _data.State(entry) = LineState.Modified;
            int second = _second.Find(line);
            _second.State(second) = LineState.Modified;
            return new AccessResult(Math.Max(now, _data.ReadyAt(entry)), MemoryLevel.L1, false);
        }

        if (entry >= 0)
        {
            _data.Remove(line);
        }

        AccessResult result = Miss(_data, line, now, own: true);
        DataMisses += result.Retry ? 0u : 1;
        return result;
    }

    /// <summary>Asks for a line of instructions. A hit answers with <paramref name="now"/> itself: its latency is part of the pipeline's depth.</summary>
    public AccessResult Fetch(ulong line, ulong now)
    {
        int entry = _instruction.Find(line);
        if (entry >= 0)
        {
            _instruction.Touch(entry);
            ulong fill = _instruction.ReadyAt(entry);
            return fill <= now ? new AccessResult(now, MemoryLevel.L1, false) : new AccessResult(fill, MemoryLevel.L2, false);
        }

        AccessResult result = Miss(_instruction, line, now, own: false);
        InstructionMisses += result.Retry ? 0u : 1;

        // Straight-line code wants the next line as well; pages are translated one by one, so the prefetch stays within.
        if (!result.Retry && ((line + 1) & 63) != 0 && _instruction.Find(line + 1) < 0)
        {
            _ = Miss(_instruction, line + 1, now, own: false);
        }

        return result;
    }

    /// <summary>Drops a line everywhere in this core (CLFLUSH).</summary>
    public void Flush(ulong line)
    {
        _data.Remove(line);
        _instruction.Remove(line);
        _second.Remove(line);
    }

    /// <summary>The core's state of a line, and when the line's fill is done.</summary>
    internal LineState StateOf(ulong line, out ulong readyAt)
    {
        int entry = _second.Find(line);
        if (entry < 0)
        {
            readyAt = 0;
            return LineState.Invalid;
        }

        readyAt = _second.ReadyAt(entry);
        return _second.State(entry);
    }

    /// <summary>Another core reads (downgrade) or takes (invalidate) a line.</summary>
    internal void Probe(ulong line, bool invalidate)
    {
        int entry = _second.Find(line);
        if (entry < 0)
        {
            return;
        }

        if (invalidate)
        {
            _second.Remove(line);
            _data.Remove(line);
            _instruction.Remove(line);
            return;
        }

        LineState state = _second.State(entry) is LineState.Modified or LineState.Owned ? LineState.Owned : LineState.Shared;
        _second.State(entry) = state;
        int first = _data.Find(line);
        if (first >= 0)
        {
            _data.State(first) = state;
        }
    }

    internal void Save(StateWriter writer)
    {
        _data.Save(writer);
        _instruction.Save(writer);
        _second.Save(writer);
        _prefetcher.Save(writer);
        foreach (ulong done in _missDone)
        {
            writer.UInt64(done);
        }
    }

    internal void Restore(StateReader reader)
    {
        _data.Restore(reader);
        _instruction.Restore(reader);
        _second.Restore(reader);
        _prefetcher.Restore(reader);
        for (int i = 0; i < _missDone.Length; i++)
        {
            _missDone[i] = reader.UInt64();
        }
    }

    private AccessResult Miss(CacheArray first, ulong line, ulong now, bool own)
    {
        int entry = _second.Find(line);
        AccessResult result;
        if (entry >= 0 && (!own || _second.State(entry) >= LineState.Exclusive))
        {
            _second.Touch(entry);
            if (own)
            {
                _second.State(entry) = LineState.Modified;
            }

            ulong hit = Clock.Later(now, (ulong)_p.L2Latency);
            ulong ready = Math.Max(hit, _second.ReadyAt(entry));
            FillFirst(first, line, _second.State(entry), ready);
            return new AccessResult(ready, ready > hit ? MemoryLevel.L3 : MemoryLevel.L2, false);
        }

        int buffer = FreeMissBuffer(now, out ulong freeAt);
        if (buffer < 0)
        {
            return new AccessResult(freeAt, MemoryLevel.L3, true);
        }

        LineState held = entry >= 0 ? _second.State(entry) : LineState.Invalid;
        result = _hierarchy.Request(Index, line, own, held, now, out LineState granted);
        if (result.Retry)
        {
            return result;
        }

        _missDone[buffer] = result.ReadyAt;
        if (entry >= 0)
        {
            _second.State(entry) = granted;
            _second.ReadyAt(entry) = result.ReadyAt;
            _second.Touch(entry);
        }
        else
        {
            FillSecond(line, granted, result.ReadyAt);
        }

        FillFirst(first, line, granted, result.ReadyAt);
        return result;
    }

    private void Prefetch(ulong line, ulong now)
    {
        if (_second.Find(line) >= 0 || FreeMissBuffer(now, out _) is not (int buffer and >= 0))
        {
            return;
        }

        AccessResult result = _hierarchy.Request(Index, line, false, LineState.Invalid, now, out LineState granted);
        if (!result.Retry)
        {
            _missDone[buffer] = result.ReadyAt;
            FillSecond(line, granted, result.ReadyAt);
        }
    }

    private int FreeMissBuffer(ulong now, out ulong freeAt)
    {
        freeAt = ulong.MaxValue;
        for (int i = 0; i < _missDone.Length; i++)
        {
            if (_missDone[i] <= now)
            {
                return i;
            }

            freeAt = Math.Min(freeAt, _missDone[i]);
        }

        return -1;
    }

    private void FillFirst(CacheArray first, ulong line, LineState state, ulong readyAt)
    {
        int entry = first.Find(line);
        if (entry >= 0)
        {
            first.State(entry) = state;
            first.ReadyAt(entry) = readyAt;
            first.Touch(entry);
        }
        else
        {
            // A dirty line that leaves the first level is dirty in the second already.
            first.Insert(line, state, readyAt, out _);
        }
    }

    private void FillSecond(ulong line, LineState state, ulong readyAt)
    {
        LineState old = _second.Insert(line, state, readyAt, out ulong evicted);
        if (old != LineState.Invalid)
        {
            _data.Remove(evicted);
            _instruction.Remove(evicted);
            _hierarchy.Victim(Index, evicted, old);
        }
    }
}
