using System.Globalization;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>One run of a hunt: how it deviates from the scenario.</summary>
/// <param name="Seed">The machine's seed, which decides how cores interleave; null for the scenario's own.</param>
/// <param name="Deviations">What is otherwise.</param>
internal sealed record HuntCandidate(ulong? Seed, IReadOnlyList<HuntDeviation> Deviations)
{
    private const ulong MostDeviations = 3, Seeds = 1 << 20;

    /// <summary>The scenario itself.</summary>
    public static readonly HuntCandidate Unchanged = new(null, []);

    /// <summary>Draws a run; it depends on the seed of the hunt and its own number only.</summary>
    /// <param name="seed">The hunt's seed.</param>
    /// <param name="run">The run's number, from 1.</param>
    /// <param name="cores">Cores of the scenario's machine.</param>
    public static HuntCandidate Draw(ulong seed, int run, int cores)
    {
        SeededRandom random = new(string.Create(CultureInfo.InvariantCulture, $"hunt {run}"), unchecked(seed * 0x9E3779B97F4A7C15 + (ulong)run));
        ulong machine = random.Below(Seeds);
        ulong count = 1 + random.Below(MostDeviations);
        List<HuntDeviation> deviations = [];
        for (ulong i = 0; i < count; i++)
            deviations.Add(HuntDeviation.Draw(random, cores));
        return new HuntCandidate(machine, deviations);
    }

    /// <summary>The scenario's document with the deviations in it.</summary>
    /// <param name="scenario">The scenario's document.</param>
    public YamlNode ApplyTo(YamlMap scenario)
    {
        string file = scenario.Place.File;
        YamlNode changed = new YamlMap(scenario.Place, [.. scenario.Entries.Where(e => e.Key.Text != "base")]);
        if (Seed is { } seed)
            changed = YamlOverlay.Merge(changed, YamlTree.Read(file, string.Create(CultureInfo.InvariantCulture, $"{{machine: {{seed: {seed}}}}}")));
        List<YamlNode> faults = scenario.Find("faults") is YamlList own ? [.. own.Items] : [];
        int before = faults.Count;
        for (int i = 0; i < Deviations.Count; i++)
        {
            YamlNode piece = YamlTree.Read(file, Deviations[i].Text(i + 1));
            if (Deviations[i].When is null)
                changed = YamlOverlay.Merge(changed, piece);
            else
                faults.Add(piece);
        }
        if (faults.Count == before)
            return changed;
        YamlPlace place = scenario.Place;
        return YamlOverlay.Merge(changed, new YamlMap(place, [new YamlEntry(new YamlWord(place, "faults", IsPlain: true), new YamlList(place, faults))]));
    }
}
