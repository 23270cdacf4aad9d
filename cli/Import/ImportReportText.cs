using System.Globalization;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;
using CoSim.Traces.Import;

namespace CoSim.Cli.Import;

/// <summary>What an import found, for people and as JSON.</summary>
internal static class ImportReportText
{
    private const int ShownProblems = 5;

    /// <summary>Writes a table of the events, and what was not understood.</summary>
    public static void Write(ImportReport report, string path, TextWriter output, TextWriter error)
    {
        TextTable table = new TextTable().Words("event").Numbers("count");
        foreach ((string name, long count) in report.Events)
            table.Row(name, Number(count));
        Screen.For(output).Write(table);
        output.WriteLine();
        output.WriteLine($"{Name(report.Format)}: {report.Lines} lines, {report.Understood} understood, {report.Silent} without meaning, {report.NotUnderstood} not understood");
        output.WriteLine($"{report.Threads} threads, {ExactDecimal.Ratio(report.Length, 1_000_000_000, 6)} s");
        foreach (LineProblem problem in report.Problems.Take(ShownProblems))
            error.WriteLine($"cosim: {path}: line {problem.Line}: {problem.Cause}: '{problem.Text}'");
        foreach ((string cause, long count) in report.Causes)
            error.WriteLine($"cosim: {path}: {count} lines not understood: {cause}");
    }

    /// <summary>Writes the same as JSON.</summary>
    public static void WriteJson(ImportReport report, TextWriter output)
    {
        output.WriteLine(JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("schema", "cosim.trace.import/1");
            json.WriteString("format", Name(report.Format));
            json.WriteNumber("lines", report.Lines);
            json.WriteNumber("understood", report.Understood);
            json.WriteNumber("silent", report.Silent);
            json.WriteNumber("notUnderstood", report.NotUnderstood);
            json.WriteNumber("threads", report.Threads);
            json.WriteNumber("nanoseconds", report.Length);
            json.WriteStartObject("events");
            foreach ((string name, long count) in report.Events)
                json.WriteNumber(name, count);
            json.WriteEndObject();
            json.WriteStartObject("causes");
            foreach ((string cause, long count) in report.Causes)
                json.WriteNumber(cause, count);
            json.WriteEndObject();
            json.WriteStartArray("problems");
            foreach (LineProblem problem in report.Problems)
            {
                json.WriteStartObject();
                json.WriteNumber("line", problem.Line);
                json.WriteString("cause", problem.Cause);
                json.WriteString("text", problem.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static string Name(ImportFormat format) => TraceImport.FormatNames[(int)format];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
