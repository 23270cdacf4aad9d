using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Scenarios;
using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Commands;

/// <summary>`cosim repro all`: every entry of the library, one line each.</summary>
internal static class ReproAll
{
    /// <summary>The word in the place of a number.</summary>
    public const string Word = "all";

    /// <summary>Runs all entries and writes what came of them.</summary>
    /// <param name="runsOf">The runs of an entry; none where it has nothing to show.</param>
    /// <param name="json">Whether the report is JSON.</param>
    /// <param name="output">Receives the report.</param>
    /// <param name="error">Receives progress, on a terminal.</param>
    /// <returns>The exit status: 0 when every run was as expected.</returns>
    public static int Run(Func<BugEntry, IEnumerable<ReproRun>> runsOf, bool json, TextWriter output, TextWriter error)
    {
        (BugEntry Entry, ReproRun Run)[] runs = [.. BugLibrary.Installed.Entries.SelectMany(e => runsOf(e).Select(r => (e, r)))];
        List<ScenarioResult> results = [];
        using (StatusLine status = new(error))
        {
            foreach ((BugEntry entry, ReproRun run) in runs)
            {
                status.Phase($"repro: {entry.Id}, {run.Heading}");
                status.Progress(results.Count, runs.Length);
                results.Add(ScenarioRun.Execute(ScenarioFile.Read(run.Path), ScenarioCommands.Files(run.Kernel), null, TextWriter.Null));
            }
        }
        if (json)
            output.WriteLine(JsonText.Of(writer => WriteJson(runs, results, writer)));
        else
            WriteTable(runs, results, output);
        return results.All(r => r.IsAsExpected) ? 0 : ScenarioCommands.UnexpectedStatus;
    }

    private static void WriteTable((BugEntry Entry, ReproRun Run)[] runs, List<ScenarioResult> results, TextWriter output)
    {
        TextTable table = new TextTable().Words("id").Words("run").Words("as expected").Numbers("simulated ms").Numbers("instructions").Words("what");
        foreach (((BugEntry entry, ReproRun run), ScenarioResult result) in runs.Zip(results))
        {
            string milliseconds = (result.Simulated.Femtoseconds / Hw.Simulation.SimDuration.FemtosecondsPerMillisecond).ToString(CultureInfo.InvariantCulture);
            table.Row(entry.Id, run.Heading, result.IsAsExpected ? "yes" : "NO", milliseconds, result.Instructions.ToString(CultureInfo.InvariantCulture), result.Scenario.Title);
        }
        Screen.For(output).Write(table);
    }

    private static void WriteJson((BugEntry Entry, ReproRun Run)[] runs, List<ScenarioResult> results, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", ReproCommand.Schema);
        json.WriteStartArray("runs");
        foreach (((BugEntry entry, ReproRun run), ScenarioResult result) in runs.Zip(results))
        {
            json.WriteStartObject();
            json.WriteString("id", entry.Id);
            json.WriteString("run", run.Heading);
            json.WritePropertyName("result");
            ScenarioReport.WriteJson(result, json);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>One run of an entry.</summary>
/// <param name="Heading">What it is called: bug, fixed, Linux.</param>
/// <param name="Path">The scenario.</param>
/// <param name="Kernel">The Linux kernel; null for none.</param>
internal sealed record ReproRun(string Heading, string Path, string? Kernel);
