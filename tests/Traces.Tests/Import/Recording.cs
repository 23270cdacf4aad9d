using CoSim.Traces.Format;
using CoSim.Traces.Import;

namespace CoSim.Traces.Tests.Import;

/// <summary>Recordings of real programs, and what imports make of text.</summary>
internal static class Recording
{
    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "Recordings");

    /// <summary>Names of all recordings, for test cases.</summary>
    public static IEnumerable<string> Names() =>
        System.IO.Directory.GetFiles(Directory, "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    /// <summary>The lines of a recording.</summary>
    public static string[] Lines(string name) => File.ReadAllLines(Path.Combine(Directory, name + ".txt"));

    /// <summary>The events that a recording must become, as text.</summary>
    public static string[] Expected(string name) => File.ReadAllLines(Path.Combine(Directory, name + ".events"));

    /// <summary>An event as in the files of expected ones: nanoseconds, kind, fields.</summary>
    public static string Text(TraceEvent e) => $"{e.Time.WholeNanoseconds} {e}";

    /// <summary>Imports lines.</summary>
    public static TraceImport Import(ImportFormat format, params string[] lines) => TraceImport.Read(lines, format);

    /// <summary>Imports one call of strace at time 1 and gives the event's fields.</summary>
    public static string Call(string call)
    {
        TraceImport import = Import(ImportFormat.Strace, $"7 1.000000 {call}");
        Assert.That(import.Report.Problems, Is.Empty);
        return import.Events.Single(e => e.Kind == ImportedEvents.Call).ToString();
    }
}
