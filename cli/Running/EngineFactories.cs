using CoSim.Cli.Study;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Running;

/// <summary>Makes the detailed engines of one machine, which share its caches.</summary>
/// <typeparam name="TProbe">What watches a core.</typeparam>
internal sealed class DetailedEngines<TProbe> : IEngineFactory
    where TProbe : struct, IDetailedProbe
{
    private readonly EpycModel _model;
    private readonly int _cores;
    private readonly Func<int, TProbe> _probe;
    private DetailedCores? _detailed;

    /// <summary>Notes the choices; the model's data is read when the first engine is made, so a functional run never reads it.</summary>
    /// <param name="model">The processor: latencies of memory are in nanoseconds and become cycles of its clock.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="probe">Makes the probe of a core.</param>
    public DetailedEngines(EpycModel model, int cores, Func<int, TProbe> probe)
    {
        _model = model;
        _cores = cores;
        _probe = probe;
    }

    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core)
    {
        _detailed ??= new DetailedCores(_cores, _model.Base);
        return _detailed.Create(core, _probe(core.Index));
    }
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
