namespace CoSim.Cli.Inspect.Checks;

/// <summary>MPERF and APERF, which count only while a core executes.</summary>
internal static class AwakeChecks
{
    /// <summary>
    /// In P-state 0 MPERF, APERF and the TSC all count that state's cycles while the core is awake (PPR 55803, MSR E7h and E8h; HWCR.TscFreqSel).
    /// They are read together, so that no tick lies between.
    /// </summary>
    public static void Add(CheckList list, IReadOnlyCollection<AwakeSample> samples)
    {
        if (samples.Count < 2)
            return;
        AwakeSample first = samples.First(), last = samples.Last();
        list.Near("MPERF and TSC, core 0 awake", last.Tsc - first.Tsc, last.Mperf - first.Mperf, 1, "PPR 55803, MSR E7h and 10h");
        list.Near("APERF and MPERF, core 0 in P0", last.Mperf - first.Mperf, last.Aperf - first.Aperf, 1, "PPR 55803, MSR E8h and E7h");
    }
}
