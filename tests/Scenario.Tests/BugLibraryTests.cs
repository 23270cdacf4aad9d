using System.Diagnostics;
using System.Text.Json;
using CoSim.Cli.Scenarios.Library;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Every entry of the library: an entry is files, and its tests come of themselves.</summary>
[TestFixture]
public sealed class BugLibraryTests
{
    private static readonly TimeSpan LongestRepro = TimeSpan.FromSeconds(60);

    private static readonly string[] Headings = ["## What users see", "## What happens", "## Cycle by cycle", "## What is modelled", "## Fix", "## References"];

    private static IEnumerable<string> Ids() => BugLibrary.Installed.Entries.Select(e => e.Id);

    private static IEnumerable<string> LinuxIds() => BugLibrary.Installed.Entries.Where(e => File.Exists(e.LinuxPath)).Select(e => e.Id);

    private static IEnumerable<string> NewerLinuxIds() => BugLibrary.Installed.Entries.Where(e => File.Exists(e.LinuxNewerPath)).Select(e => e.Id);

    [TestCaseSource(nameof(Ids))]
    public void ShowsTheBugAndItsFix(string id)
    {
        long start = Stopwatch.GetTimestamp();
        CommandLine.Result result = CommandLine.Run("repro", id);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero, result.Output + result.Error);
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(LongestRepro));
        }
    }

    [TestCaseSource(nameof(LinuxIds))]
    [Category("NeedsLinuxKernel")]
    public void ShowsTheBugOnAnUnmodifiedLinux(string id)
    {
        CommandLine.Result result = CommandLine.Run("repro", id, "--kernel", LinuxImage.Require(Kernels(id).Bug));
        if (result.Error.Contains("there is no module", StringComparison.Ordinal))
            Assert.Ignore(result.Error);
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
    }

    [TestCaseSource(nameof(NewerLinuxIds))]
    [Category("NeedsLinuxKernel")]
    public void ANewerUnmodifiedLinuxDoesNotShowIt(string id)
    {
        CommandLine.Result result = CommandLine.Run("repro", id, "--fixed-kernel", LinuxImage.Require(Kernels(id).Fixed));
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
    }

    /// <summary>The folders of artifacts with Debian's kernels on both sides of a fix; most bugs are in every kernel.</summary>
    private static (string Bug, string Fixed) Kernels(string id) => id switch
    {
        "TN-03" => ("linux-6.1.190", "linux"),
        "KT-05" or "TN-01" or "TN-02" => ("linux", "linux"),
        _ => ("linux", "linux-6.12"),
    };

    [TestCaseSource(nameof(Ids))]
    public void HasAPage(string id)
    {
        BugEntry entry = BugLibrary.Installed.Find(id);
        string page = CommandLine.Run("repro", id, "--explain").Output;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry.Title, Has.Length.InRange(20, 160));
            Assert.That(page, Is.EqualTo(File.ReadAllText(entry.PagePath)));
            foreach (string heading in Headings)
                Assert.That(page.Split('\n'), Has.Member(heading));
        }
    }

    [TestCaseSource(nameof(Ids))]
    public void TheScenariosDifferInWhatTheySay(string id)
    {
        // A fix that changes nothing shows nothing.
        BugEntry entry = BugLibrary.Installed.Find(id);
        Scenario bug = ScenarioFile.Read(entry.BugPath), repaired = ScenarioFile.Read(entry.FixedPath);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(repaired.Title, Is.Not.EqualTo(bug.Title));
            Assert.That(repaired.Expect.Console.Count + repaired.Expect.Values.Count + repaired.Expect.Invariants.Count, Is.Positive);
            Assert.That(bug.Expect.Console.Count + bug.Expect.Values.Count + bug.Expect.Invariants.Count, Is.Positive);
        }
    }

    [Test]
    public void AllEntriesAreListed()
    {
        CommandLine.Result result = CommandLine.Run("repro", "--list");
        Assert.That(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(' ')[0]), Is.EqualTo(Ids()));
    }

    [Test]
    public void TheListIsJsonToo()
    {
        using JsonDocument list = JsonDocument.Parse(CommandLine.Run("repro", "--list", "--json").Output);
        Assert.That(list.RootElement.GetProperty("bugs").EnumerateArray().Select(b => b.GetProperty("id").GetString()), Is.EqualTo(Ids()));
    }

    [TestCase("--explain")]
    [TestCase("--timeline")]
    public void AllOfThemAreRunAsTheyAre(string option) => CommandLine.Run("repro", "all", option).AssertUserError("'all'", option);

    [Test]
    public void WhatIsFixedInLinuxSaysHowToSeeIt() => CommandLine.Run("repro", "KT-05", "--kernel", "vmlinuz").AssertUserError("KT-05", "--fixed-kernel");

    [Test]
    public void AnUnknownNumberIsRefusedWithTheNearest() => CommandLine.Run("repro", "TN-1l").AssertUserError("TN-1l", "nearest");

    [Test]
    public void ANumberIsNeeded() => CommandLine.Run("repro").AssertUserError("--list");
}
