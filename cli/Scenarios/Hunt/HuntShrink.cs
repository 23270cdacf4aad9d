namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>
/// Makes a candidate as small as it can be while it shows the same symptom. Every step tries a list of smaller ones and takes the first of
/// them that still does, so that running them side by side changes nothing.
/// </summary>
/// <param name="runner">Runs candidates.</param>
/// <param name="symptom">What must still be seen.</param>
internal sealed class HuntShrink(HuntRunner runner, HuntSymptom symptom)
{
    /// <summary>Rounds for one value: each divides it by 16, by 4 or by 2.</summary>
    private const int MostRounds = 8;

    /// <summary>What is seen in the smallest candidate; null when nothing smaller than the first one was found.</summary>
    public HuntObservation? Seen { get; private set; }

    /// <summary>What was seen with the deviations of the smallest candidate before their values were made smaller; null when none was dropped.</summary>
    public HuntObservation? Explained { get; private set; }

    /// <summary>The smallest candidate that was found.</summary>
    public HuntCandidate Shrink(HuntCandidate candidate)
    {
        candidate = DropDeviations(candidate);
        Explained = Seen;
        candidate = ShrinkValues(candidate);
        // Smaller values may make do with less.
        return DropDeviations(candidate);
    }

    private HuntCandidate DropDeviations(HuntCandidate candidate)
    {
        // Mostly one deviation does it alone, and in any order of the cores; each alone is tried first.
        if (candidate.Interleaving is not null)
            candidate = First([candidate with { Interleaving = null }]) ?? candidate;
        while (candidate.Deviations.Count > 1)
        {
            List<HuntCandidate> smaller = [.. candidate.Deviations.Select(d => candidate with { Deviations = [d] })];
            if (candidate.Deviations.Count > 2)
                smaller.AddRange(Enumerable.Range(0, candidate.Deviations.Count).Select(i => candidate with { Deviations = [.. candidate.Deviations.Where((_, j) => j != i)] }));
            if (First(smaller) is not { } found)
                break;
            candidate = found;
        }
        if (candidate is { Interleaving: not null, Deviations.Count: > 0 })
            candidate = First([candidate with { Deviations = [] }]) ?? candidate;
        return candidate;
    }

    private HuntCandidate ShrinkValues(HuntCandidate candidate)
    {
        for (int i = 0; i < candidate.Deviations.Count; i++)
        {
            if (Simpler(candidate.Deviations[i]) is { } simpler)
                candidate = First([With(candidate, i, simpler)]) ?? candidate;
            for (int value = 0; value < candidate.Deviations[i].Values.Count; value++)
                candidate = ShrinkValue(candidate, i, value);
        }
        return candidate;
    }

    /// <summary>The same with a trigger that says less.</summary>
    private static HuntDeviation? Simpler(HuntDeviation deviation)
    {
        if (deviation.When?.Simpler is not { } name)
            return null;
        HuntKind trigger = HuntSpace.Triggers.First(t => t.Name == name);
        return deviation with { When = trigger, Values = [.. deviation.Values.Take(deviation.What.Parameters.Length + trigger.Parameters.Length)] };
    }

    private HuntCandidate ShrinkValue(HuntCandidate candidate, int deviation, int index)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            HuntDeviation now = candidate.Deviations[deviation];
            if (Try(candidate, deviation, index, HuntValues.Smaller(now.Parameters[index], now.Values[index])) is not { } found)
                break;
            candidate = found;
        }
        HuntDeviation last = candidate.Deviations[deviation];
        return Try(candidate, deviation, index, HuntValues.Rounder(last.Parameters[index], last.Values[index])) ?? candidate;
    }

    private HuntCandidate? Try(HuntCandidate candidate, int deviation, int index, IReadOnlyList<long> values) =>
        values.Count == 0 ? null : First([.. values.Select(v => With(candidate, deviation, candidate.Deviations[deviation].With(index, v)))]);

    private static HuntCandidate With(HuntCandidate candidate, int index, HuntDeviation deviation) =>
        candidate with { Deviations = [.. candidate.Deviations.Select((d, i) => i == index ? deviation : d)] };

    private HuntCandidate? First(IReadOnlyList<HuntCandidate> candidates)
    {
        if (runner.First(candidates, symptom) is not { } found)
            return null;
        Seen = found.Seen;
        return candidates[found.Index];
    }
}
