using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Options;

namespace CoSim.Cli.Study;

/// <summary>Writes a report as JSON; the format is described in docs/study-json.md.</summary>
public static class StudyJson
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.study.clock-gettime/1";

    /// <summary>Writes a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="other">Another operating system's report, to stand beside it; null for none.</param>
    /// <param name="stream">Receives the text.</param>
    public static void Write(StudyReport report, StudyReport? other, Stream stream)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = false });
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        WriteReport(report, json);
        if (other != null)
        {
            json.WriteStartObject("comparison");
            WriteReport(other, json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteReport(StudyReport report, Utf8JsonWriter json)
    {
        json.WriteString("operatingSystem", report.System);
        WriteMachine(report.Machine, json);
        json.WriteStartArray("causes");
        foreach (string cause in report.Spans.Causes)
            json.WriteStringValue(cause);
        json.WriteEndArray();
        json.WriteNumber("spansCompleted", report.Spans.Completed);
        json.WriteNumber("spansAbandoned", report.Spans.Abandoned);
        json.WriteNumber("unattributedCycles", report.UnattributedCycles);
        json.WriteStartArray("configurations");
        foreach (ConfigurationProfile profile in report.Rows)
            WriteConfiguration(report, profile, json);
        json.WriteEndArray();
    }

    /// <summary>Writes which machine was measured.</summary>
    internal static void WriteMachine(MachineChoice machine, Utf8JsonWriter json)
    {
        json.WriteStartObject("machine");
        json.WriteString("model", "EPYC " + machine.Model.Name);
        json.WriteNumber("coreMegahertz", machine.Model.BaseMegahertz);
        json.WriteNumber("cores", machine.Cores);
        json.WriteNumber("memoryBytes", machine.MemoryBytes);
        json.WriteNumber("seed", machine.Seed);
        json.WriteString("engine", machine.Engine == EngineKind.Detailed ? "detailed" : "functional");
        json.WriteEndObject();
    }

    private static void WriteConfiguration(StudyReport report, ConfigurationProfile profile, Utf8JsonWriter json)
    {
        StudyConfiguration c = profile.Configuration;
        CycleStatistics s = CycleStatistics.Of(profile.Samples);
        json.WriteStartObject();
        json.WriteString("clock", ClockNames.Name(c.Clock));
        json.WriteString("clocksource", StudyWords.Source.Name((int)c.Source));
        json.WriteString("namespace", StudyWords.Namespace.Name((int)c.Namespace));
        json.WriteString("path", StudyWords.Path.Name((int)c.Path));
        json.WriteString("cache", StudyWords.Cache.Name((int)c.Cache));
        json.WriteNumber("calls", s.Count);
        json.WriteNumber("instructionsRetired", profile.InstructionsRetired);
        WriteStatistics(json, "cycles", s, v => v.ToString(CultureInfo.InvariantCulture));
        WriteStatistics(json, "nanoseconds", s, v => ExactDecimal.Nanoseconds(v, report.Machine.Model.BaseMegahertz, 3));
        json.WriteStartArray("samples");
        foreach (ulong sample in profile.Samples)
            json.WriteNumberValue(sample);
        json.WriteEndArray();
        WriteCauses(report, json, profile.CyclesByCause());
        json.WriteStartArray("instructions");
        foreach (InstructionProfile instruction in profile.Instructions)
            WriteInstruction(report, instruction, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStatistics(Utf8JsonWriter json, string name, CycleStatistics s, Func<ulong, string> text)
    {
        json.WriteStartObject(name);
        foreach ((string key, ulong value) in ((string, ulong)[])[("min", s.Minimum), ("median", s.Median), ("p99", s.Percentile99), ("max", s.Maximum), ("sum", s.Sum)])
        {
            json.WritePropertyName(key);
            json.WriteRawValue(text(value));
        }
        json.WriteEndObject();
    }

    private static void WriteCauses(StudyReport report, Utf8JsonWriter json, ReadOnlySpan<ulong> byCause)
    {
        json.WriteStartObject("cyclesByCause");
        for (int cause = 0; cause < byCause.Length; cause++)
            if (byCause[cause] > 0)
                json.WriteNumber(report.Spans.Causes[cause], byCause[cause]);
        json.WriteEndObject();
    }

    private static void WriteInstruction(StudyReport report, InstructionProfile instruction, Utf8JsonWriter json)
    {
        CodeLocation at = report.Code.Locate(instruction.Address, instruction.Code);
        json.WriteStartObject();
        json.WriteString("address", "0x" + instruction.Address.ToString("x", CultureInfo.InvariantCulture));
        WriteUnlessEmpty("image", at.Image);
        WriteUnlessEmpty("symbol", at.Symbol);
        if (at.Image.Length > 0)
            json.WriteNumber("offset", at.Offset);
        WriteUnlessEmpty("file", at.File);
        if (at.Line > 0)
            json.WriteNumber("line", at.Line);
        WriteUnlessEmpty("bytes", Convert.ToHexStringLower(at.Bytes));
        WriteUnlessEmpty("text", at.Text);
        json.WriteNumber("times", instruction.Times);
        json.WriteNumber("cycles", instruction.Cycles);
        WriteCauses(report, json, instruction.CyclesByCause);
        json.WriteEndObject();

        void WriteUnlessEmpty(string name, string value)
        {
            if (value.Length > 0)
                json.WriteString(name, value);
        }
    }
}
