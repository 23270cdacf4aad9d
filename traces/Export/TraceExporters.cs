namespace CoSim.Traces.Export;

/// <summary>A format that traces can be exported to.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Exporter">Writes it.</param>
public sealed record ExportFormat(string Name, string Description, ITraceExporter Exporter);

/// <summary>All formats that traces can be exported to.</summary>
public static class TraceExporters
{
    /// <summary>The formats, in the order in which they are listed.</summary>
    public static IReadOnlyList<ExportFormat> All { get; } =
    [
        new("perfetto", "Perfetto protobuf, for ui.perfetto.dev and trace_processor: tracks for cores, interrupts, timers, system calls, counters", new PerfettoExporter()),
        new("vcd", "value change dump (IEEE 1364), for GTKWave: interrupt lines, timers, counters, cores, local APICs", new VcdExporter()),
        new("csv", "one line an event, one column a field", new CsvExporter()),
        new("sqlite", "an SQLite database, one table a kind of events", new SqliteExporter()),
        new("perf-script", "text as 'perf script --ns' prints it", new PerfScriptExporter()),
        new("collapsed", "collapsed stacks with nanoseconds, for flame graphs", new CollapsedExporter()),
    ];

    /// <summary>Finds a format; null when there is none of that name.</summary>
    public static ExportFormat? Find(string name) => All.FirstOrDefault(f => f.Name == name);
}
