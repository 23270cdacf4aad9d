using System.Globalization;
using System.Text;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Writes the scenario file of a finding.</summary>
internal static class HuntText
{
    /// <summary>A file that `cosim scenario run` takes; what was expected of the scenario does not come of it.</summary>
    /// <param name="choice">The hunt.</param>
    /// <param name="run">The run that showed it first.</param>
    /// <param name="root">The scenario's document.</param>
    /// <param name="candidate">What deviates.</param>
    /// <param name="symptoms">What fails.</param>
    public static string Of(HuntChoice choice, int run, YamlMap root, HuntCandidate candidate, IReadOnlyList<string> symptoms)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Found by: cosim hunt {Path.GetFileName(choice.Path)} --seed {choice.Seed} --runs {choice.Runs}, in run {run}, and made as small as it still fails.\n");
        text.Append(CultureInfo.InvariantCulture, $"# What deviates: {string.Join(", ", candidate.Deviations.Select(d => d.Name))}\n# What is not as expected:\n");
        foreach (string symptom in symptoms)
            text.Append(CultureInfo.InvariantCulture, $"#   {symptom.ReplaceLineEndings(" ")}\n");
        return text.Append(YamlText.Of((YamlMap)candidate.ApplyTo(root))).ToString();
    }
}
