using CoSim.Traces.Format;
using CoSim.Traces.Import.Strace;
using CoSim.Traces.Import.Tracepoints;

namespace CoSim.Traces.Import;

/// <summary>A recording of a real program, brought into the project's own form.</summary>
/// <param name="Events">What happened, in order, from time zero.</param>
/// <param name="Report">What was understood.</param>
public sealed record TraceImport(IReadOnlyList<TraceEvent> Events, ImportReport Report)
{
    /// <summary>The words for formats, in the order of <see cref="ImportFormat"/>.</summary>
    public static IReadOnlyList<string> FormatNames { get; } = ["strace", "perf-script", "ftrace"];

    /// <summary>The format of a recording; null when none of its first lines is one of a recorder.</summary>
    /// <param name="head">The first lines.</param>
    public static ImportFormat? Detect(IReadOnlyList<string> head)
    {
        long[] understood = new long[FormatNames.Count];
        foreach (ImportFormat format in Enum.GetValues<ImportFormat>())
            understood[(int)format] = Read(head, format).Report.Understood;

        int best = Array.IndexOf(understood, understood.Max());
        return understood[best] == 0 ? null : (ImportFormat)best;
    }

    /// <summary>Reads a recording. Lines that are not understood are counted and named in the report.</summary>
    public static TraceImport Read(IEnumerable<string> lines, ImportFormat format)
    {
        ProgramRecorder recorder = new();
        ILineImporter importer = format == ImportFormat.Strace ? new StraceImporter(recorder) : new TracepointImporter(recorder, format);
        ImportReport report = new() { Format = format };
        foreach (string line in lines)
        {
            report.Lines++;
            try
            {
                if (line.Length > RecordingLines.LongestLine)
                    throw new LineException($"longer than {RecordingLines.LongestLine} characters");
                if (!importer.Read(line))
                    report.Silent++;
            }
            catch (LineException e)
            {
                report.Add(report.Lines, e.Message, line);
            }
        }

        importer.Finish();
        return new TraceImport(recorder.Finish(report), report);
    }

    /// <summary>Writes the events as a trace.</summary>
    /// <param name="stream">Receives it.</param>
    public void Write(Stream stream)
    {
        TraceWriter writer = new(stream, new TraceHeader(TraceLevel.Events, [new("imported-from", FormatNames[(int)Report.Format])], ImportedEvents.All));
        foreach (TraceEvent e in Events)
            writer.Write(in e);
        writer.Finish();
    }
}
