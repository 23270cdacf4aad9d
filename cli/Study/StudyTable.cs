using System.Globalization;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Study;

/// <summary>The study's main table: one row per configuration.</summary>
public static class StudyTable
{
    /// <summary>Builds the table.</summary>
    public static TextTable Build(StudyReport report)
    {
        TextTable table = new TextTable()
            .Words("clocksource").Words("timens").Words("path").Words("clock").Words("cache").Numbers("calls").Numbers("insns")
            .Numbers("min").Numbers("median").Numbers("p99").Numbers("max cycles")
            .Numbers("min").Numbers("median").Numbers("p99").Numbers("max ns");
        foreach (ConfigurationProfile profile in report.Rows)
        {
            StudyConfiguration c = profile.Configuration;
            CycleStatistics s = CycleStatistics.Of(profile.Samples);
            table.Row(
                StudyWords.Source.Name((int)c.Source),
                StudyWords.Namespace.Name((int)c.Namespace),
                StudyWords.Path.Name((int)c.Path),
                ClockNames.Name(c.Clock),
                StudyWords.Cache.Name((int)c.Cache),
                Number((ulong)s.Count),
                ExactDecimal.Ratio(profile.InstructionsRetired, (UInt128)(uint)s.Count, 1),
                Number(s.Minimum),
                Number(s.Median),
                Number(s.Percentile99),
                Number(s.Maximum),
                Time(s.Minimum),
                Time(s.Median),
                Time(s.Percentile99),
                Time(s.Maximum));
        }
        return table;

        string Time(ulong cycles) => ExactDecimal.Nanoseconds(cycles, report.Machine.Model.BaseMegahertz, 1);
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
