using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Traces.Format;

namespace CoSim.Traces.Driven;

/// <summary>
/// Pipelines and caches of the cores of a trace, driven by it: no value is computed, and there is no memory, no device and no other part of a machine. The cores take turns in the order of
/// their cycles, so that lines go between their caches about as they did.
/// </summary>
public sealed class DrivenRun : ICoreProbe, IDisposable
{
    private readonly PathFeed _feed;
    private readonly PhysicalMemory _memory = new();
    private readonly CoreContext[] _contexts;
    private readonly DetailedEngine<DrivenProbe>[] _engines;

    /// <summary>Makes the cores. Caches and predictors are empty.</summary>
    /// <param name="feed">The trace.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="clock">Their clock.</param>
    /// <param name="parameters">Sizes and latencies.</param>
    /// <param name="onRetire">Called with what each core retires.</param>
    public DrivenRun(PathFeed feed, int cores, Frequency clock, CoreParameters parameters, DrivenRetirement onRetire)
    {
        _feed = feed;
        DetailedCores detailed = new(cores, parameters);
        CoreEnvironment environment = new()
        {
            Memory = _memory,
            Mmio = new MmioBus(),
            Ports = new PortBus(),
            Events = new EventQueue(),
            Clock = new ClockDomain("core", clock, 0),
            Code = new CodeCache(_memory),
        };
        _contexts = new CoreContext[cores];
        _engines = new DetailedEngine<DrivenProbe>[cores];
        for (int i = 0; i < cores; i++)
        {
            _contexts[i] = new CoreContext(environment, i, this);
            ResetState.Reset(_contexts[i]);
            _engines[i] = detailed.Create(_contexts[i], new DrivenProbe(i, onRetire));
            _engines[i].Follow(feed.PathOf(i));
        }
    }

    /// <summary>Instructions retired.</summary>
    public ulong Retired => Sum(e => e.Retired);

    /// <summary>Branches that went another way than predicted.</summary>
    public ulong Mispredictions => Sum(e => e.Mispredictions);

    /// <summary>Addresses and pages that the trace did not tell.</summary>
    public ulong Unknown
    {
        get
        {
            ulong sum = 0;
            for (int i = 0; i < _engines.Length; i++)
                sum += _feed.PathOf(i).Unknown;
            return sum;
        }
    }

    /// <summary>Runs every core to the end of its path.</summary>
    /// <exception cref="PathException">The trace lacks something that every driven run needs, or a core does not come on.</exception>
    public void Run()
    {
        bool[] started = new bool[_engines.Length];
        while (true)
        {
            int next = -1;
            bool all = true;
            ulong other = ulong.MaxValue;
            for (int i = 0; i < _engines.Length; i++)
            {
                if (!started[i] && (_feed.HasStep(i) || _feed.AtEnd))
                {
                    _engines[i].StartPath();
                    started[i] = true;
                }

                if (started[i] && _engines[i].PathEnded)
                    continue;
                all = false;
                if (!started[i] || !IsRunnable(i))
                    continue;
                if (next < 0 || _engines[i].Now < _engines[next].Now)
                    (next, other) = (i, next < 0 ? other : Math.Min(other, _engines[next].Now));
                else
                    other = Math.Min(other, _engines[i].Now);
            }

            if (all)
                return;
            if (next < 0)
                _feed.ReadAhead();
            else
                RunOn(next, other);
        }
    }

    /// <summary>A core that waits goes on when the trace, which the others read on in, has come to the end of its wait.</summary>
    private bool IsRunnable(int core) => !_engines[core].WaitsForStep || _feed.HasStep(core) || _feed.AtEnd;

    /// <summary>Runs a core until it has passed another's present. One that gets nowhere in any time that a machine takes for an instruction never will.</summary>
    private void RunOn(int core, ulong other)
    {
        const ulong longest = 1 << 26;
        DetailedEngine<DrivenProbe> engine = _engines[core];
        ulong steps = engine.StepsTaken;
        if (other != ulong.MaxValue && other - Math.Min(other, engine.Now) < longest)
        {
            engine.Run(other + 1);
            return;
        }

        engine.Run(engine.Now + longest);
        if (engine.StepsTaken == steps && !engine.PathEnded && !engine.WaitsForStep && !engine.AwaitsDelivery)
            throw new PathException($"core {core} does not come past step {steps} of its path");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DetailedEngine<DrivenProbe> engine in _engines)
            engine.Dispose();
        foreach (CoreContext context in _contexts)
            context.Dispose();
        _contexts[0].Code.Dispose();
        _memory.Dispose();
        _feed.Dispose();
    }

    void ICoreProbe.OnMarker(CoreContext core, byte code, ulong rax)
    {
    }

    void ICoreProbe.OnUnmodelled(CoreContext core, string what)
    {
    }

    void ICoreProbe.OnShutdown(CoreContext core)
    {
    }

    private ulong Sum(Func<DetailedEngine<DrivenProbe>, ulong> value) => _engines.Aggregate(0UL, (sum, e) => sum + value(e));
}

/// <summary>Hears what a driven core retires.</summary>
/// <param name="core">The core.</param>
/// <param name="isDelivery">An interrupt or exception was delivered instead.</param>
/// <param name="rip">The instruction.</param>
/// <param name="cycle">The core cycle.</param>
/// <param name="cycles">Cycles since the one before, by cause.</param>
public delegate void DrivenRetirement(int core, bool isDelivery, ulong rip, ulong cycle, in CycleCounts cycles);

/// <summary>Makes an engine follow a recording, and hands on what it retires.</summary>
internal readonly struct DrivenProbe(int core, DrivenRetirement onRetire) : IDetailedProbe
{
    /// <inheritdoc/>
    public static bool WatchesRetirement => true;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => false;

    /// <inheritdoc/>
    public static bool FollowsRecording => true;

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => onRetire(core, false, rip, cycle, in cycles);

    /// <inheritdoc/>
    public void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles) => onRetire(core, true, rip, cycle, in cycles);

    /// <inheritdoc/>
    public void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}
