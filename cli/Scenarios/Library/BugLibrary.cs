using CoSim.Cli.Scenarios.Shapes;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Library;

/// <summary>The library of bugs beside the program: an entry is a folder of scenarios/bugs and a page of docs/bugs, nothing else.</summary>
/// <param name="root">The directory that has both.</param>
internal sealed class BugLibrary(string root)
{
    /// <summary>The library of this program.</summary>
    public static BugLibrary Installed => new(AppContext.BaseDirectory);

    /// <summary>All entries by number.</summary>
    public IReadOnlyList<BugEntry> Entries
    {
        get
        {
            string scenarios = Path.Combine(root, "scenarios", "bugs");
            return !Directory.Exists(scenarios)
                ? []
                : [.. Directory.GetDirectories(scenarios).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).Select(id => new BugEntry(id, Path.Combine(scenarios, id), Path.Combine(root, "docs", "bugs", id + ".md")))];
        }
    }

    /// <summary>An entry by its number, in either case.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public BugEntry Find(string id) =>
        Entries.FirstOrDefault(e => e.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new BadInputException($"'{id}'", $"no such bug in the library; {NearestWord.Hint(id, [.. Entries.Select(e => e.Id)])}");
}
