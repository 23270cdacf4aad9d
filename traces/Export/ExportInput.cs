using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>What an exporter reads.</summary>
/// <param name="Header">What the trace says about itself.</param>
/// <param name="Events">The events to export, in the trace's order; can be enumerated more than once.</param>
public sealed record ExportInput(TraceHeader Header, IEnumerable<TraceEvent> Events);
