using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Mistakes are reported with file, line, column, cause, and the nearest word.</summary>
[TestFixture]
public sealed class ReaderTests
{
    private const string Minimal = "title: t\nworkload:\n  - [a]\nexpect:\n  status: 0\n";

    [Test]
    public void TheLeastScenarioIsRead()
    {
        Scenario scenario = ScenarioFile.Parse("f.yaml", Minimal);
        Assert.That((scenario.Title, scenario.Workload[0].Words[0], scenario.Expect.Status), Is.EqualTo(("t", "a", 0)));
    }

    [TestCase("title: t\nmachin: {}\n", "f.yaml: line 2, column 1: 'machin' is not known here; nearest: 'machine'")]
    [TestCase("title: t\nworkload: [[a]]\nexpect: {status: 256}\n", "f.yaml: line 3, column 18: a whole number from 0 to 255")]
    [TestCase("title: t\nmachine:\n  model: 7743\n", "f.yaml: line 3, column 10: '7743' is not known here; nearest: '7742'")]
    [TestCase("title: t\nmachine:\n  memory: 12\n", "f.yaml: line 3, column 11: a size such as 256M")]
    [TestCase("title: t\nlimit: 3\n", "f.yaml: line 2, column 8: a time with its unit")]
    [TestCase("title: t\ntitle: u\n", "f.yaml: line 2, column 1: 'title' is there twice")]
    [TestCase("title: t\nworkload: [[a]]\n", "f.yaml: line 1, column 1: 'expect' is missing")]
    [TestCase("title: [t\n", "f.yaml: line ")]
    [TestCase("title: *x\n", "aliases are not used")]
    [TestCase("title: &x t\n", "anchors are not used")]
    [TestCase("title: !!str t\n", "tags are not used")]
    [TestCase("", "f.yaml: is empty")]
    [TestCase("title: t\n---\ntitle: u\n", "f.yaml: line 2, column 1: a second document")]
    [TestCase("- a\n", "f.yaml: line 1, column 1: a mapping is expected here")]
    [TestCase("title: t\nworkload: [[a]]\nexpect: {console: [{present: x, absent: y}]}\n", "line 3, column 33: 'absent' cannot stand beside 'present'")]
    [TestCase("title: t\nworkload: [[a]]\nexpect: {console: [{}]}\n", "line 3, column 20: what is expected is missing here: one of present, absent, matches, lacks")]
    [TestCase("title: t\nworkload: [[a]]\nexpect: {console: [{matches: '('}]}\n", "line 3, column 30: is no regular expression")]
    [TestCase("title: t\nworkload: [[a]]\nexpect: {console: [{matches: '(a)\\1'}]}\n", "linear time")]
    [TestCase("title: t\nworkload: [[a]]\nexpect: {values: [{name: n, in: x}]}\n", "the number must be in a group")]
    [TestCase("title: t\nmachine: {model: 7252, cores: 9}\nworkload: [[a]]\nexpect: {}\n", "an EPYC 7252 has 8 cores, not 9")]
    [TestCase("title: t\nsystem: {kernel: x}\nworkload: [[a]]\nexpect: {}\n", "line 2, column 18: 'kernel' is for 'kind: linux'")]
    public void MistakesHaveAPlace(string text, string expected)
    {
        Assert.That(
            () => ScenarioFile.Parse("f.yaml", text),
            Throws.TypeOf<BadInputException>().With.Message.Contains(expected).And.Message.Not.Contains("\n"));
    }

    [Test]
    public void DeepNestingIsRefused() =>
        Assert.That(() => ScenarioFile.Parse("f.yaml", "title: " + new string('[', 100_000)), Throws.TypeOf<BadInputException>());

    [Test]
    public void ABaseIsReadAndReplaced()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("a.yaml"), Minimal + "machine: {cores: 2, seed: 7}\n");
        string derived = directory.File("b.yaml");
        File.WriteAllText(derived, "base: a.yaml\ntitle: u\nmachine: {cores: 3}\n");
        Scenario scenario = ScenarioFile.Read(derived);
        Assert.That((scenario.Title, scenario.Machine.Choice.Cores, scenario.Machine.Choice.Seed), Is.EqualTo(("u", 3, 7UL)));
    }

    [Test]
    public void AMistakeInABaseNamesTheBase()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("a.yaml"), Minimal + "machine: {coers: 2}\n");
        string derived = directory.File("b.yaml");
        File.WriteAllText(derived, "base: a.yaml\ntitle: u\n");
        CommandLine.Run("scenario", "check", derived).AssertUserError("a.yaml: line 6, column 11: 'coers'", "nearest: 'cores'");
    }

    [Test]
    public void AMissingProgramIsNamedWithItsPlace()
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("a.yaml");
        File.WriteAllText(path, Minimal.Replace("[a]", "[no-such-program]", StringComparison.Ordinal));
        CommandLine.Run("scenario", "run", path).AssertUserError("line 3, column 5: there is no program 'no-such-program'");
    }
}
