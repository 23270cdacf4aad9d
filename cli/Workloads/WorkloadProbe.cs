using CoSim.Cli.Running;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Workloads;

/// <summary>Hands one core's retirements and markers to the collector.</summary>
internal readonly struct WorkloadProbe(WorkloadCollector collector, int core) : IDetailedProbe
{
    /// <inheritdoc/>
    public static bool WatchesRetirement => true;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => false;

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => collector.Charge(core, in cycles, retired: true);

    /// <inheritdoc/>
    public void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles) => collector.Charge(core, in cycles, retired: false);

    /// <inheritdoc/>
    public void OnMarker(byte code, ulong argument, ulong cycle)
    {
        if ((GuestRequest)code == GuestRequest.SpanBegin)
            collector.Begin(core, argument, cycle);
        else if ((GuestRequest)code == GuestRequest.SpanEnd)
            collector.End(core, argument, cycle);
    }

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}
