namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Every kind of fault that a scenario can name breaks the rule that it should break, and nothing breaks it without.</summary>
[TestFixture]
public sealed class FaultScenarioTests
{
    private const string Sleeps = "sleeps: {early: 1ms, late: 1ms}", Interrupts = "interrupts: {within: 1ms}";
    private const string Asleep = "event: {kind: label, subject: \"4E5552\", delay: 20ms}";

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

    private static void Run(string text)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("s.yaml");
        File.WriteAllText(file, text);
        CommandLine.Result result = CommandLine.Run("scenario", "run", file);
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
