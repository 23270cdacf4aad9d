using CoSim.Cli.Recording;
using CoSim.Cli.Study;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;

namespace CoSim.Cli.Running;

/// <summary>Makes the detailed engines of one machine, which share its caches.</summary>
/// <typeparam name="TProbe">What watches a core.</typeparam>
internal sealed class DetailedEngines<TProbe> : IEngineFactory
    where TProbe : struct, IDetailedProbe
{
    private readonly EpycModel _model;
    private readonly int _cores;
    private readonly Func<CoreContext, TProbe> _probe;
    private DetailedCores? _detailed;

    /// <summary>Notes the choices; the model's data is read when the first engine is made, so a functional run never reads it.</summary>
    /// <param name="model">The processor: latencies of memory are in nanoseconds and become cycles of its clock.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="probe">Makes the probe of a core.</param>
    public DetailedEngines(EpycModel model, int cores, Func<CoreContext, TProbe> probe)
    {
        _model = model;
        _cores = cores;
        _probe = probe;
    }

    /// <summary>Parameters of the cores; null for those that come with the simulator.</summary>
    public CoreParameters? Parameters { get; init; }

    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core)
    {
        _detailed ??= new DetailedCores(_cores, Parameters ?? CoreParameters.Load(_model.Base));
        return _detailed.Create(core, _probe(core));
    }
}

/// <summary>Ways to make engines.</summary>
internal static class DetailedEngines
{
    /// <summary>Engines that nothing watches.</summary>
    public static IEngineFactory Plain(EpycModel model, int cores) => new DetailedEngines<NoProbe>(model, cores, _ => default);

    /// <summary>Engines that are watched as far as a recording asks for it.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="level">What is recorded; null for nothing.</param>
    public static IEngineFactory For(EpycModel model, int cores, TraceLevel? level) => For(model, cores, level, []);

    /// <summary>The same with other parameters of the cores.</summary>
    /// <exception cref="Os.Loader.BadInputException">A parameter cannot be changed, or not to that value.</exception>
    public static IEngineFactory For(EpycModel model, int cores, TraceLevel? level, IReadOnlyList<ParameterChange> changes)
    {
        CoreParameters? parameters = ParameterChange.Apply(model, changes);
        return level >= TraceLevel.Retire
            ? new InstructionTap(model, cores, level.Value, parameters)
            : new DetailedEngines<NoProbe>(model, cores, _ => default) { Parameters = parameters };
    }

    /// <summary>Engines that hand their retirements to a span collector.</summary>
    public static IEngineFactory Study(EpycModel model, int cores, SpanCollector spans) =>
        new DetailedEngines<StudyProbe>(model, cores, core => new StudyProbe(spans, core.Index));
}
