using System.Globalization;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Workloads;

/// <summary>The tables of `cosim study workload`.</summary>
public static class WorkloadTable
{
    private const int NanosecondsPerMicrosecond = 1000;

    /// <summary>One row for each call under each configuration.</summary>
    public static TextTable Calls(WorkloadReport report)
    {
        bool several = report.Results.Select(r => r.Configuration.System).Distinct().Count() > 1;
        TextTable table = several ? new TextTable().Words("system") : new TextTable();
        table.Words("clocksource").Words("timens").Words("call").Words("clock").Words("path").Words("end").Numbers("calls").Numbers("recorded ns")
            .Numbers("insns").Numbers("min").Numbers("median").Numbers("p99").Numbers("max cycles").Numbers("min").Numbers("median").Numbers("p99").Numbers("max ns")
            .Numbers("share %").Numbers("late us");
        foreach (WorkloadResult result in report.Results)
            foreach (RowMeasurements row in result.Rows)
                table.Row([.. several ? (string[])[result.Configuration.System] : [], .. Cells(report, result, row)]);
        return table;
    }

    /// <summary>One row for each configuration: the calls' share of the program's time.</summary>
    public static TextTable Totals(WorkloadReport report)
    {
        TextTable table = new TextTable().Words("system").Words("clocksource").Words("timens").Numbers("threads").Numbers("calls").Numbers("time ms").Numbers("busy in calls us").Numbers("share %");
        foreach (WorkloadResult result in report.Results)
        {
            uint megahertz = report.Machine.Model.BaseMegahertz;
            table.Row(
                result.Configuration.System,
                StudyWords.Source.Name((int)result.Configuration.Source),
                StudyWords.Namespace.Name((int)result.Configuration.Namespace),
                Number((ulong)result.Threads.Count),
                Number((ulong)result.Rows.Sum(r => r.Busy.Count)),
                ExactDecimal.Ratio(result.LifeCycles, (UInt128)megahertz * NanosecondsPerMicrosecond, 3),
                ExactDecimal.Ratio(result.BusyCycles, megahertz, 1),
                Share(result.BusyCycles, result));
        }

        return table;
    }

    private static string[] Cells(WorkloadReport report, WorkloadResult result, RowMeasurements row)
    {
        CycleStatistics s = CycleStatistics.Of(row.Busy);
        return
        [
            StudyWords.Source.Name((int)result.Configuration.Source),
            StudyWords.Namespace.Name((int)result.Configuration.Namespace),
            row.Row.Call,
            row.Row.ClockName,
            row.Row.Path,
            row.Row.EndName,
            Number((ulong)s.Count),
            row.Recorded.Count == 0 ? "" : Number(CycleStatistics.Of(row.Recorded).Median),
            row.Instructions == 0 ? "" : ExactDecimal.Ratio(row.Instructions, (UInt128)(uint)s.Count, 1),
            Number(s.Minimum),
            Number(s.Median),
            Number(s.Percentile99),
            Number(s.Maximum),
            Time(s.Minimum),
            Time(s.Median),
            Time(s.Percentile99),
            Time(s.Maximum),
            Share(s.Sum, result),
            row.Late.Count == 0 ? "" : ExactDecimal.Ratio(CycleStatistics.Of(row.Late).Median, NanosecondsPerMicrosecond, 1),
        ];

        string Time(ulong cycles) => ExactDecimal.Nanoseconds(cycles, report.Machine.Model.BaseMegahertz, 1);
    }

    private static string Share(ulong cycles, WorkloadResult result) => result.LifeCycles == 0 ? "" : ExactDecimal.Ratio((UInt128)cycles * 100, result.LifeCycles, 4);

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
