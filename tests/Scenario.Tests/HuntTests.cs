using System.Text.Json;
using CoSim.Cli.Scenarios.Hunt;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Hw.Board;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>`cosim hunt`: finds what makes a scenario fail, and makes it small.</summary>
[TestFixture]
public sealed class HuntTests
{
    /// <summary>A short one, so that a hunt takes seconds.</summary>
    private const string Short = """
        title: A boot and a short sleep
        machine: {cores: 2, memory: 64M, ipc: 1/32}
        workload:
          - [clockproof, rounds=1]
        limit: 2s
        expect:
          status: 0
          console:
            - lacks: "(Firmware Bug|MP-BIOS bug|is bogus|not counting|unstable|TSC warp)"
        """;

    private const string Two = "title: 'a: b, \"c\"'\nmachine: {cores: 2}\nworkload: [[a, '1']]\nexpect: {status: 0}\n";

    /// <summary>No kind but those of a scenario's own.</summary>
    private static string Nothing => string.Join(", ", HuntSpace.Settings.Concat(HuntSpace.Effects).Select(k => $"{k.Name}: 0"));

    private static string Neutral => Path.Combine(Repository.Root, "scenarios", "hunt", "neutral.yaml");

    [Test]
    public void FindsShrinksAndIsTheSameWithOneJobAndTwo()
    {
        using TemporaryDirectory directory = new();
        string scenario = directory.File("short.yaml");
        File.WriteAllText(scenario, Short);
        CommandLine.Result one = CommandLine.Run("hunt", scenario, "--runs", "3", "--seed", "1", "--jobs", "1", "--json", "-o", directory.File("one.yaml"));
        CommandLine.Result two = CommandLine.Run("hunt", scenario, "--runs", "3", "--seed", "1", "--jobs", "2", "--json", "-o", directory.File("two.yaml"));
        Assert.That(one.Status, Is.EqualTo(1), one.Output + one.Error);
        using JsonDocument report = JsonDocument.Parse(one.Output);
        JsonElement[] findings = [.. report.RootElement.GetProperty("findings").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Error, Is.Empty, "progress is for terminals");
            Assert.That(two.Output, Is.EqualTo(one.Output.Replace("one", "two", StringComparison.Ordinal)));
            Assert.That(findings, Is.Not.Empty);
            Assert.That(findings.Select(f => f.GetProperty("deviations").GetArrayLength()), Has.All.EqualTo(1), "one deviation is enough for each");
        }
        foreach (JsonElement finding in findings)
        {
            string file = finding.GetProperty("file").GetString()!;
            Assert.That(File.ReadAllText(file), Is.EqualTo(finding.GetProperty("scenario").GetString()));
            CommandLine.Result again = CommandLine.Run("scenario", "run", file);
            Assert.That((again.Status, again.Output), Is.EqualTo((1, again.Output)).And.Matches<(int, string Output)>(r => r.Output.Contains("NOT as expected", StringComparison.Ordinal)), again.Error);
        }
    }

    [Test]
    public void EveryDeviationCanBeRead()
    {
        Scenario scenario = ScenarioFile.Parse("f.yaml", Two);
        YamlMap root = (YamlMap)YamlTree.Read("f.yaml", Two);
        HuntDeck deck = new(1, scenario);
        HashSet<string> drawn = [];
        for (int run = 1; run <= 1500; run++)
        {
            HuntCandidate candidate = deck.Draw(run);
            YamlMap changed = candidate.ApplyTo(root);
            // What is written is read as the same.
            Assert.That(YamlText.Of((YamlMap)YamlTree.Read("again", YamlText.Of(changed))), Is.EqualTo(YamlText.Of(changed)));
            Scenario read = ScenarioFile.Parse("again", YamlText.Of(changed));
            Assert.That(read.Faults, Is.EqualTo(ScenarioFile.Parse(changed).Faults));
            Assert.That(FaultCheck.Problem([.. read.Faults.Select(f => f.ToFault())], cores: 2), Is.Null, YamlText.Of(changed));
            drawn.UnionWith(candidate.Deviations.SelectMany(d => d.When is null ? [d.What.Name] : (string[])[d.What.Name, d.When.Name]));
        }
        Assert.That(drawn, Has.Count.EqualTo(HuntSpace.Settings.Count + HuntSpace.Effects.Count + HuntSpace.Triggers.Count));
    }

    [TestCase(1ul)]
    [TestCase(77ul)]
    public void EveryKindHasItsTurnInARound(ulong seed)
    {
        HuntDeck deck = new(seed, ScenarioFile.Parse("f.yaml", Two));
        string[] leaders = [.. Enumerable.Range(1, deck.Round).Select(run => deck.Draw(run).Deviations[0].What.Name)];
        Assert.That(leaders, Is.EquivalentTo(HuntSpace.Settings.Concat(HuntSpace.Effects).Select(k => k.Name)));
    }

    [Test]
    public void AScenarioDescribesDeviationsOfItsOwnAndHowOftenEachComes()
    {
        Scenario scenario = ScenarioFile.Parse("f.yaml", Two + """
            hunt:
              most: 1
              weights: {hpet-stuck: 0, smi: 2}
              deviations:
                - {name: storm, weight: 5, fault: {at: 1ms..2ms, period: 10us..20us, times: 0, smi: {length: 1us..5us}}}
                - {name: seed, setting: {machine: {seed: 1..9}, system: {semantics: linux-5.6|linux-5.10}}}
            """);
        HuntDeck deck = new(1, scenario);
        HuntDeviation[] leaders = [.. Enumerable.Range(1, deck.Round).Select(run => deck.Draw(run).Deviations.Single())];
        HuntDeviation[] storms = [.. leaders.Where(d => d.What.Name == "storm")];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(leaders.Count(d => d.What.Name == "hpet-stuck"), Is.Zero);
            Assert.That(leaders.Count(d => d.What.Name == "smi"), Is.EqualTo(2));
            Assert.That(storms, Has.Length.EqualTo(5));
            Assert.That(storms.Select(s => s.Text(1)), Has.All.Match(@"^\{name: storm 1, at: [12](\.[0-9]+)?[mu]?[0-9]*[mu]s, period: [12][0-9]us, times: 0, smi: \{length: [1-5]us\}\}$"));
            Assert.That(leaders.Single(d => d.What.Name == "seed").Text(1), Does.Match(@"^\{machine: \{seed: [1-9]\}, system: \{semantics: linux-5\.(6|10)\}\}$"));
        }
    }

    [TestCase("{name: a, fault: {at: 5ms..1ms, smi: {length: 1us}}}", "ends before it begins")]
    [TestCase("{name: a, fault: {at: 5ms, smi: {length: 1..9}}}", "deviation 'a'")]
    [TestCase("{name: a, setting: {machine: {speed: 1..9}}}", "'speed' is not known here")]
    [TestCase("{name: a, setting: {machine: {}}, fault: {at: 1ms}}", "cannot stand beside")]
    public void ADeviationThatCannotBeIsRefusedWithItsPlace(string deviation, string cause)
    {
        using TemporaryDirectory directory = new();
        string scenario = directory.File("own.yaml");
        File.WriteAllText(scenario, Short + $"\nhunt: {{weights: {{{Nothing}}}, deviations: [{deviation}]}}\n");
        CommandLine.Run("hunt", scenario, "--runs", "1").AssertUserError("own.yaml", "line", cause);
    }

    [TestCase(1234567, 1000000)]
    [TestCase(-95, -90)]
    [TestCase(250000, 200000)]
    public void ValuesBecomeRounder(long value, long first) =>
        Assert.That(HuntValues.Rounder(HuntParameter.Magnitude("n", -10_000_000, 10_000_000), value)[0], Is.EqualTo(first));

    [TestCase(100)]
    [TestCase(7)]
    [TestCase(0)]
    public void ARoundValueStays(long value) => Assert.That(HuntValues.Rounder(HuntParameter.Magnitude("n", 0, 1000), value), Is.Empty);

    [Test]
    public void AScenarioThatFailsByItselfIsRefused()
    {
        using TemporaryDirectory directory = new();
        string scenario = directory.File("bad.yaml");
        File.WriteAllText(scenario, Short.Replace("status: 0", "status: 3", StringComparison.Ordinal));
        CommandLine.Run("hunt", scenario).AssertUserError("bad.yaml", "before anything is changed", "exit status 3");
    }

    [TestCase("--runs", "0")]
    [TestCase("--jobs", "-1")]
    public void NumbersHaveBounds(string option, string value) => CommandLine.Run("hunt", Neutral, option, value).AssertUserError(option, "is a number from 1 to");

    [Test]
    public void AFindingSaysWhichBugOfTheLibraryItIsLike()
    {
        using TemporaryDirectory directory = new();
        string scenario = directory.File("own.yaml");
        File.WriteAllText(scenario, Short.Replace("TSC warp", "TSC warp|calibration failed", StringComparison.Ordinal) + $"\nhunt: {{most: 1, weights: {{{Nothing}}}, deviations: [{{name: smi-storm, fault: {{at: 1ms..2ms, period: 2ms..4ms, times: 0, smi: {{length: 600us..1ms}}}}}}]}}\n");
        CommandLine.Result result = CommandLine.Run("hunt", scenario, "--runs", "2", "--seed", "1", "-o", directory.File("found.yaml"));
        string file = File.ReadAllText(directory.File("found.yaml"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(1), result.Output + result.Error);
            Assert.That(result.Output, Does.Contain("like bugs of the library: FW-05").And.Contain("1 different failures"));
            Assert.That(file, Does.Contain("This is like FW-05").And.Contain("tsc: Fast TSC calibration failed").And.Not.Contain("hunt:"));
            Assert.That(file, Does.Match(@"smi: \{length: [1-9]0{0,2}us\}"), "a round length");
        }
    }

    [TestCase("1")]
    [TestCase("2")]
    public void FindsFiveBugsOfTheLibraryFromNothing(string seed)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("COSIM_NIGHTLY")))
            Assert.Ignore("takes minutes; set COSIM_NIGHTLY=1");
        CommandLine.Result result = CommandLine.Run("hunt", Neutral, "--seed", seed, "--json");
        using JsonDocument report = JsonDocument.Parse(result.Output);
        string[] known = [.. report.RootElement.GetProperty("known").EnumerateArray().Select(k => k.GetString()!)];
        TestContext.Out.WriteLine(string.Join(", ", known));
        Assert.That(known, Has.Length.AtLeast(5), result.Output);
    }
}
