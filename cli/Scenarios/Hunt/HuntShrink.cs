namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>
/// Makes a candidate as small as it can be while it shows the same symptom. Every step tries a list of smaller ones and takes the first of
/// them that still does, so that running them side by side changes nothing.
/// </summary>
/// <param name="runner">Runs candidates.</param>
/// <param name="symptom">What must still be seen.</param>
internal sealed class HuntShrink(HuntRunner runner, string symptom)
{
    /// <summary>Rounds for one value: each divides it by 16, by 4 or by 2.</summary>
    private const int MostRounds = 8;

    /// <summary>What is seen in the smallest candidate; null when nothing smaller than the first one was found.</summary>
    public IReadOnlyList<string>? Symptoms { get; private set; }

    /// <summary>What was seen with the deviations of the smallest candidate before their values were made smaller; null when none was dropped.</summary>
    public IReadOnlyList<string>? Explained { get; private set; }

    /// <summary>The smallest candidate that was found.</summary>
    public HuntCandidate Shrink(HuntCandidate candidate)
    {
        candidate = DropDeviations(candidate);
        Explained = Symptoms;
        if (candidate.Seed is not null)
            candidate = First([candidate with { Seed = null }]) ?? candidate;
        for (int i = 0; i < candidate.Deviations.Count; i++)
        {
            for (int value = 0; value < candidate.Deviations[i].Values.Count; value++)
                candidate = ShrinkValue(candidate, i, value);
        }
        return candidate;
    }

    private HuntCandidate DropDeviations(HuntCandidate candidate)
    {
        while (candidate.Deviations.Count > 1)
        {
            // Mostly one deviation does it alone; each alone is tried first.
            List<HuntCandidate> smaller = [.. candidate.Deviations.Select(d => candidate with { Deviations = [d] })];
            if (candidate.Deviations.Count > 2)
                smaller.AddRange(Enumerable.Range(0, candidate.Deviations.Count).Select(i => candidate with { Deviations = [.. candidate.Deviations.Where((_, j) => j != i)] }));
            if (First(smaller) is not { } found)
                break;
            candidate = found;
        }
        return candidate;
    }

    private HuntCandidate ShrinkValue(HuntCandidate candidate, int deviation, int index)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            HuntDeviation now = candidate.Deviations[deviation];
            HuntParameter parameter = now.Parameters[index];
            long value = now.Values[index], simplest = parameter.Simplest;
            long[] smaller = [.. new[] { simplest, simplest + ((value - simplest) / 16), simplest + ((value - simplest) / 4), simplest + ((value - simplest) / 2) }.Distinct().Where(v => v != value)];
            if (smaller.Length == 0 || First([.. smaller.Select(v => With(candidate, deviation, now.With(index, v)))]) is not { } found)
                return candidate;
            candidate = found;
        }
        return candidate;
    }

    private static HuntCandidate With(HuntCandidate candidate, int index, HuntDeviation deviation) =>
        candidate with { Deviations = [.. candidate.Deviations.Select((d, i) => i == index ? deviation : d)] };

    private HuntCandidate? First(IReadOnlyList<HuntCandidate> candidates)
    {
        if (runner.First(candidates, symptom) is not { } found)
            return null;
        Symptoms = found.Symptoms;
        return candidates[found.Index];
    }
}
