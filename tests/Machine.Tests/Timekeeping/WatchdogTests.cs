using System.Globalization;
using System.Text.RegularExpressions;

namespace CoSim.Machine.Tests.Timekeeping;

/// <summary>Timekeeping reference, section 7: TSCs that go wrong under the running operating system, and what it says then.</summary>
public sealed class WatchdogTests
{
    private const long CyclesPerMillisecond = 2_250_000;

    [Test]
    public void Section7_StepsWithinTheMarginAreNoSkew()
    {
        using Bench bench = IdleMachine.Create(1, "");
        IdleMachine.RunTo(bench, 3000);
        IdleMachine.MoveTsc(bench, 0, CyclesPerMillisecond * 3 / 10);
        IdleMachine.RunTo(bench, 5000);
        Assert.That(bench.Console, Does.Contain("clocksource: Switched to clocksource tsc\r\n").Or.Contain("clocksource: Switched to clocksource tsc\n"));
        Assert.That(bench.Console, Does.Not.Contain("unstable"));
    }

    [TestCase("6.1", new[] { "is current clocksource." })]
    [TestCase("6.12", new[] { "Clocksource 'tsc' skewed ", "is current clocksource." })]
    [TestCase("5.6", new string[0])]
    public void Section7_ASteppedTscIsReplacedByTheHpet(string version, string[] more)
    {
        using Bench bench = IdleMachine.Create(1, "os_semantics=" + version);
        IdleMachine.RunTo(bench, 3000);
        IdleMachine.MoveTsc(bench, 0, CyclesPerMillisecond * 100);
        IdleMachine.RunTo(bench, 5000);
        string[] log = IdleMachine.LogFrom(bench, "the skew is too large");
        List<string> expected =
        [
            "Marking clocksource 'tsc' as unstable because the skew is too large:", "'hpet' ", "'tsc' ", .. more,
            "tsc: Marking TSC unstable due to clocksource watchdog",
            "TSC found unstable after boot, most likely due to broken BIOS. Use 'tsc=unstable'.", "sched_clock: Marking unstable (",
        ];
        if (version != "5.6") expected.Add("clocksource: Not enough CPUs to check clocksource 'tsc'.");
        expected.Add("clocksource: Switched to clocksource hpet");
        Assert.That(log, Has.Length.EqualTo(expected.Count), string.Join('\n', log));
        for (int i = 0; i < log.Length; i++) Assert.That(log[i], Does.Contain(expected[i]));
        if (version != "5.6") Assert.That(Nsec(log[2], "cs") - Nsec(log[1], "wd"), Is.EqualTo(100_000_000).Within(20_000));
    }

    private static long Nsec(string line, string side)
    {
        Match match = Regex.Match(line, side + @"_nsec: (\d+) ");
        Assert.That(match.Success, line);
        return long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>The watchdog goes from CPU to CPU, so that the TSC of one of them alone is found out, and the others are asked.</summary>
    [Test]
    public void Section7_OneWrongCpuIsFoundAndNamed()
    {
        using Bench bench = IdleMachine.Create(4, "");
        IdleMachine.RunTo(bench, 4000);
        IdleMachine.MoveTsc(bench, 2, CyclesPerMillisecond * 10);
        IdleMachine.RunTo(bench, 8000);
        string[] log = IdleMachine.LogFrom(bench, "the skew is too large");
        Assert.That(log[0], Does.StartWith("clocksource: timekeeping watchdog on CPU2: "), "after CPU1 nothing was wrong yet");
        string check = log.First(l => l.Contains("synchronization from CPU", StringComparison.Ordinal));
        Assert.That(check, Does.Match(@"^clocksource: Checking clocksource tsc synchronization from CPU \d to CPUs [0-3,-]+\.$"));
        Assert.That(log.Count(l => l.Contains(" ahead of CPU ", StringComparison.Ordinal) || l.Contains(" behind CPU ", StringComparison.Ordinal)), Is.Positive);
        Assert.That(log[^1], Is.EqualTo("clocksource: Switched to clocksource hpet"));
    }

    [Test]
    public void Section7_SynchronisationCheckAtBringUpTurnsTheTscOff()
    {
        using Bench bench = IdleMachine.Create(2, "", 0, -1_000_000);
        IdleMachine.RunTo(bench, 2500);
        string[] log = IdleMachine.LogFrom(bench, "TSC synchronization [CPU#0 -> CPU#1]:");
        Assert.That(log[1], Does.Match(@"^Measured \d+ cycles TSC warp between CPUs, turning off TSC clock\.$"));
        Assert.That(long.Parse(Regex.Match(log[1], @"\d+").Value, CultureInfo.InvariantCulture), Is.EqualTo(1_000_000).Within(2_000));
        Assert.That(log[2], Is.EqualTo("tsc: Marking TSC unstable due to check_tsc_sync_source failed"));
        Assert.That(log, Has.Some.EqualTo("clocksource: Switched to clocksource hpet"));
        Assert.That(bench.Console, Does.Not.Contain("Refined TSC"));
    }

    [TestCase("tsc=reliable")]
    [TestCase("tsc=nowatchdog")]
    public void Section7_TrustedTscIsNotWatched(string parameter)
    {
        using Bench bench = IdleMachine.Create(1, parameter);
        IdleMachine.RunTo(bench, 3000);
        IdleMachine.MoveTsc(bench, 0, CyclesPerMillisecond * 100);
        IdleMachine.RunTo(bench, 5000);
        Assert.That(bench.Console, Does.Not.Contain("unstable"));
        Assert.That(IdleMachine.LogFrom(bench, "Switched to"), Has.All.EqualTo("clocksource: Switched to clocksource tsc"));
    }

    [TestCase("notsc", "boot parameter notsc", "hpet")]
    [TestCase("tsc=unstable", "boot parameter", "hpet")]
    [TestCase("tsc=unstable hpet=disable", "boot parameter", "acpi_pm")]
    [TestCase("clocksource=acpi_pm", null, "acpi_pm")]
    [TestCase("clock=pmtmr", null, "acpi_pm")]
    [TestCase("hpet=disable", null, "tsc")]
    public void Section1_ParametersChooseTheClock(string parameters, string? reason, string clock)
    {
        using Bench bench = IdleMachine.Create(1, parameters);
        IdleMachine.RunTo(bench, 2500);
        Assert.That(IdleMachine.LogFrom(bench, "Switched to")[0], Is.EqualTo("clocksource: Switched to clocksource " + clock));
        if (reason is not null) Assert.That(IdleMachine.LogFrom(bench, "Marking TSC")[0], Is.EqualTo("tsc: Marking TSC unstable due to " + reason));
    }
}
