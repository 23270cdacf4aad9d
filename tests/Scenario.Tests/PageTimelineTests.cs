using System.Globalization;
using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Library;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>
/// The tables of the library's pages come from runs: each is that of <c>cosim repro ID --timeline</c>, numbers within a tenth, so that a little more or
/// less time somewhere makes no page wrong. COSIM_WRITE_PAGES=1 writes them anew.
/// </summary>
[TestFixture]
public sealed partial class PageTimelineTests
{
    private const string Heading = "## Cycle by cycle", Next = "## What is modelled", Indent = "    ";

    /// <summary>The least difference that counts.</summary>
    private const decimal Least = 30;

    private const decimal Part = 10;

    private static IEnumerable<string> Ids() => BugLibrary.Installed.Entries.Where(e => ScenarioFile.Read(e.BugPath).Timeline.Count > 0).Select(e => e.Id);

    private static IEnumerable<string> Others() => BugLibrary.Installed.Entries.Select(e => e.Id).Except(Ids());

    [TestCaseSource(nameof(Ids))]
    public void TheTableIsThatOfARun(string id)
    {
        CommandLine.Result result = CommandLine.Run("repro", id, "--timeline");
        Assert.That(result.Status, Is.Zero, result.Error);
        string[] run = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd())];
        string path = Path.Combine(Repository.Root, "docs", "bugs", id + ".md");
        if (Environment.GetEnvironmentVariable("COSIM_WRITE_PAGES") == "1")
            Write(path, run);
        string[] page = Table(File.ReadAllText(path));
        Assert.That(page, Has.Length.EqualTo(run.Length), result.Output);
        for (int i = 0; i < page.Length; i++)
            Assert.That(IsLike(page[i], run[i]), Is.True, $"page: {page[i]}\nrun:  {run[i]}\nCOSIM_WRITE_PAGES=1 writes the page's table anew");
    }

    [Test]
    public void ThePagesWithoutSuchATableShowThePipeline() => Assert.That(Others(), Is.EqualTo(["HW-06", "HW-07"]));

    [TestCase("a 100 b", "a  109 b", true)]
    [TestCase("a 1000 b", "a 1200 b", false)]
    [TestCase("a 1 b", "a 1 c", false)]
    [TestCase("a 12.5 7", "a 12.5", false)]
    public void NumbersMayDifferALittle(string page, string run, bool alike) => Assert.That(IsLike(page, run), Is.EqualTo(alike));

    private static string[] Table(string page)
    {
        string[] lines = page.Split('\n');
        int start = Array.IndexOf(lines, Heading);
        Assert.That(start, Is.GreaterThan(0), $"no '{Heading}'");
        return [.. lines.Skip(start + 1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal)).Where(l => l.StartsWith(Indent, StringComparison.Ordinal)).Select(l => l[Indent.Length..])];
    }

    private static void Write(string path, string[] table)
    {
        List<string> lines = [.. File.ReadAllLines(path)];
        int start = lines.IndexOf(Heading);
        if (start >= 0)
            lines.RemoveRange(start, lines.IndexOf(Next) - start);
        string introduction = $"`cosim repro {Path.GetFileNameWithoutExtension(path)} --timeline`: microseconds since the first step, core cycles since the step before, core.";
        lines.InsertRange(lines.IndexOf(Next), [Heading, introduction, "", .. table.Select(l => Indent + l), ""]);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
    }

    private static bool IsLike(string page, string run)
    {
        string[] a = page.Split(' ', StringSplitOptions.RemoveEmptyEntries), b = run.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return a.Length == b.Length && a.Zip(b).All(pair => IsWordLike(pair.First, pair.Second));
    }

    private static bool IsWordLike(string a, string b)
    {
        MatchCollection numbers = Number().Matches(a), others = Number().Matches(b);
        if (numbers.Count != others.Count || Number().Replace(a, "#") != Number().Replace(b, "#"))
            return false;
        return numbers.Zip(others).All(n =>
        {
            decimal x = decimal.Parse(n.First.Value, CultureInfo.InvariantCulture), y = decimal.Parse(n.Second.Value, CultureInfo.InvariantCulture);
            return Math.Abs(x - y) <= Math.Max(Least, Math.Max(x, y) / Part);
        });
    }

    [GeneratedRegex(@"[0-9]+(\.[0-9]+)?")]
    private static partial Regex Number();
}
