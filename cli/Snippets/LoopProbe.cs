using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>Hears of retirements and micro-ops.</summary>
internal interface IPipelineListener
{
    /// <summary>An instruction retired.</summary>
    void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles);

    /// <summary>A micro-op retired; comes before its instruction's retirement.</summary>
    void OnMicroOp(ulong rip, int index, in StageCycles stages);
}

/// <summary>Passes retirements on to a listener; a run without one costs little.</summary>
internal struct LoopProbe : IDetailedProbe
{
    /// <summary>Who listens; null for nobody.</summary>
    public IPipelineListener? Listener;

    /// <inheritdoc/>
    public static bool WatchesRetirement => true;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => true;

    /// <inheritdoc/>
    public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => Listener?.OnRetire(rip, cycle, in cycles);

    /// <inheritdoc/>
    public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
    {
    }

    /// <inheritdoc/>
    public readonly void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    /// <inheritdoc/>
    public readonly void OnMicroOp(ulong rip, int index, in StageCycles stages) => Listener?.OnMicroOp(rip, index, in stages);
}
