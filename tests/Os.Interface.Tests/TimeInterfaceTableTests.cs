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

    /// <summary>The cells of the table's rows: interface, clocks, treatment, tests.</summary>
    private static List<string[]> Rows() =>
    [
        .. File.ReadLines(Path.Combine(InterfaceProgram.Root, "docs/time-interface.md"))
            .Where(l => l.StartsWith('|')).Skip(2)
            .Select(l => l[1..l.LastIndexOf('|')].Split('|', StringSplitOptions.TrimEntries)),
    ];

    [Test]
    public void EveryRowNamesTestsThatExist()
    {
        HashSet<string> tests = Tests();
        List<string[]> rows = Rows();
        Assert.That(rows, Has.Count.GreaterThan(20));
        Assert.Multiple(() =>
        {
            foreach (string[] row in rows)
            {
                Assert.That(row, Has.Length.EqualTo(4), string.Join(" | ", row));
                Assert.That(row[^1].Split(", ", StringSplitOptions.RemoveEmptyEntries), Is.Not.Empty.And.SubsetOf(tests), row[0]);
            }
        });
    }

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"^    public (?:async Task|void) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();
}
