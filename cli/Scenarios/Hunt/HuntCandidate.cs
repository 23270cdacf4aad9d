using System.Globalization;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>One run of a hunt: how it deviates from the scenario.</summary>
/// <param name="Interleaving">Decides by how much each core is held up now and then, and with it who comes first; null for the scenario's own order.</param>
/// <param name="Deviations">What is otherwise.</param>
internal sealed record HuntCandidate(ulong? Interleaving, IReadOnlyList<HuntDeviation> Deviations)
{
    /// <summary>The scenario itself.</summary>
    public static readonly HuntCandidate Unchanged = new(null, []);

    /// <summary>For reports: what deviates.</summary>
    public IEnumerable<string> Names => Deviations.Select(d => d.Name).Concat(Interleaving is null ? [] : ["interleaving"]);

    /// <summary>The scenario's document with the deviations in it.</summary>
    /// <param name="scenario">The scenario's document.</param>
    public YamlMap ApplyTo(YamlMap scenario)
    {
        string file = scenario.Place.File;
        YamlNode changed = new YamlMap(scenario.Place, [.. scenario.Entries.Where(e => e.Key.Text is not ("base" or "hunt"))]);
        List<YamlNode> faults = scenario.Find("faults") is YamlList own ? [.. own.Items] : [];
        int before = faults.Count;
        foreach (HuntDeviation deviation in Deviations)
        {
            YamlNode piece = deviation.Piece(file, faults.Count + 1);
            if (deviation.IsFault)
                faults.Add(piece);
            else
                changed = YamlOverlay.Merge(changed, piece);
        }
        if (Interleaving is { } seed)
            faults.Add(YamlTree.Read(file, string.Create(CultureInfo.InvariantCulture, $"{{name: interleaving, at: 10ms, period: 500us, times: 0, jitter: {{most: 20us, seed: {seed}}}}}")));
        if (faults.Count == before)
            return (YamlMap)changed;
        YamlPlace place = scenario.Place;
        return (YamlMap)YamlOverlay.Merge(changed, new YamlMap(place, [new YamlEntry(new YamlWord(place, "faults", IsPlain: true), new YamlList(place, faults))]));
    }
}
