using CoSim.Cli.Study;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Running;

/// <summary>Makes the detailed engines of one machine, which share its caches.</summary>
/// <typeparam name="TProbe">What watches a core.</typeparam>
internal sealed class DetailedEngines<TProbe> : IEngineFactory
    where TProbe : struct, IDetailedProbe
{
    private readonly CoreParameters _parameters;
    private readonly InstructionTimings _timings = InstructionTimings.Load();
    private readonly CacheHierarchy _caches;
    private readonly Func<int, TProbe> _probe;

    /// <summary>Loads the model's data.</summary>
    /// <param name="model">The processor: latencies of memory are in nanoseconds and become cycles of its clock.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="probe">Makes the probe of a core.</param>
    public DetailedEngines(EpycModel model, int cores, Func<int, TProbe> probe)
    {
        _parameters = CoreParameters.Load(model.Base);
        _caches = new CacheHierarchy(new MemoryParameters(_parameters), cores);
        _probe = probe;
    }

    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core) =>
        new DetailedEngine<TProbe>(core, _caches, _parameters, _timings, _probe(core.Index));
}

/// <summary>Ways to make engines.</summary>
internal static class DetailedEngines
{
    /// <summary>Engines that nothing watches.</summary>
    public static IEngineFactory Plain(EpycModel model, int cores) => new DetailedEngines<NoProbe>(model, cores, _ => default);

    /// <summary>Engines that hand their retirements to a span collector.</summary>
    public static IEngineFactory Study(EpycModel model, int cores, SpanCollector spans) =>
        new DetailedEngines<StudyProbe>(model, cores, core => new StudyProbe(spans, core));
}
