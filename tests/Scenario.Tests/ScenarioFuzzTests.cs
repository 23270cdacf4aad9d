using System.Globalization;
using CoSim.Cli.Scenarios.Library;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Damaged scenarios: each is read or refused in one line with its place, and nothing else happens.</summary>
[TestFixture]
public sealed class ScenarioFuzzTests
{
    /// <summary>2,000; COSIM_FUZZ_CASES=100000 for a night, or COSIM_SCENARIO_FUZZ for scenarios only.</summary>
    private static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("COSIM_SCENARIO_FUZZ") ?? Environment.GetEnvironmentVariable("COSIM_FUZZ_CASES") ?? "2000", CultureInfo.InvariantCulture);

    private static readonly string[] Pieces =
        ["[", "]", "{", "}", ": ", "- ", "\n", "\t", "'", "\"", "|", ">", "&a ", "*a", "!!", "---\n", "...\n", "%YAML 1.2\n", "? ", "#", "\0", "\uFEFF", "é", "-1", "99999999999999999999", "title", "expect", "~", "<<", "\\x", ",", "@", "`"];

    [Test]
    public void DamagedScenariosAreReadOrRefused()
    {
        const int seed = 20_261_122;
        TestContext.Out.WriteLine($"seed {seed}, {Cases} cases");
        string[] originals = [.. BugLibrary.Installed.Entries.SelectMany(e => (string[])[e.BugPath, e.FixedPath]).Select(File.ReadAllText)];
        SchemaDocuments documents = new(ScenarioFile.Schema(), new Random(seed));
        Random random = new(seed);
        int refused = 0;
        for (int i = 0; i < Cases; i++)
        {
            string text = random.Next(3) == 0 ? documents.Next() : originals[random.Next(originals.Length)];
            for (int change = random.Next(1, 6); change > 0; change--)
                text = Damage(text, random);
            try
            {
                ScenarioFile.Parse("fuzzed", text);
            }
            catch (BadInputException e)
            {
                refused++;
                Assert.That(e.Message, Does.StartWith("fuzzed: ").And.Not.Contains("\n"), text);
            }
        }
        Assert.That(refused, Is.InRange(Cases / 2, Cases));
    }

    private static string Damage(string text, Random random)
    {
        int at = random.Next(text.Length + 1), length = Math.Min(random.Next(12), text.Length - at);
        string piece = Pieces[random.Next(Pieces.Length)];
        return random.Next(6) switch
        {
            0 => text.Insert(at, piece),
            1 => text.Remove(at, length),
            2 => text.Remove(at, length).Insert(at, piece),
            3 => text.Insert(at, text.Substring(at, length)),
            4 => text[..at],
            _ => text.Insert(at, string.Concat(Enumerable.Repeat(piece, random.Next(64)))),
        };
    }
}
