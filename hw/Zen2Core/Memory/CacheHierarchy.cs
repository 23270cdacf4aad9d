using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>
/// What the cores of a machine share below their second-level caches: a victim third-level cache in each complex, MOESI probes
/// between cores with measured latencies, and DRAM. Tags, states and time only.
/// </summary>
/// <remarks>
/// A request changes every state it will change at the moment it is taken, and its line is then under way until the cycle it
/// answers with. Other cores' requests for a line that is under way wait for it (<see cref="AccessResult.Retry"/>), so that a
/// core which asked for ownership always gets to use it once.
/// </remarks>
public sealed class CacheHierarchy : IStateful
{
    private readonly CoreCaches[] _cores;
    private readonly CacheArray[] _thirdLevel;
    private readonly IStoreObserver?[] _observers;
    private ulong _dramFreeAt;

    /// <summary>Makes the hierarchy for a number of cores, numbered complex by complex, die by die.</summary>
    public CacheHierarchy(MemoryParameters parameters, int cores)
    {
        Parameters = parameters;
        _thirdLevel = new CacheArray[(cores + parameters.CoresPerComplex - 1) / parameters.CoresPerComplex];
        for (int i = 0; i < _thirdLevel.Length; i++)
        {
            _thirdLevel[i] = new CacheArray(parameters.L3Sets, parameters.L3Ways);
        }

        _observers = new IStoreObserver?[cores];
        _cores = new CoreCaches[cores];
        for (int i = 0; i < cores; i++)
        {
            _cores[i] = new CoreCaches(this, i);
        }
    }

    /// <summary>Sizes and latencies.</summary>
    public MemoryParameters Parameters { get; }

    /// <summary>Number of cores.</summary>
    public int CoreCount => _cores.Length;

    /// <summary>The core that has its turn, of cores that go in lock step.</summary>
    public int SteppedCore { get; private set; }

    /// <summary>The cycle that it is in.</summary>
    public ulong SteppedCycle { get; private set; }

    /// <inheritdoc/>
    public string StateName => "caches";

    /// <summary>Counts what happens to cores from outside: interrupts, and stores that bring them back.</summary>
    public uint Disturbances { get; private set; }

    /// <summary>Something has happened to a core from outside.</summary>
    public void NoteDisturbance() => Disturbances++;

    /// <summary>A core's turn begins, of cores that go in lock step.</summary>
    /// <param name="core">Its number.</param>
    /// <param name="cycle">The cycle.</param>
    public void NoteStep(int core, ulong cycle) => (SteppedCore, SteppedCycle) = (core, cycle);

    /// <summary>One core's own caches.</summary>
    public CoreCaches Core(int index) => _cores[index];

    /// <summary>Empties the third-level cache of a core's complex (for measurements that start cold).</summary>
    public void ClearThirdLevel(int core)
    {
        _thirdLevel[core / Parameters.CoresPerComplex].Clear();
        _dramFreeAt = 0;
    }

    /// <summary>Tells <paramref name="observer"/> of every other core's stores from now on.</summary>
    public void Watch(int core, IStoreObserver observer) => _observers[core] = observer;

    /// <summary>A core has written bytes within one page: every other core's loads are checked against it.</summary>
    public void Stored(int core, ulong physical, int size)
    {
        for (int i = 0; i < _observers.Length; i++)
        {
            if (i != core)
            {
                _observers[i]?.OnStored(physical, size);
            }
        }
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.UInt64(_dramFreeAt);
        foreach (CacheArray cache in _thirdLevel)
        {
            cache.Save(writer);
        }

        foreach (CoreCaches core in _cores)
        {
            core.Save(writer);
        }
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _dramFreeAt = reader.UInt64();
        foreach (CacheArray cache in _thirdLevel)
        {
            cache.Restore(reader);
        }

        foreach (CoreCaches core in _cores)
        {
            core.Restore(reader);
        }
    }

    /// <summary>
    /// Finds a line that a core's second level lacks, or lacks the right to write, and moves the states of every cache.
    /// </summary>
    /// <param name="requester">The core's number.</param>
    /// <param name="line">The line.</param>
    /// <param name="own">True to become the only holder.</param>
    /// <param name="held">What the requester has of it now.</param>
    /// <param name="now">The requester's cycle.</param>
    /// <param name="granted">The state that the requester has from now on.</param>
    internal AccessResult Request(int requester, ulong line, bool own, LineState held, ulong now, out LineState granted)
    {
        MemoryParameters p = Parameters;
        int complex = requester / p.CoresPerComplex;
        bool shared = false;
        bool dirty = held is LineState.Owned;
        int nearest = int.MaxValue;
        int farthest = 0;
        bool supplied = held != LineState.Invalid;

        foreach (CoreCaches core in _cores)
        {
            if (core.Index == requester || core.StateOf(line, out ulong readyAt) is not (LineState state and not LineState.Invalid))
            {
                continue;
            }

            if (readyAt > now)
            {
                granted = held;
                return new AccessResult(readyAt + 1, MemoryLevel.Remote, true);
            }

            int distance = Distance(requester, core.Index);
            farthest = Math.Max(farthest, distance);
            if (state != LineState.Shared || distance == p.SameComplexLatency)
            {
                nearest = Math.Min(nearest, distance);
            }

            shared = true;
            dirty |= state is LineState.Modified or LineState.Owned;
        }

        for (int i = 0; i < _thirdLevel.Length; i++)
        {
            int entry = _thirdLevel[i].Find(line);
            if (entry < 0)
            {
                continue;
            }

            LineState state = _thirdLevel[i].State(entry);
            int distance = i == complex ? p.L3Latency : Distance(requester, i * p.CoresPerComplex);
            farthest = Math.Max(farthest, distance);
            if (i == complex || state != LineState.Shared)
            {
                nearest = Math.Min(nearest, distance);
            }

            shared |= i != complex;
            dirty |= state is LineState.Modified or LineState.Owned;
            if (own || i == complex)
            {
                _thirdLevel[i].Remove(line);
            }
            else
            {
                _thirdLevel[i].State(entry) = state is LineState.Modified or LineState.Owned ? LineState.Owned : LineState.Shared;
            }
        }

        if (shared)
        {
            foreach (CoreCaches core in _cores)
            {
                if (core.Index != requester)
                {
                    core.Probe(line, own);
                }
            }
        }

        // With others left holding it, the dirty one among them (if any) stays its owner.
        granted = own ? LineState.Modified
            : !shared ? (dirty ? LineState.Modified : LineState.Exclusive)
            : LineState.Shared;
        int latency;
        if (supplied)
        {
            latency = Math.Max(farthest, p.L3Latency);
        }
        else if (nearest != int.MaxValue)
        {
            latency = own ? Math.Max(nearest, farthest) : nearest;
        }
        else
        {
            ulong start = Math.Max(now, _dramFreeAt);
            _dramFreeAt = start + (ulong)p.DramInterval;
            return new AccessResult(start + (ulong)p.DramLatency, MemoryLevel.Dram, false);
        }

        ulong ready = latency == p.L3Latency ? ThirdLevelAfter(requester, now) : now + (ulong)latency;
        return new AccessResult(ready, latency > p.SameComplexLatency ? MemoryLevel.Remote : MemoryLevel.L3, false);
    }

    /// <summary>
    /// The reference cycle at which the third level answers: the way through the core's own levels takes cycles of the core, the rest
    /// cycles of the third level, which runs with the fastest core of its complex (WikiChip, Zen 2: the L3 clock domain).
    /// </summary>
    private ulong ThirdLevelAfter(int requester, ulong now)
    {
        MemoryParameters p = Parameters;
        CoreClock own = _cores[requester].Clock, fastest = own;
        int first = requester / p.CoresPerComplex * p.CoresPerComplex;
        for (int i = first; i < Math.Min(first + p.CoresPerComplex, _cores.Length); i++)
        {
            CoreClock other = _cores[i].Clock;
            fastest = other.IsFasterThan(fastest) ? other : fastest;
        }

        return fastest.Later(own.Later(now, (ulong)p.L2Latency), (ulong)(p.L3Latency - p.L2Latency));
    }

    /// <summary>Takes a line that left a core's second level into its complex's third level.</summary>
    internal void Victim(int core, ulong line, LineState state)
    {
        CacheArray cache = _thirdLevel[core / Parameters.CoresPerComplex];
        int entry = cache.Find(line);
        if (entry < 0)
        {
            cache.Insert(line, state, 0, out _);
        }
        else if (cache.State(entry) < state)
        {
            cache.State(entry) = state;
        }
    }

    private int Distance(int from, int to)
    {
        MemoryParameters p = Parameters;
        int fromComplex = from / p.CoresPerComplex;
        int toComplex = to / p.CoresPerComplex;
        return fromComplex == toComplex ? p.SameComplexLatency
            : fromComplex / p.ComplexesPerDie == toComplex / p.ComplexesPerDie ? p.SameDieLatency
            : p.OtherDieLatency;
    }
}
