using CoSim.Cli.Study;
using CoSim.Hw.Zen2Core;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>Makes detailed engines that nothing watches.</summary>
internal sealed class PlainEngines : IEngineFactory
{
    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core) => throw new BadInputException("--engine detailed", "this build has no detailed engine");
}

/// <summary>Makes detailed engines that hand their retirements to a span collector.</summary>
internal sealed class StudyEngines(SpanCollector spans) : IEngineFactory
{
    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core) => throw new BadInputException("--engine detailed", $"this build has no detailed engine to attribute {spans.Causes.Count} causes");
}
