namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Every kind of fault that a scenario can name breaks the rule that it should break, and nothing breaks it without.</summary>
[TestFixture]
public sealed class FaultScenarioTests
{
    private const string Sleeps = "sleeps: {early: 1ms, late: 1ms}", Interrupts = "interrupts: {within: 1ms}";
    private const string Asleep = "event: {kind: label, subject: \"4E5552\", delay: 20ms}";

    /// <summary>Shortly before the program on Linux has slept for a second.</summary>
    private const string OnLinux = "event: {kind: label, subject: \"4E5552\", delay: 990ms}";

    /// <summary>One core, which is then the one that sleeps; that cores hold each other up takes two.</summary>
    private static string Scenario(string fault, string rule, bool holds, string engine = "functional") => $$"""
        title: A short sleep
        machine: {cores: {{(fault.Contains("jitter", StringComparison.Ordinal) ? 2 : 1)}}, memory: 64M, engine: {{engine}}}
        workload:
          - [busybox, sleep, "0.05"]
        limit: 2s
        {{(fault.Length > 0 ? $"faults: [{{name: it, {fault}}}]" : "")}}
        expect:
          status: 0
          invariants:
            - {{rule}}
              holds: {{(holds ? "true" : "false")}}
        """;

    private static void Run(string text, params string[] options)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("s.yaml");
        File.WriteAllText(file, text);
        CommandLine.Result result = CommandLine.Run(["scenario", "run", file, .. options]);
        Assert.That(result.Status, Is.Zero, text + result.Output + result.Error);
    }

    [TestCase(Sleeps)]
    [TestCase(Interrupts)]
    public void NothingBreaksTheRulesWithoutAFault(string rule) => Run(Scenario("", rule, holds: true));

    [TestCase("at: 160ms, smi: {length: 60ms}", Sleeps, TestName = "An SMI at a time")]
    [TestCase("instruction: {core: 0, count: 1000000}, smi: {length: 60ms}", Interrupts, TestName = "An SMI at an instruction")]
    [TestCase(Asleep + ", smi: {length: 60ms}", Sleeps, TestName = "An SMI at an event")]
    [TestCase(Asleep + ", smi: {length: 60ms, handler: firmware}", Sleeps, TestName = "An SMI in firmware's handler")]
    [TestCase(Asleep + ", stop: {core: 0, length: 60ms}", Sleeps, TestName = "A virtual CPU that is stopped")]
    [TestCase(Asleep + ", migrate: {downtime: 60ms}", Sleeps, TestName = "A migration")]
    [TestCase(Asleep + ", migrate: {downtime: 1ms, refclk-ppb: 90000000}", Sleeps, TestName = "A migration to a faster host")]
    [TestCase("event: {kind: label, subject: \"4E5552\"}, delay-interrupts: {origin: local-timer, count: 100, delay: 10ms}", Sleeps, TestName = "Late interrupts")]
    [TestCase("event: {kind: label, subject: \"4E5552\"}, lose-interrupts: {core: 0, origin: local-timer, count: 1000}", "sleeps: {late: 1ms}", TestName = "Lost interrupts")]
    [TestCase("event: {kind: label, subject: \"4E5552\"}, deep-idle: {core: 0, exit: 5ms, count: 100}", Interrupts, TestName = "Entries into a deep C-state")]
    [TestCase(Asleep + ", drift: {oscillator: refclk, ppb: 90000000}", Sleeps, TestName = "A REFCLK that drifts")]
    [TestCase("at: 10ms, period: 200us, times: 0, jitter: {most: 190us, seed: 3}", "interrupts: {within: 100us}", TestName = "Cores that are held up")]
    public void AFaultBreaksTheRule(string fault, string rule)
    {
        bool ends = !fault.Contains("lose-interrupts", StringComparison.Ordinal);
        string text = Scenario(fault, rule, holds: false);
        Run(ends ? text : text.Replace("status: 0", "end: limit", StringComparison.Ordinal));
    }

    [TestCase(Asleep + ", write-tsc: {core: 0, value: 0}", "monotonic: {clocks: [tsc]}", "", TestName = "A TSC that is written")]
    [TestCase(Asleep + ", move-tsc: {ticks: -200000000}", "monotonic: {clocks: [tsc]}", "", TestName = "A TSC that is set back")]
    [TestCase(Asleep + ", read-latency: {device: hpet, time: 3ms}", Sleeps, "clocksource=hpet", TestName = "A slow HPET")]
    [TestCase(Asleep + ", read-latency: {device: pmtmr, time: 3ms}", Sleeps, "clocksource=acpi_pm", TestName = "A slow PM timer")]
    public void SoDoesAFaultOfAClock(string fault, string rule, string parameters) =>
        Run(Scenario(fault, rule, holds: false).Replace("limit:", $"system: {{parameters: \"tsc=nowatchdog {parameters}\"}}\nlimit:", StringComparison.Ordinal));

    [TestCase(0, "22(49|50)")]
    [TestCase(5_000_000, "224[34]")]
    public void ASpreadReferenceClockIsSlowerInTheMean(int depth, string megahertz) => Run($$$"""
        title: Calibration of the TSC by the PIT
        machine: {memory: 64M, quirks: {refclk-spread-ppb: {{{depth}}} }}
        workload: [[busybox, "true"]]
        expect: {status: 0, console: [{matches: "tsc: Detected {{{megahertz}}}\\.[0-9]+ MHz processor"}]}
        """);

    [TestCase("at: 400ms, period: 70ms, times: 0, smi: {length: 60ms}", "sleeps: {late: 10ms}", TestName = "On Linux: an SMI at a time")]
    [TestCase(OnLinux + ", stop: {core: 0, length: 60ms}", "sleeps: {late: 10ms}", TestName = "On Linux: a virtual CPU that is stopped")]
    [TestCase(OnLinux + ", migrate: {downtime: 60ms}", "sleeps: {late: 10ms}", TestName = "On Linux: a migration")]
    [TestCase("event: {kind: label, subject: \"4E5552\"}, delay-interrupts: {origin: local-timer, count: 1000, delay: 20ms}", "sleeps: {late: 10ms}", TestName = "On Linux: late interrupts")]
    [TestCase("event: {kind: label, subject: \"4E5552\"}, deep-idle: {core: 0, exit: 15ms, count: 100}", "interrupts: {within: 10ms}", TestName = "On Linux: entries into a deep C-state")]
    [TestCase(OnLinux + ", drift: {oscillator: refclk, ppb: 90000000}", "agree: {clocks: [hpet, tsc], within: 100us}", TestName = "On Linux: a REFCLK that drifts")]
    [TestCase(OnLinux + ", move-tsc: {ticks: -1000000000}", "monotonic: {clocks: [tsc]}", TestName = "On Linux: a TSC that is set back")]
    [Category("NeedsLinuxKernel")]
    public void AFaultBreaksTheRuleOnLinux(string fault, string rule) => Run(
        Scenario(fault, rule, holds: false)
            .Replace("memory: 64M", "memory: 256M, ipc: 1/4", StringComparison.Ordinal)
            .Replace("\"0.05\"", "\"1\"", StringComparison.Ordinal)
            .Replace("limit: 2s", "system: {kind: linux, parameters: quiet cryptomgr.notests}\nlimit: 10s", StringComparison.Ordinal),
        "--kernel",
        LinuxImage.Require());

    [TestCase("at: 150ms, period: 10ms, times: 3, smi: {length: 1us}", "fault 'it' happened 3 times")]
    [TestCase("at: 1500ms, smi: {length: 1us}", "fault 'it' happened 0 times")]
    public void TheReportSaysHowOftenAFaultHappened(string fault, string expected)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("s.yaml");
        File.WriteAllText(file, Scenario(fault, Sleeps, holds: true));
        Assert.That(CommandLine.Run("scenario", "run", file).Output, Does.Contain(expected));
    }

    [Test]
    public void TscsThatResumeAfterAMigrationMissTheDowntime()
    {
        // Clocks that derive from the TSC miss it with them: both agree with each other, and neither with the time that passed.
        const string seen = "migrate: {downtime: 60ms, tsc: resume}";
        Run(Scenario($"{Asleep}, {seen}", Sleeps, holds: false));
    }

    [Test]
    public void FirmwaresHandlerRunsOnTheDetailedEngineToo() =>
        Run(Scenario($"{Asleep}, smi: {{length: 60ms, handler: firmware}}", Sleeps, holds: false, "detailed"));

    [Test]
    public void WithoutAHandlerSuchAnSmiHasNoEffect() =>
        Run(Scenario($"{Asleep}, smi: {{length: 60ms, handler: firmware}}", Sleeps, holds: true).Replace("limit:", "firmware: {smm: false}\nlimit:", StringComparison.Ordinal));

    [TestCase("smi: {length: 70ms, handler: firmware}", "whole microseconds")]
    [TestCase("smi: {length: 1us, handler: firmware, tsc: restore-all}", "leaves the TSC alone")]
    [TestCase("jitter: {most: 2s}", "jitter")]
    [TestCase("deep-idle: {core: 7, exit: 1us}", "there is no core 7")]
    public void WhatCannotBeIsRefused(string fault, string cause)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("s.yaml");
        File.WriteAllText(file, Scenario($"at: 1ms, {fault}", Sleeps, holds: true));
        CommandLine.Run("scenario", "run", file).AssertUserError("s.yaml", cause);
    }
}
