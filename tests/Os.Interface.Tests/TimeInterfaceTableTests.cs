using System.Text.RegularExpressions;

namespace CoSim.Os.Interface.Tests;

/// <summary>docs/time-interface.md names a test for each of its rows, and the tests exist.</summary>
[TestFixture]
public sealed partial class TimeInterfaceTableTests
{
    private static readonly string[] s_projects = ["Os.Interface.Tests", "Os.Time.Tests"];

    /// <summary>Class.Method of every test of the two projects' sources.</summary>
    private static HashSet<string> Tests()
    {
        HashSet<string> tests = [];
        foreach (string project in s_projects)
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(InterfaceProgram.Root, "tests", project), "*Tests*.cs"))
            {
                string text = File.ReadAllText(file);
                Match type = TestClass().Match(text);
                if (!type.Success) continue;
                foreach (Match method in Method().Matches(text)) tests.Add($"{type.Groups[1].Value}.{method.Groups[1].Value}");
            }
        }
        return tests;
    }

    /// <summary>The cells of a table's rows: the interfaces have clocks and treatment, the clauses have how it is, and both have tests last.</summary>
    private static List<string[]> Rows(string heading) =>
    [
        .. File.ReadLines(Path.Combine(InterfaceProgram.Root, "docs/time-interface.md"))
            .SkipWhile(l => !l.StartsWith("| " + heading + " |", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.StartsWith('|'))
            .Select(l => l[1..l.LastIndexOf('|')].Split('|', StringSplitOptions.TrimEntries)),
    ];

    [TestCase("interface", 4)]
    [TestCase("clause", 3)]
    public void EveryRowNamesTestsThatExist(string heading, int cells)
    {
        HashSet<string> tests = Tests();
        List<string[]> rows = Rows(heading);
        Assert.That(rows, Has.Count.GreaterThan(20));
        Assert.Multiple(() =>
        {
            foreach (string[] row in rows)
            {
                Assert.That(row, Has.Length.EqualTo(cells), string.Join(" | ", row));
                Assert.That(row[^1].Split(", ", StringSplitOptions.RemoveEmptyEntries), Is.Not.Empty.And.SubsetOf(tests), row[0]);
            }
        });
    }

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"^    public (?:async Task|void) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();
}
