using System.Text.Json;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Every kind of expectation, once as it comes and once as it does not: one run, and what it says of each.</summary>
[TestFixture]
public sealed class ExpectationKindTests
{
    /// <summary>Two sleeps; the second core's TSC is 89 us behind, and nothing else is wrong.</summary>
    private const string Head = """
        title: Two cores read CLOCK_MONOTONIC in turns
        machine: {cores: 2, memory: 64M, tsc-offsets: [0, -200000]}
        system: {parameters: tsc=reliable}
        workload:
          - [timekeepingbugs, two-cores]
          - [busybox, sleep, "0.05"]
          - [busybox, "false"]
        limit: 5s
        expect:

        """;

    private const string Console = "console", Values = "values", Invariants = "invariants";

    private static readonly (string List, string Expectation, bool IsMet)[] s_all =
    [
        (Console, "{present: 'two cores: read the clock 400 times'}", true),
        (Console, "{present: 'two cores: read the clock 500 times'}", false),
        (Console, "{absent: 'TSC warp'}", true),
        (Console, "{absent: 'two cores'}", false),
        (Console, "{matches: '^two cores: .* [0-9]+ times$'}", true),
        (Console, "{matches: '^cores'}", false),
        (Console, "{lacks: 'soft lockup|BUG'}", true),
        (Console, "{lacks: 'two c[a-z]+s'}", false),
        (Values, "{name: readings, in: 'the clock ([0-9]+) times', at-least: 400, at-most: 400}", true),
        (Values, "{name: more readings, in: 'the clock ([0-9]+) times', at-least: 401}", false),
        (Values, "{name: fewer readings, in: 'the clock ([0-9]+) times', at-most: 399}", false),
        (Values, "{name: nothing, in: 'no such line ([0-9]+)'}", false),
        (Invariants, "{monotonic: {clocks: [monotonic], across-cores: false}}", true),
        (Invariants, "{monotonic: {clocks: [monotonic]}}", false),
        (Invariants, "{monotonic: {clocks: [monotonic], tolerance: 100us}}", true),
        (Invariants, "{monotonic: {clocks: [monotonic]}, holds: false}", true),
        (Invariants, "{agree: {clocks: [tsc, monotonic], within: 1ms}}", true),
        (Invariants, "{agree: {clocks: [tsc, monotonic], within: 1ms}, holds: false}", false),
        (Invariants, "{sleeps: {early: 1us, late: 5ms}}", true),
        (Invariants, "{sleeps: {late: 1ns}}", false),
        (Invariants, "{timers: {early: 1ns}}", true),
        (Invariants, "{timers: {early: 1ns}, holds: false}", false),
        (Invariants, "{interrupts: {within: 1ms}}", true),
        (Invariants, "{interrupts: {within: 0ns}}", false),
        // A rule that was never tested does not hold: no program reads this clock.
        (Invariants, "{monotonic: {clocks: [realtime-coarse]}}", false),
    ];

    [Test]
    public void EachIsMetWhereItShouldBe()
    {
        string lists = string.Concat(s_all.GroupBy(e => e.List).Select(g => $"  {g.Key}:\n" + string.Concat(g.Select(e => $"    - {e.Expectation}\n"))));
        (int status, bool[] met, string text) = Run(lists);
        Assert.That(status, Is.EqualTo(1), text);
        // The first is how the run ends.
        Assert.That(met, Has.Length.EqualTo(s_all.Length + 1), text);
        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < s_all.Length; i++)
                Assert.That(met[i + 1], Is.EqualTo(s_all[i].IsMet), s_all[i].Expectation);
        }
    }

    [TestCase("  end: exit\n", new[] { true })]
    [TestCase("  end: limit\n", new[] { false })]
    [TestCase("  status: 1\n", new[] { true, true })]
    [TestCase("  status: 0\n", new[] { true, false })]
    public void SoAreTheEndAndTheStatus(string expectation, bool[] expected)
    {
        (int status, bool[] met, string text) = Run(expectation);
        Assert.That((status, met), Is.EqualTo((expected.All(m => m) ? 0 : 1, expected)), text);
    }

    private static (int Status, bool[] Met, string Text) Run(string expectations)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("e.yaml");
        File.WriteAllText(file, Head + expectations);
        CommandLine.Result result = CommandLine.Run("scenario", "run", file, "--json");
        Assert.That(result.Status, Is.LessThan(2), result.Error);
        using JsonDocument report = JsonDocument.Parse(result.Output);
        return (result.Status, [.. report.RootElement.GetProperty("expectations").EnumerateArray().Select(e => e.GetProperty("met").GetBoolean())], result.Output);
    }
}
