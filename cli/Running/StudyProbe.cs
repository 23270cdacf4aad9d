using CoSim.Cli.Study;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Running;

/// <summary>Hands one core's retirements and markers to the span collector.</summary>
internal readonly struct StudyProbe(SpanCollector spans, int core) : IDetailedProbe
{
    /// <inheritdoc/>
    public static bool WatchesRetirement => true;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => false;

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles)
    {
        if (!spans.IsOpen(core))
            return;
        Charge(rip, cycles);
        spans.Retire(core, rip);
    }

    /// <inheritdoc/>
    public void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
    {
        if (spans.IsOpen(core))
            Charge(rip, cycles);
    }

    /// <inheritdoc/>
    public void OnMarker(byte code, ulong argument, ulong cycle)
    {
        switch ((GuestRequest)code)
        {
            case GuestRequest.SpanBegin:
                spans.Begin(core, argument, cycle);
                break;
            case GuestRequest.SpanEnd:
                spans.End(core, argument, cycle);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }

    private void Charge(ulong rip, in CycleCounts cycles)
    {
        for (int cause = 0; cause < CycleCauses.Count; cause++)
            spans.Charge(core, rip, cause, cycles[cause]);
    }
}
