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
        new("collapsed", "collapsed stacks for flame graphs: cycles by function of a trace with instructions, else nanoseconds by what cores were busy with", new CollapsedExporter()),
        new("pprof", "pprof's profile.proto, of a trace with instructions: cycles by function, address and cause", new PprofExporter()),
        new("kanata", "Kanata's log for Konata, of a trace with micro-ops", new KanataExporter()),
        new("o3", "gem5's O3PipeView text, of a trace with the micro-ops of one core", new O3PipeViewExporter()),
    ];

    /// <summary>Finds a format; null when there is none of that name.</summary>
    public static ExportFormat? Find(string name) => All.FirstOrDefault(f => f.Name == name);
}
