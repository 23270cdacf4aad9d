using CoSim.Cli.Running;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Recording;

/// <summary>Makes engines whose instructions, and at level `pipeline` micro-ops, can be recorded.</summary>
internal sealed class InstructionTap : IEngineFactory
{
    private readonly IEngineFactory _engines;

    /// <summary>Notes the choices.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="level">What is recorded: at least <see cref="TraceLevel.Retire"/>.</param>
    /// <param name="parameters">Parameters of the cores; null for those that come with the simulator.</param>
    public InstructionTap(EpycModel model, int cores, TraceLevel level, CoreParameters? parameters) => _engines = level >= TraceLevel.Pipeline
        ? new DetailedEngines<PipelineTap>(model, cores, core => new PipelineTap(this, core)) { Parameters = parameters }
        : new DetailedEngines<RetireTap>(model, cores, core => new RetireTap(this, core)) { Parameters = parameters };

    /// <summary>Who takes what is seen; null for nobody.</summary>
    public InstructionSource? Source { get; private set; }

    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core) => _engines.CreateDetailed(core);

    /// <summary>Reports the instructions of a machine from now on.</summary>
    public void Attach(Machine machine, InstructionSource? source)
    {
        Source = source;
        foreach (MachineCore core in machine.Cores)
        {
            core.Context.RetirementProbe = source;
            core.Context.PathProbe = source?.Path;
        }
    }
}

/// <summary>Hands one core's retirements on.</summary>
internal readonly struct RetireTap(InstructionTap tap, CoreContext core) : IDetailedProbe
{
    /// <inheritdoc/>
    public static bool WatchesRetirement => true;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => false;

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => tap.Source?.OnRetire(core, rip, cycle, in cycles);

    /// <inheritdoc/>
    public void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles) => tap.Source?.OnDeliver(core, rip, cycle, in cycles);

    /// <inheritdoc/>
    public void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}

/// <summary>Hands one core's retirements and micro-ops on.</summary>
internal readonly struct PipelineTap(InstructionTap tap, CoreContext core) : IDetailedProbe
{
    /// <inheritdoc/>
    public static bool WatchesRetirement => true;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => true;

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => tap.Source?.OnRetire(core, rip, cycle, in cycles);

    /// <inheritdoc/>
    public void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles) => tap.Source?.OnDeliver(core, rip, cycle, in cycles);

    /// <inheritdoc/>
    public void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages) => tap.Source?.OnMicroOp(core, rip, index, in stages);
}
