using System.Globalization;
using System.Text.Json;

namespace CoSim.Cli.Scenarios.Running;

/// <summary>Writes what came of a scenario, for people and as JSON.</summary>
/// <remarks>
/// The JSON object has "schema" (<see cref="Schema"/>), "file", "title", "asExpected", "end", "status" (null when the programs have not
/// ended), "simulatedNanoseconds", "instructions", "faults": an array of objects with "name" and "times" (how often it happened), and "expectations": an array of objects with "what", "met" and "evidence" (texts).
/// </remarks>
internal static class ScenarioReport
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.scenario.result/1";

    /// <summary>Writes text.</summary>
    /// <param name="heading">What the scenario is called here.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="output">Where to.</param>
    public static void Write(string heading, ScenarioResult result, TextWriter output)
    {
        output.WriteLine($"{heading}: {result.Scenario.Title}");
        foreach (ExpectationResult expectation in result.Results)
        {
            output.WriteLine($"  {(expectation.IsMet ? "yes" : "NO ")}  {expectation.What}");
            foreach (string line in expectation.Evidence)
                output.WriteLine($"         | {line.TrimEnd()}");
        }
        foreach ((string name, uint times) in result.Faults)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  fault '{name}' happened {times} times"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(result.IsAsExpected ? "as expected" : "NOT as expected")}, {result.Simulated} simulated, {result.Instructions} instructions"));
    }

    /// <summary>Writes a JSON object.</summary>
    public static void WriteJson(ScenarioResult result, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("file", Path.GetFileName(result.Scenario.Place.File));
        json.WriteString("title", result.Scenario.Title);
        json.WriteBoolean("asExpected", result.IsAsExpected);
        json.WriteString("end", ScenarioResult.Word(result.End));
        if (result.Status is { } status)
            json.WriteNumber("status", status);
        else
            json.WriteNull("status");
        json.WritePropertyName("simulatedNanoseconds");
        json.WriteRawValue(result.Simulated.WholeNanoseconds.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("instructions", result.Instructions);
        json.WriteStartArray("faults");
        foreach ((string name, uint times) in result.Faults)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("times", times);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("expectations");
        foreach (ExpectationResult expectation in result.Results)
            WriteJson(expectation, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteJson(ExpectationResult expectation, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("what", expectation.What);
        json.WriteBoolean("met", expectation.IsMet);
        json.WriteStartArray("evidence");
        foreach (string line in expectation.Evidence)
            json.WriteStringValue(line.TrimEnd());
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
