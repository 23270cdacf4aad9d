using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>A bug of the library that a finding is like.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Title">What it is.</param>
/// <param name="HasSameCause">Whether the same thing deviates in both; else only the symptom is the same.</param>
internal sealed record HuntResemblance(string Id, string Title, bool HasSameCause);

/// <summary>The library of bugs as a hunt needs it: it names what was found, and takes no part in the search.</summary>
internal sealed class HuntLibrary
{
    private readonly List<(BugEntry Entry, Symptom Symptom, HashSet<string> Causes)> _bugs = [];

    /// <summary>Reads the bugs that say how they are known.</summary>
    /// <exception cref="Os.Loader.BadInputException">An entry cannot be read.</exception>
    public HuntLibrary(BugLibrary library)
    {
        foreach (BugEntry entry in library.Entries)
        {
            YamlNode root = ScenarioFile.ReadTree(entry.BugPath);
            if (ScenarioFile.Parse(root).Symptom is { } symptom)
                _bugs.Add((entry, symptom, [.. HuntCauses.Of((YamlMap)root)]));
        }
    }

    /// <summary>Numbers of the bugs whose symptom is so.</summary>
    public IReadOnlyList<string> Ids(Func<Symptom, bool> isShown) => [.. _bugs.Where(b => isShown(b.Symptom)).Select(b => b.Entry.Id)];

    /// <summary>The bugs that a finding is like: those with the same cause, or else those with the same symptom.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="scenario">The scenario that the hunt began with.</param>
    /// <param name="candidate">What deviates.</param>
    public IReadOnlyList<HuntResemblance> Resembling(HuntObservation seen, YamlMap scenario, HuntCandidate candidate)
    {
        HashSet<string> causes = [.. HuntCauses.Of(candidate.ApplyTo(scenario)).Except(HuntCauses.Of(scenario))];
        List<HuntResemblance> alike = [];
        foreach ((BugEntry entry, _, HashSet<string> theirs) in _bugs)
        {
            bool same = theirs.Overlaps(causes);
            // Much violates a rule; a line of the console says more.
            if (seen.Said.Contains(entry.Id) || same && seen.Violated.Contains(entry.Id))
                alike.Add(new HuntResemblance(entry.Id, entry.Title, same));
        }
        // A bug with the same cause is the one; where there is none, those that look the same may help.
        return alike.Any(a => a.HasSameCause) ? [.. alike.Where(a => a.HasSameCause)] : alike;
    }
}
