using System.Text.Json;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Migrate;

/// <summary>Writes what a migration showed as JSON; docs/migration.md describes the format.</summary>
internal static class MigrationJson
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.migrate/1";

    /// <summary>Writes a report.</summary>
    public static void Write(Stream stream, MigrationChoice choice, MigrationRun run, ProcessImage image, IReadOnlyList<ProofLine> proof, int exitStatus)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteBoolean("timeNamespace", choice.KeepsClocks);
        json.WriteNumber("atNanoseconds", choice.AtNanoseconds);
        json.WriteNumber("downtimeSeconds", choice.DowntimeSeconds);
        if (choice.ImageToRead is null)
            WriteMachine(json, "from", choice.From, run.Before);
        WriteMachine(json, "to", choice.To with { RtcUnixSeconds = run.SecondRtc }, run.After);
        WriteImage(json, image);
        if (proof.Count > 0)
            WriteProof(json, proof);
        json.WriteNumber("exitStatus", exitStatus);
        json.WriteEndObject();
    }

    private static void WriteMachine(Utf8JsonWriter json, string name, MigrationEnd end, RunStatistics? statistics)
    {
        json.WriteStartObject(name);
        json.WriteString("model", "EPYC " + end.Machine.Model.Name);
        json.WriteNumber("tscMegahertz", end.Machine.Model.BaseMegahertz);
        json.WriteNumber("cores", end.Machine.Cores);
        json.WriteNumber("memoryBytes", end.Machine.MemoryBytes);
        json.WriteNumber("seed", end.Machine.Seed);
        json.WriteString("engine", end.Machine.Engine == EngineKind.Detailed ? "detailed" : "functional");
        json.WriteNumber("uptimeSeconds", end.UptimeSeconds);
        json.WriteNumber("suspendedSeconds", end.SuspendedSeconds);
        json.WriteString("clocksource", end.Clocksource ?? "tsc");
        json.WriteNumber("rtcUnixSeconds", end.RtcUnixSeconds);
        if (statistics != null)
            json.WriteNumber("instructions", statistics.Instructions);
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, ProcessImage image)
    {
        json.WriteStartObject("image");
        json.WriteNumber("bytes", image.Bytes.Length);
        json.WriteNumber("processes", image.Processes);
        json.WriteNumber("threads", image.Threads);
        json.WriteNumber("files", image.Files);
        json.WriteNumber("timers", image.Timers);
        json.WriteNumber("pages", image.Pages);
        json.WriteNumber("monotonicNanoseconds", image.MonotonicNanoseconds);
        json.WriteNumber("boottimeNanoseconds", image.BoottimeNanoseconds);
        json.WriteNumber("realtimeNanoseconds", image.RealtimeNanoseconds);
        json.WriteEndObject();
    }

    private static void WriteProof(Utf8JsonWriter json, IReadOnlyList<ProofLine> proof)
    {
        json.WriteStartObject("proof");
        json.WriteNumber("violations", proof.Sum(l => l.Violations));
        foreach (bool clocks in (bool[])[true, false])
        {
            json.WriteStartObject(clocks ? "clocks" : "timers");
            foreach (ProofLine line in proof.Where(l => l.IsClock == clocks))
            {
                json.WriteStartObject(line.Name);
                foreach (KeyValuePair<string, long> number in line.Numbers)
                    json.WriteNumber(number.Key, number.Value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
