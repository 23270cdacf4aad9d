using System.Text.Json;
using CoSim.Cli.Scenarios.Hunt;
using CoSim.Cli.Scenarios.Yaml;

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
        YamlMap neutral = (YamlMap)YamlTree.Read("f.yaml", "title: 'a: b, \"c\"'\nmachine: {cores: 2}\nworkload: [[a, '1']]\nexpect: {status: 0}\n");
        HashSet<string> drawn = [];
        for (int run = 1; run <= 1500; run++)
        {
            HuntCandidate candidate = HuntCandidate.Draw(1, run, 2);
            YamlMap changed = (YamlMap)candidate.ApplyTo(neutral);
            // What is written is read as the same.
            Assert.That(YamlText.Of((YamlMap)YamlTree.Read("again", YamlText.Of(changed))), Is.EqualTo(YamlText.Of(changed)));
            Assert.That(ScenarioFile.Parse("again", YamlText.Of(changed)).Faults, Is.EqualTo(ScenarioFile.Parse(changed).Faults));
            drawn.UnionWith(candidate.Deviations.SelectMany(d => d.When is null ? [d.What.Name] : (string[])[d.What.Name, d.When.Name]));
        }
        Assert.That(drawn, Has.Count.EqualTo(HuntSpace.Settings.Count + HuntSpace.Effects.Count + HuntSpace.Triggers.Count));
    }

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
    public void FindsFiveBugsOfTheLibraryFromNothing()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("COSIM_NIGHTLY")))
            Assert.Ignore("takes long; set COSIM_NIGHTLY=1");
        CommandLine.Result result = CommandLine.Run("hunt", Neutral, "--seed", "2", "--runs", "200");
        TestContext.Out.WriteLine(result.Output + result.Error);
        // What the library's pages say users see, and what deviates when they do.
        (string Id, string Deviation, string Line)[] bugs =
        [
            ("FW-01", "tsc-o", "TSC warp"),
            ("FW-04", "smi", "read-back delay"),
            ("FW-05", "smi", "calibration failed"),
            ("FW-07", "hpet-table-address", "is bogus"),
            ("FW-08", "hpet-stuck", "not counting"),
            ("FW-12", "timer-", "MP-BIOS bug"),
        ];
        string[] findings = result.Output.Split("\n\n");
        Assert.That(bugs.Count(b => findings.Any(f => f.Contains(b.Deviation, StringComparison.Ordinal) && f.Contains(b.Line, StringComparison.Ordinal))), Is.AtLeast(5), result.Output);
    }
}
