using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>Measured rates against declared ones, and counters of one oscillator against each other.</summary>
internal static class RateChecks
{
    private const int ExtendedTimer = 8, Flags = 112;
    private const ulong Hpet = 14_318_180, PmTimer = 3_579_545, RefclkMegahertz = 100, Pit = 12, PmToHpet = 4;

    /// <summary>Adds the checks.</summary>
    public static void Add(CheckList list, RegisterView registers, Interval interval, HpetChecks? hpet, AcpiView acpi)
    {
        AddTsc(list, registers, interval);
        AddApic(list, registers, interval);
        if (hpet is not null)
            AddHpet(list, interval, hpet);
        AddPmTimer(list, interval, hpet, acpi);
        AddPit(list, interval);
    }

    /// <summary>
    /// The TSC counts at the frequency of P-state 0 on each core, halted as it is here, and shows the same everywhere: all cores count REFCLK from
    /// one reset (PPR 55803, MSR 10h; APM volume 2, 13.2.4).
    /// </summary>
    private static void AddTsc(CheckList list, RegisterView registers, Interval interval)
    {
        for (int core = 0; core < registers.Cores; core++)
            list.Rate($"TSC rate, core {core}", Frequency.FromMegahertz(Math.Max(1, ProcessorChecks.BaseMegahertz(registers, core))), interval.Tsc[core], interval.Span, RateLimits.Refclk, "PPR 55803, MSR 10h and C001_0064h");
        for (int core = 1; core < registers.Cores; core++)
            list.Near($"TSC of core {core} and core 0", interval.TscStart[0], interval.TscStart[core], 1, "one reset, one REFCLK (PPR 55803, MSR 10h)");
    }

    /// <summary>The local APIC timers count the 100 MHz that the cores' multipliers count in steps of (PPR 55803, APIC390 and MSR C001_0064h).</summary>
    private static void AddApic(CheckList list, RegisterView registers, Interval interval)
    {
        for (int core = 0; core < registers.Cores; core++)
            list.Rate($"local APIC timer rate, core {core}", Frequency.FromMegahertz(RefclkMegahertz), interval.Apic[core], interval.Span, RateLimits.Refclk, "PPR 55803, APIC390; APM vol. 2, 16.4.1");
    }

    /// <summary>An enabled counter counts, at the period that it declares (IA-PC HPET 1.0a, 2.3.4, 2.3.5).</summary>
    private static void AddHpet(CheckList list, Interval interval, HpetChecks hpet)
    {
        list.Holds("HPET counts", "when ENABLE_CNF is 1", interval.Hpet > 0 ? "counts" : "stands still", "IA-PC HPET 1.0a, 2.3.5", interval.Hpet > 0);
        if (interval.Hpet > 0 && hpet.PeriodFemtoseconds is > 0 and var period)
            list.Rate("HPET rate", new Frequency(SimDuration.FemtosecondsPerSecond, period), interval.Hpet, interval.Span, RateLimits.Fch, "IA-PC HPET 1.0a, 2.2 and 2.3.4");
    }

    /// <summary>
    /// The PM timer counts 3.579545 MHz, a quarter of the HPET's clock, and has 32 bits exactly when the FADT's flag TMR_VAL_EXT says so; otherwise the upper
    /// eight read as 0 (ACPI 6.3, 4.8.3.3). The interval is longer than 24 bits last.
    /// </summary>
    private static void AddPmTimer(CheckList list, Interval interval, HpetChecks? hpet, AcpiView acpi)
    {
        const int narrow = 24;
        bool isWide = (RegisterView.Field(acpi.Find("FACP") ?? [], Flags, sizeof(uint)) >> ExtendedTimer & 1) != 0;
        list.Rate("PM timer rate", Frequency.FromHertz(PmTimer), interval.PmTimer, interval.Span, RateLimits.Fch, "ACPI 6.3, 4.8.3.3");
        list.Equal("PM timer width in bits", isWide ? "32" : "24", interval.PmBits >> narrow != 0 ? "32" : "24", "ACPI 6.3, 4.8.3.3 and 5.2.9 TMR_VAL_EXT");
        if (hpet is not null && interval.Hpet > 0)
            list.Near("PM timer ticks and a quarter of the HPET's", interval.Hpet / PmToHpet, interval.PmTimer, 1, "PPR 55803: both divide the FCH's crystal");
    }

    /// <summary>The PIT counts a twelfth of 14.318180 MHz (Intel 231164-005 on a PC).</summary>
    private static void AddPit(CheckList list, Interval interval)
    {
        for (int n = 0; n < interval.Pit.Length; n++)
            list.Rate($"PIT channel {2 * n} rate", new Frequency(Hpet, Pit), interval.Pit[n], interval.Span, RateLimits.Fch, "PPR 55803, IO040 to IO043");
    }
}
