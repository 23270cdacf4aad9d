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
    [TestCase("title: t\nsystem: {modules: [msr]}\nworkload: [[a]]\nexpect: {}\n", "line 2, column 20: 'modules' are for 'kind: linux'")]
    [TestCase("title: t\nsystem: {kind: linux, modules: [../msr]}\nworkload: [[a]]\nexpect: {}\n", "line 2, column 33: a module's name such as msr is expected here")]
    [TestCase("title: t\ntimeline: [{event: 'clock-raed', shows: x}]\n", "line 2, column 20: event 'clock-raed': no kind of events 'clock-raed'; nearest: 'clock-read'")]
    [TestCase("title: t\n\tmachine: {}\n", "f.yaml: line 2, column 1: a tab stands here; lines are indented by spaces")]
    [TestCase("title: t\nmachine:\n  cores: 2\n\tmemory: 64M\n", "f.yaml: line 4, column 1: a tab stands here")]
    [TestCase("title: 't\n", "f.yaml: line 1, column 8: ")]
    [TestCase("title: t\nmachine: {cores: 2\n", "f.yaml: line 3, column 1: While parsing a flow mapping, did not find expected ',' or '}'")]
    [TestCase("title: t: u\n", "f.yaml: line 1, column 9: ")]
    [TestCase("title:\n", "f.yaml: line 1, column 7: text is expected here, and this is empty")]
    [TestCase("title: t\nmachine: [a]\n", "f.yaml: line 2, column 10: a mapping is expected here, with model, cores")]
    [TestCase("title: [t]\n", "f.yaml: line 1, column 8: text is expected here")]
    [TestCase("title: t\nfaults: {a: b}\n", "f.yaml: line 2, column 9: a list is expected here")]
    [TestCase("title: t\nlimit: 5 ms\n", "f.yaml: line 2, column 8: a time with its unit")]
    [TestCase("title: t\nlimit: 5m\n", "f.yaml: line 2, column 8: a time with its unit")]
    [TestCase("title: t\nmachine: {cores: 65}\n", "f.yaml: line 2, column 18: a whole number from 1 to 64")]
    [TestCase("title: t\nmachine: {<<: {cores: 2}}\n", "f.yaml: line 2, column 11: '<<' is not known here")]
    [TestCase("title: t\n? [a]\n: b\n", "f.yaml: line 2, column 3: a name is expected before the colon")]
    public void MistakesHaveAPlace(string text, string expected)
    {
        Assert.That(
            () => ScenarioFile.Parse("f.yaml", text),
            Throws.TypeOf<BadInputException>().With.Message.Contains(expected).And.Message.Not.Contains("\n"));
    }

    [TestCase("faults: [{name: a, at: 1ms, smi: {length: 1us}}, {name: a, at: 2ms, smi: {length: 1us}}]", "line 6, column 57: another fault is called 'a' already")]
    [TestCase("faults: [{name: a, instruction: {count: 1}, period: 1ms, smi: {length: 1us}}]", "line 6, column 45: 'period' is for a fault that happens 'at' a time")]
    [TestCase("base: nowhere.yaml", "line 6, column 7: there is no file")]
    public void WhatCannotBeMeantIsRefused(string line, string expected)
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("a.yaml");
        File.WriteAllText(path, Minimal + line + "\n");
        CommandLine.Run("scenario", "check", path).AssertUserError("a.yaml: " + expected);
    }

    [TestCase("{name: n, in: '(x)', at-least: 5, at-most: 2}", "line 5, column 46: 'at-most' is less than 'at-least'")]
    [TestCase("{name: n, in: '(x)'}, {name: n, in: '(y)'}", "line 5, column 41: another value is called 'n' already")]
    public void SoAreValues(string values, string expected)
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("a.yaml");
        File.WriteAllText(path, Minimal.Replace("  status: 0", $"  values: [{values}]", StringComparison.Ordinal));
        CommandLine.Run("scenario", "check", path).AssertUserError("a.yaml: " + expected);
    }

    [Test]
    public void AHugeFileAndOneThatIsNoTextAreRefused()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("huge.yaml"), "title: " + new string('a', 1 << 20));
        File.WriteAllBytes(directory.File("binary.yaml"), [0x74, 0xFF]);
        CommandLine.Run("scenario", "check", directory.File("huge.yaml")).AssertUserError("huge.yaml", "is longer than");
        CommandLine.Run("scenario", "check", directory.File("binary.yaml")).AssertUserError("binary.yaml: byte 1: is no UTF-8 text");
        CommandLine.Run("scenario", "check", directory.File("nowhere.yaml")).AssertUserError("nowhere.yaml: no such file");
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
