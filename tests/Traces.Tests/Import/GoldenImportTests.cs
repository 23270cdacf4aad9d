using CoSim.Traces.Format;
using CoSim.Traces.Import;

namespace CoSim.Traces.Tests.Import;

/// <summary>Recordings that strace, perf and ftrace made of real programs on real kernels.</summary>
public sealed class GoldenImportTests
{
    [TestCaseSource(typeof(Recording), nameof(Recording.Names))]
    public void EveryLineIsUnderstoodAndBecomesTheExpectedEvents(string name)
    {
        string[] lines = Recording.Lines(name);
        ImportFormat? format = TraceImport.Detect(lines);
        Assert.That(TraceImport.FormatNames[(int)format!], Is.EqualTo(TraceImport.FormatNames.Single(f => name.StartsWith(f, StringComparison.Ordinal))));
        TraceImport import = TraceImport.Read(lines, format.Value);
        string[] events = [.. import.Events.Select(Recording.Text)];
        if (Environment.GetEnvironmentVariable("COSIM_WRITE_EVENTS") is { Length: > 0 } directory)
            File.WriteAllLines(Path.Combine(directory, name + ".events"), events);
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(events, Is.EqualTo(Recording.Expected(name)));
    }

    [TestCaseSource(typeof(Recording), nameof(Recording.Names))]
    public void ATraceOfItHoldsTheSameEvents(string name)
    {
        string[] lines = Recording.Lines(name);
        TraceImport import = TraceImport.Read(lines, TraceImport.Detect(lines)!.Value);
        MemoryStream stream = new();
        import.Write(stream);
        MemoryStream again = new();
        TraceImport.Read(lines, import.Report.Format).Write(again);
        using TraceReader reader = new(new MemoryStream(stream.ToArray()));
        Assert.That(reader.Events().Select(Recording.Text), Is.EqualTo(import.Events.Select(Recording.Text)));
        Assert.That(again.ToArray(), Is.EqualTo(stream.ToArray()), "the same recording gives the same bytes");
    }
}
