using System.Globalization;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Study;

/// <summary>Two operating systems beside each other on the same machine: one row per configuration that both have.</summary>
public static class StudyComparison
{
    /// <summary>Builds the table: medians, instructions per call, and how many times as long the first one takes.</summary>
    /// <param name="report">The report that the study is about.</param>
    /// <param name="other">The other operating system's.</param>
    public static TextTable Build(StudyReport report, StudyReport other)
    {
        TextTable table = new TextTable()
            .Words("clocksource").Words("timens").Words("path").Words("clock").Words("cache")
            .Numbers("insns").Numbers("min").Numbers("median").Numbers("p99").Numbers("max cycles").Numbers("median ns")
            .Numbers("their insns").Numbers("median").Numbers("median ns").Numbers("times");
        foreach (ConfigurationProfile profile in report.Rows)
        {
            if (other.Spans.Find(profile.Configuration) is not { } theirs)
                continue;
            StudyConfiguration c = profile.Configuration;
            CycleStatistics s = CycleStatistics.Of(profile.Samples), t = CycleStatistics.Of(theirs.Samples);
            table.Row(
                StudyWords.Source.Name((int)c.Source),
                StudyWords.Namespace.Name((int)c.Namespace),
                StudyWords.Path.Name((int)c.Path),
                ClockNames.Name(c.Clock),
                StudyWords.Cache.Name((int)c.Cache),
                PerCall(profile),
                Number(s.Minimum),
                Number(s.Median),
                Number(s.Percentile99),
                Number(s.Maximum),
                Time(report, s.Median),
                PerCall(theirs),
                Number(t.Median),
                Time(other, t.Median),
                t.Median == 0 ? "" : ExactDecimal.Ratio(s.Median, t.Median, 2));
        }
        return table;
    }

    private static string PerCall(ConfigurationProfile profile) => ExactDecimal.Ratio(profile.InstructionsRetired, (UInt128)(uint)profile.Samples.Count, 1);

    private static string Time(StudyReport report, ulong cycles) => ExactDecimal.Nanoseconds(cycles, report.Machine.Model.BaseMegahertz, 1);

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
