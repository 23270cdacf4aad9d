using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Finds for each failed run what of it is enough to fail so.</summary>
/// <param name="choice">What the user chose.</param>
/// <param name="root">The scenario's document.</param>
/// <param name="runner">Runs candidates.</param>
/// <param name="library">Names what is known.</param>
internal sealed class HuntExplainer(HuntChoice choice, YamlMap root, HuntRunner runner, HuntLibrary library)
{
    private readonly List<HuntFinding> _findings = [];

    /// <summary>Different failures, in the order of the runs.</summary>
    public IReadOnlyList<HuntFinding> Findings => _findings;

    /// <summary>Shrinks a failed run until every symptom of it has been seen in something small.</summary>
    public void Explain(int run, HuntCandidate candidate, IReadOnlyList<HuntSymptom> symptoms)
    {
        IReadOnlyList<string> kinds = HuntFinding.KindsOf(candidate);
        List<HuntSymptom> open = [.. symptoms];
        foreach (HuntFinding known in _findings.Where(f => f.Kinds.All(kinds.Contains)))
            open.RemoveAll(s => known.Explained.Contains(s.Key));
        while (open.Count > 0)
        {
            HuntFinding finding = Shrink(run, candidate, symptoms, open[0]);
            Add(finding);
            open.RemoveAll(s => finding.Explained.Contains(s.Key));
        }
    }

    private HuntFinding Shrink(int run, HuntCandidate candidate, IReadOnlyList<HuntSymptom> symptoms, HuntSymptom symptom)
    {
        HuntShrink shrink = new(runner, symptom);
        HuntCandidate smallest = shrink.Shrink(candidate);
        HuntObservation seen = shrink.Seen ?? runner.Observe([candidate])[0];
        string[] explained = [.. seen.Symptoms.Concat(shrink.Explained?.Symptoms ?? symptoms).Select(s => s.Key).Distinct()];
        // What was looked for comes first, then what comes with it.
        HuntSymptom[] together = [.. seen.Symptoms.OrderBy(s => s.Key != symptom.Key)];
        IReadOnlyList<HuntResemblance> alike = library.Resembling(seen, root, smallest);
        return new HuntFinding(run, symptom, together, explained, smallest, alike, HuntText.Of(choice, run, root, smallest, together, alike));
    }

    private void Add(HuntFinding finding)
    {
        // The same deviations with a symptom that they have been seen with are the same failure.
        HashSet<string> seen = [.. finding.Symptoms.Select(s => s.Key)];
        int same = _findings.FindIndex(f => f.Kinds.SequenceEqual(finding.Kinds) && (f.Symptoms.Any(s => seen.Contains(s.Key)) || seen.Overlaps(f.Explained)));
        if (same < 0)
            _findings.Add(finding);
        else
            _findings[same] = _findings[same] with { Explained = [.. _findings[same].Explained.Union(finding.Explained)] };
    }
}
