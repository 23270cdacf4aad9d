using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>What an exporter reads.</summary>
/// <param name="Header">What the trace says about itself.</param>
/// <param name="Events">The events to export, in the trace's order; can be enumerated more than once.</param>
public sealed record ExportInput(TraceHeader Header, IEnumerable<TraceEvent> Events)
{
    /// <summary>Names of addresses, as the trace carries them.</summary>
    public TraceSymbols Symbols { get; init; } = new([]);

    /// <summary>The events without instructions, their micro-ops and their bytes: what happened, not how each of it was done.</summary>
    internal IEnumerable<TraceEvent> Happenings => Events.Where(e => e.Kind.Packing == Packing.None && !e.Kind.IsOfPipeline);
}
