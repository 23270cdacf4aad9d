using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Study;

namespace CoSim.Cli.Workloads;

/// <summary>Writes a report as JSON; the format is described in docs/import.md.</summary>
public static class WorkloadJson
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.study.workload/1";

    /// <summary>Writes a report.</summary>
    public static void Write(WorkloadReport report, Stream stream)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = false });
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        StudyJson.WriteMachine(report.Machine, json);
        json.WriteStartObject("notReplayed");
        foreach ((string reason, long count) in report.Workload.Left)
            json.WriteNumber(reason, count);
        json.WriteEndObject();
        json.WriteStartArray("replays");
        foreach (WorkloadResult result in report.Results)
            WriteResult(report, result, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteResult(WorkloadReport report, WorkloadResult result, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("operatingSystem", result.Configuration.System);
        json.WriteString("clocksource", StudyWords.Source.Name((int)result.Configuration.Source));
        json.WriteString("namespace", StudyWords.Namespace.Name((int)result.Configuration.Namespace));
        json.WriteNumber("abandoned", result.Abandoned);
        json.WriteNumber("lifeCycles", result.LifeCycles);
        json.WriteNumber("busyCycles", result.BusyCycles);
        json.WriteStartArray("threads");
        foreach (ThreadMeasurements thread in result.Threads)
        {
            json.WriteStartObject();
            json.WriteNumber("thread", thread.Thread);
            json.WriteString("name", thread.Name);
            json.WriteNumber("calls", thread.Calls);
            json.WriteNumber("cycles", thread.Cycles);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (RowMeasurements row in result.Rows)
            WriteRow(report, result, row, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRow(WorkloadReport report, WorkloadResult result, RowMeasurements row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("call", row.Row.Call);
        json.WriteString("clock", row.Row.ClockName);
        json.WriteString("path", row.Row.Path);
        json.WriteString("end", row.Row.EndName);
        json.WriteNumber("calls", row.Busy.Count);
        json.WriteNumber("instructionsRetired", row.Instructions);
        WriteStatistics("busyCycles", row.Busy, v => v.ToString(CultureInfo.InvariantCulture));
        WriteStatistics("busyNanoseconds", row.Busy, v => ExactDecimal.Nanoseconds(v, report.Machine.Model.BaseMegahertz, 3));
        WriteStatistics("elapsedCycles", row.Elapsed, v => v.ToString(CultureInfo.InvariantCulture));
        WriteStatistics("recordedNanoseconds", row.Recorded, v => v.ToString(CultureInfo.InvariantCulture));
        WriteStatistics("lateNanoseconds", row.Late, v => v.ToString(CultureInfo.InvariantCulture));
        WriteSamples("busySamples", row.Busy);
        WriteSamples("elapsedSamples", row.Elapsed);
        json.WriteStartObject("cyclesByCause");
        for (int cause = 0; cause < row.Causes.Length; cause++)
            if (row.Causes[cause] > 0)
                json.WriteNumber(result.Causes[cause], row.Causes[cause]);
        json.WriteEndObject();
        json.WriteEndObject();

        void WriteStatistics(string name, List<ulong> samples, Func<ulong, string> text)
        {
            if (samples.Count == 0)
                return;
            CycleStatistics s = CycleStatistics.Of(samples);
            json.WriteStartObject(name);
            foreach ((string key, ulong value) in ((string, ulong)[])[("min", s.Minimum), ("median", s.Median), ("p99", s.Percentile99), ("max", s.Maximum), ("sum", s.Sum)])
            {
                json.WritePropertyName(key);
                json.WriteRawValue(text(value));
            }

            json.WriteEndObject();
        }

        void WriteSamples(string name, List<ulong> samples)
        {
            json.WriteStartArray(name);
            foreach (ulong sample in samples)
                json.WriteNumberValue(sample);
            json.WriteEndArray();
        }
    }
}
