using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Machine.Tests.Bugs;

/// <summary>The bugs of the library that programs without an operating system show: with the bug, and with its fix.</summary>
public sealed class BareBugTests
{
    private static Bench Run(string program, MachineSpec spec) => Run(program, FirmwareSettings.None, spec);

    private static Bench Run(string program, FirmwareSettings settings, MachineSpec spec)
    {
        Bench bench = new(spec with { Flash = Bench.BuildBareFlash(program, settings) }) { EndsWithTheProgram = true };
        StopReason reason = bench.RunTo(SimTime.Zero + (program.StartsWith("hpet", StringComparison.Ordinal) ? SimDuration.FromSeconds(700) : SimDuration.FromSeconds(3)));
        TestContext.Out.WriteLine($"{reason} at {bench.Machine.Now}, {bench.Machine.Instructions} instructions\n{bench.Console}{string.Join('\n', bench.Faults)}");
        return bench;
    }

    [Test]
    public void RdtscPassesAnOlderLoadUnlessLfenceSerialises([Values] bool serialises)
    {
        using Bench bench = Run(serialises ? "tsc-sync de_cfg" : "tsc-sync", Bench.Spec(2) with { Engine = EngineKind.Detailed });
        Assert.That(bench.Console, serialises ? Does.Contain("passed") : Does.Contain("cycles TSC warp between CPUs"));
    }

    [Test]
    public void AnUnorderedRdtscMakesAClockJump([Values("", "negative-motion", "rdtsc_ordered")] string fix)
    {
        using Bench bench = Run("seqcount " + fix, Bench.Spec(5) with { Engine = EngineKind.Detailed });
        Assert.That(bench.Console.Contains("jumped by more than an hour: 0 times"), Is.EqualTo(fix.Length != 0));
    }

    [Test]
    public void AnMwaitxTimerOfZeroWaitsForEver([Values] EngineKind engine, [Values] bool check)
    {
        using Bench bench = Run(check ? "udelay check-zero" : "udelay", Bench.Spec(1) with { Engine = engine });
        Assert.That(bench.Console.Contains("soft lockup"), Is.EqualTo(!check));
        Assert.That(bench.Console, Does.Contain("udelay(0) took " + (check ? "0 us" : "20")));
    }

    [Test]
    public void AComparatorThatTheCounterHasPassedWaitsForTheWrap([Values] EngineKind engine, [Values] bool check)
    {
        Fault smi = new("smi", new AtEvent(FaultEventKind.ClockRead, "hpet", 9), new SystemManagementInterrupt(SimDuration.FromMicroseconds(120)));
        using Bench bench = Run(check ? "hpet-oneshot check" : "hpet-oneshot", Bench.Spec(1) with { Engine = engine, Faults = [smi] });
        Assert.That(bench.Console.Contains("hrtimer: interrupt took"), Is.EqualTo(!check));
    }

    [Test]
    public void TheTscFollowsTheDefinitionOfPStateZero([Values] EngineKind engine, [Values] bool rewrite)
    {
        using Bench bench = Run(rewrite ? "p-state rewrite" : "p-state", Bench.Spec(1) with { Engine = engine });
        Assert.That(bench.Console.Contains("Marking clocksource 'tsc' as unstable"), Is.EqualTo(rewrite));
    }

    [Test]
    public void ACoreDoesNotComeBackFromCc6AfterTwoToThe53Ticks([Values] EngineKind engine, [Values] bool workaround)
    {
        MachineQuirks quirks = new() { ReferenceUptime = (1UL << 53) - 3_000_000 };
        using Bench bench = Run(workaround ? "idle no-cc6" : "idle", Bench.Spec(2) with { Engine = engine, Quirks = quirks });
        Assert.That(bench.Console.Contains("soft lockup"), Is.EqualTo(!workaround));
        Assert.That(bench.Machine.Cores[1].IsHung, Is.EqualTo(!workaround));
    }

    [Test]
    public void AnHpetInLegacyModeCutsPitAndRtcOff([Values] bool cleared)
    {
        FirmwareSettings settings = new() { HpetConfiguration = 3 };
        using Bench bench = Run(cleared ? "rtc-alarm clear-legacy" : "rtc-alarm", settings, Bench.Spec(1));
        Assert.That(bench.Console.Contains("alarm lost"), Is.EqualTo(!cleared));
        Assert.That(bench.Console.Contains("PIT ticks in 2.5 s: 0\n"), Is.EqualTo(!cleared));
    }
}
