using System.Globalization;
using System.Text.RegularExpressions;

namespace CoSim.Os.Interface.Tests;

/// <summary>docs/system-calls.md lists what the kernel's dispatch table holds, neither more nor less.</summary>
[TestFixture]
public sealed partial class SystemCallTableTests
{
    private static string Kernel => Path.Combine(InterfaceProgram.Root, "os/Kernel");

    /// <summary>Number and function of every registration in the kernel's sources; a later one replaces an earlier one, as in the kernel.</summary>
    private static SortedDictionary<int, string> Registered()
    {
        Dictionary<string, int> numbers = NumberOf().Matches(File.ReadAllText(Path.Combine(Kernel, "Calls/Nr.cs")))
            .ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
        SortedDictionary<int, string> calls = [];
        foreach (string file in Directory.EnumerateFiles(Kernel, "*.cs", SearchOption.AllDirectories))
        {
            foreach (Match m in Registration().Matches(File.ReadAllText(file)))
            {
                string key = m.Groups[1].Value, handler = m.Groups[2].Value;
                int number = char.IsAsciiDigit(key[0]) ? int.Parse(key, CultureInfo.InvariantCulture) : numbers[key["Nr.".Length..]];
                Assert.That(calls.TryAdd(number, handler), Is.True, $"system call {number} is registered twice");
            }
        }
        return calls;
    }

    private static SortedDictionary<int, string> Documented()
    {
        SortedDictionary<int, string> calls = [];
        foreach (Match m in Row().Matches(File.ReadAllText(Path.Combine(InterfaceProgram.Root, "docs/system-calls.md"))))
            Assert.That(calls.TryAdd(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m.Groups[2].Value), Is.True, m.Value);
        return calls;
    }

    [Test]
    public void DocumentationIsTheDispatchTable() =>
        Assert.That(Documented().Select(c => $"{c.Key} {c.Value}"), Is.EqualTo(Registered().Select(c => $"{c.Key} {c.Value}")));

    [Test]
    public void TheTableIsFound() => Assert.That(Registered(), Has.Count.GreaterThan(150).And.ContainKey(228));

    [GeneratedRegex(@"(\w+) = (\d+)[,;]")]
    private static partial Regex NumberOf();

    [GeneratedRegex(@"\bSet(?:Lean)?\((Nr\.\w+|\d+), &([\w.]+)\);")]
    private static partial Regex Registration();

    [GeneratedRegex(@"^\| (\d+) \| \w+ \| ([\w.]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
