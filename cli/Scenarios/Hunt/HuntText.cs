using System.Globalization;
using System.Text;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Writes the scenario file of a finding.</summary>
internal static class HuntText
{
    private const int LongestTitle = 160;

    /// <summary>A file that `cosim scenario run` takes; what was expected of the scenario does not come of it.</summary>
    /// <param name="choice">The hunt.</param>
    /// <param name="run">The run that showed it first.</param>
    /// <param name="root">The scenario's document.</param>
    /// <param name="candidate">What deviates.</param>
    /// <param name="symptoms">What fails.</param>
    /// <param name="alike">Bugs of the library that it is like.</param>
    public static string Of(HuntChoice choice, int run, YamlMap root, HuntCandidate candidate, IReadOnlyList<HuntSymptom> symptoms, IReadOnlyList<HuntResemblance> alike)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Found by: cosim hunt {Path.GetFileName(choice.Path)} --seed {choice.Seed}{(choice.Runs is { } runs ? $" --runs {runs}" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"# (run {run}), and made as small as it still fails. 'cosim scenario run' with this file shows it, exit status 1.\n");
        text.Append("# What deviates from the scenario:\n");
        for (int i = 0; i < candidate.Deviations.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"#   {candidate.Deviations[i].Name}: {candidate.Deviations[i].Text(i + 1)}\n");
        if (candidate.Interleaving is { } seed)
            text.Append(CultureInfo.InvariantCulture, $"#   interleaving {seed}: cores are held up a little, so that another one comes first\n");
        text.Append("# What is not as expected:\n");
        foreach (HuntSymptom symptom in symptoms)
            text.Append(CultureInfo.InvariantCulture, $"#   {symptom.Text.ReplaceLineEndings(" ")}\n");
        foreach (HuntResemblance bug in alike)
            text.Append(CultureInfo.InvariantCulture, $"# {Sentence(bug)}\n");
        YamlPlace place = root.Place;
        YamlWord title = new(place, Title(candidate, symptoms[0]), IsPlain: false);
        YamlMap renamed = root with
        {
            Entries = [.. root.Entries.Where(e => e.Key.Text != "description").Select(e => e.Key.Text == "title" ? e with { Value = title } : e)],
        };
        return text.Append(YamlText.Of(candidate.ApplyTo(renamed))).ToString();
    }

    /// <summary>What a finding has to do with a bug of the library.</summary>
    public static string Sentence(HuntResemblance bug) =>
        $"{(bug.HasSameCause ? "This is like" : "The symptom is that of")} {bug.Id}: {bug.Title}; see 'cosim repro {bug.Id}'.";

    private static string Title(HuntCandidate candidate, HuntSymptom symptom)
    {
        string title = $"With {string.Join(" and ", candidate.Names)}: {symptom.Text.ReplaceLineEndings(" ")}";
        return title.Length <= LongestTitle ? title : title[..(LongestTitle - 3)] + "...";
    }
}
