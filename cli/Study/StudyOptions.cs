using System.CommandLine;
using System.CommandLine.Parsing;
using CoSim.Cli.Options;
using CoSim.Os.Loader;

namespace CoSim.Cli.Study;

/// <summary>What the user wants measured.</summary>
/// <param name="Calls">Calls of each configuration.</param>
/// <param name="Clocks">Clock ids, without duplicates, in the user's order.</param>
/// <param name="Sources">Clocksources.</param>
/// <param name="Namespaces">Time namespaces.</param>
/// <param name="Paths">Ways of calling.</param>
/// <param name="Caches">States of the caches.</param>
/// <param name="Listing">The configuration whose annotated listing is shown.</param>
/// <param name="JsonPath">Where the JSON report goes; null for none.</param>
public sealed record StudyChoice(
    int Calls,
    IReadOnlyList<int> Clocks,
    IReadOnlyList<Clocksource> Sources,
    IReadOnlyList<NamespaceKind> Namespaces,
    IReadOnlyList<CallPath> Paths,
    IReadOnlyList<CacheState> Caches,
    StudyConfiguration Listing,
    string? JsonPath)
{
    /// <summary>Every configuration, in the order of the table.</summary>
    public IEnumerable<StudyConfiguration> Configurations() =>
        from source in Sources
        from ns in Namespaces
        from path in Paths
        from clock in Clocks
        from cache in Caches
        select new StudyConfiguration(clock, source, ns, path, cache);
}

/// <summary>The options of `cosim study clock-gettime` that choose what is measured.</summary>
internal sealed class StudyOptions
{
    private const int MaximumCalls = 1_000_000;

    private readonly Option<int> _calls = new("--calls")
    {
        Description = "Calls of each configuration.",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
        CustomParser = result => MachineOptions.Integer(result, 1, MaximumCalls),
    };

    private readonly Option<WordList> _clocks = new("--clocks")
    {
        Description = "Clocks: " + string.Join(", ", ClockNames.Names) + ".",
        HelpName = "LIST",
        DefaultValueFactory = _ => new WordList(ClockNames.Default, ClockNames.Name),
        CustomParser = result => List(result, ClockNames.Find, ClockNames.Name, ClockNames.Names),
    };

    private readonly Option<WordList> _sources = Axis("--clocksource", "Clocksources", StudyWords.Source);
    private readonly Option<WordList> _namespaces = Axis("--namespace", "Time namespaces", StudyWords.Namespace);
    private readonly Option<WordList> _paths = Axis("--path", "Ways of calling", StudyWords.Path);
    private readonly Option<WordList> _caches = Axis("--cache", "States of caches, TLBs and predictors", StudyWords.Cache);

    private readonly Option<StudyConfiguration?> _listing = new("--listing")
    {
        Description = "Call to list, CLOCK/CLOCKSOURCE/NAMESPACE/PATH/CACHE; by default monotonic/tsc/root/vdso/warm, or the first one measured.",
        HelpName = "CALL",
        CustomParser = ParseConfiguration,
    };

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Write everything to this file as JSON.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_calls, _clocks, _sources, _namespaces, _paths, _caches, _listing, _json])
            command.Add(option);
    }

    /// <summary>What the user chose.</summary>
    /// <exception cref="BadInputException">The call to list is none of the measured ones.</exception>
    public StudyChoice Read(ParseResult parsed)
    {
        StudyChoice choice = new(
            parsed.GetRequiredValue(_calls),
            parsed.GetRequiredValue(_clocks).Values,
            [.. parsed.GetRequiredValue(_sources).Values.Select(v => (Clocksource)v)],
            [.. parsed.GetRequiredValue(_namespaces).Values.Select(v => (NamespaceKind)v)],
            [.. parsed.GetRequiredValue(_paths).Values.Select(v => (CallPath)v)],
            [.. parsed.GetRequiredValue(_caches).Values.Select(v => (CacheState)v)],
            default,
            parsed.GetValue(_json));
        StudyConfiguration usual = new(1, Clocksource.Tsc, NamespaceKind.Root, CallPath.Vdso, CacheState.Warm);
        List<StudyConfiguration> measured = [.. choice.Configurations()];
        StudyConfiguration listing = parsed.GetValue(_listing) ?? (measured.Contains(usual) ? usual : measured[0]);
        return measured.Contains(listing)
            ? choice with { Listing = listing }
            : throw new BadInputException($"--listing '{listing}'", "the other options leave this call out");
    }

    /// <summary>An option that takes several words of an axis; all of them by default.</summary>
    internal static Option<WordList> Axis(string name, string description, StudyWords words) => new(name)
    {
        Description = $"{description}: {string.Join(", ", words.Names)}.",
        HelpName = "LIST",
        DefaultValueFactory = _ => new WordList([.. Enumerable.Range(0, words.Names.Count)], words.Name),
        CustomParser = result => List(result, words.Find, words.Name, words.Names),
    };

    private static WordList List(ArgumentResult result, Func<string, int> find, Func<int, string> name, IEnumerable<string> names)
    {
        List<int> values = [];
        foreach (string word in MachineOptions.Word(result).Split(',', StringSplitOptions.TrimEntries))
        {
            int value = find(word);
            if (value < 0)
                return MachineOptions.Fail<WordList>(result, $"'{word}' is none of {string.Join(", ", names)}");
            if (!values.Contains(value))
                values.Add(value);
        }
        return new WordList(values, name);
    }

    private static StudyConfiguration? ParseConfiguration(ArgumentResult result)
    {
        string[] parts = MachineOptions.Word(result).Split('/');
        if (parts.Length != 5)
            return MachineOptions.Fail<StudyConfiguration?>(result, "write CLOCK/CLOCKSOURCE/NAMESPACE/PATH/CACHE");
        ReadOnlySpan<int> found = [ClockNames.Find(parts[0]), StudyWords.Source.Find(parts[1]), StudyWords.Namespace.Find(parts[2]), StudyWords.Path.Find(parts[3]), StudyWords.Cache.Find(parts[4])];
        int missing = found.IndexOf(-1);
        return missing >= 0
            ? MachineOptions.Fail<StudyConfiguration?>(result, $"no such word: '{parts[missing]}'")
            : new StudyConfiguration(found[0], (Clocksource)found[1], (NamespaceKind)found[2], (CallPath)found[3], (CacheState)found[4]);
    }
}
