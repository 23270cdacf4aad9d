using System.Globalization;
using System.Text.Json;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Writes what a hunt came to, for people and as JSON.</summary>
/// <remarks>
/// The JSON object has "schema" (<see cref="Schema"/>), "file", "title", "seed", "runs" (drawn), "failed" (of them), "executed" (those that
/// shrank included), "known" (numbers of the library's bugs that were found with their cause), and "findings": objects with "run", "symptom" (without numbers), "symptoms" (as they were seen), "deviations" (names), "resembles" (bugs of the library: "id",
/// "title", "sameCause"), "file" (null when none was
/// written) and "scenario" (the text of the file).
/// </remarks>
internal static class HuntReport
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.hunt/1";

    /// <summary>Writes text.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="files">The file of each finding; null when none was written.</param>
    /// <param name="output">Where to.</param>
    public static void Write(HuntResult result, IReadOnlyList<string>? files, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(result.Choice.Path)}: {result.Title}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {result.Choice.Seed}: {result.Failed} of {result.Runs} runs were not as expected; {result.Findings.Count} different failures, {result.Executed} runs in all"));
        string[] known = [.. Known(result)];
        if (known.Length > 0)
            output.WriteLine($"like bugs of the library: {string.Join(", ", known)}");
        for (int i = 0; i < result.Findings.Count; i++)
        {
            HuntFinding finding = result.Findings[i];
            output.WriteLine();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {string.Join(", ", finding.Smallest.Names)}, from run {finding.Run}"));
            foreach (HuntSymptom symptom in finding.Symptoms)
                output.WriteLine($"   | {symptom.Text.ReplaceLineEndings(" ")}");
            for (int d = 0; d < finding.Smallest.Deviations.Count; d++)
                output.WriteLine($"   {finding.Smallest.Deviations[d].Text(d + 1)}");
            if (finding.Smallest.Interleaving is { } seed)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   interleaving {seed}"));
            foreach (HuntResemblance bug in finding.Resembles)
                output.WriteLine($"   {HuntText.Sentence(bug)}");
            if (files is not null)
                output.WriteLine($"   cosim scenario run {files[i]}");
        }
    }

    /// <summary>Numbers of the library's bugs that were found: the symptom and the cause are the same.</summary>
    public static IEnumerable<string> Known(HuntResult result) =>
        result.Findings.SelectMany(f => f.Resembles).Where(r => r.HasSameCause).Select(r => r.Id).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Writes a JSON object.</summary>
    public static void WriteJson(HuntResult result, IReadOnlyList<string>? files, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("file", Path.GetFileName(result.Choice.Path));
        json.WriteString("title", result.Title);
        json.WriteNumber("seed", result.Choice.Seed);
        json.WriteNumber("runs", result.Runs);
        json.WriteNumber("failed", result.Failed);
        json.WriteNumber("executed", result.Executed);
        WriteTexts(json, "known", Known(result));
        json.WriteStartArray("findings");
        for (int i = 0; i < result.Findings.Count; i++)
            WriteJson(result.Findings[i], files?[i], json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteJson(HuntFinding finding, string? file, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("run", finding.Run);
        json.WriteString("symptom", finding.Symptom.Key);
        WriteTexts(json, "symptoms", finding.Symptoms.Select(s => s.Text));
        WriteTexts(json, "deviations", finding.Smallest.Names);
        json.WriteStartArray("resembles");
        foreach (HuntResemblance bug in finding.Resembles)
        {
            json.WriteStartObject();
            json.WriteString("id", bug.Id);
            json.WriteString("title", bug.Title);
            json.WriteBoolean("sameCause", bug.HasSameCause);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("file", file);
        json.WriteString("scenario", finding.Text);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
