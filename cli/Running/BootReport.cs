using System.Text.Json;
using CoSim.Cli.Options;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Running;

/// <summary>Writes how a run of programs on Linux ended as JSON.</summary>
/// <remarks>
/// An object with "schema" (<see cref="Schema"/>), "machine" ("model", "cores", "memoryBytes", "seed", "engine"),
/// "simulatedNanoseconds", "instructions" (retired by all cores), "status" (of the whole run, as cosim's own exit status) and
/// "programs": an array of objects with "words" (program and arguments), "status" and "output"; a program that did not end has
/// null for both.
/// </remarks>
internal static class BootReport
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.boot.linux/1";

    /// <summary>Writes the report.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="programs">The programs and their arguments.</param>
    /// <param name="run">The run, which has ended.</param>
    /// <param name="status">The run's exit status.</param>
    /// <param name="stream">Where to.</param>
    public static void Write(MachineChoice machine, IReadOnlyList<IReadOnlyList<string>> programs, GuestRun run, int status, Stream stream)
    {
        RunStatistics statistics = run.Statistics;
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteStartObject("machine");
        json.WriteString("model", "EPYC " + machine.Model.Name);
        json.WriteNumber("cores", machine.Cores);
        json.WriteNumber("memoryBytes", machine.MemoryBytes);
        json.WriteNumber("seed", machine.Seed);
        json.WriteString("engine", machine.Engine == EngineKind.Detailed ? "detailed" : "functional");
        json.WriteEndObject();
        json.WritePropertyName("simulatedNanoseconds");
        json.WriteRawValue(statistics.SimulatedNanoseconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteNumber("instructions", statistics.Instructions);
        json.WriteNumber("status", status);
        json.WriteStartArray("programs");
        for (int i = 0; i < programs.Count; i++)
            WriteProgram(json, programs[i], i < run.Programs.Ended.Count ? run.Programs.Ended[i] : null);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteProgram(Utf8JsonWriter json, IReadOnlyList<string> words, ProgramOutcome? outcome)
    {
        json.WriteStartObject();
        json.WriteStartArray("words");
        foreach (string word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
        if (outcome is null)
        {
            json.WriteNull("status");
            json.WriteNull("output");
        }
        else
        {
            json.WriteNumber("status", outcome.Status);
            json.WriteString("output", outcome.Output);
        }
        json.WriteEndObject();
    }
}
