using System.Globalization;
using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What the user chose for a hunt.</summary>
/// <param name="Path">The scenario's file.</param>
/// <param name="Runs">Runs that are drawn; null for a round, in which every kind of deviation has its turns.</param>
/// <param name="Seed">What they are drawn from.</param>
/// <param name="Jobs">Runs at the same time.</param>
internal sealed record HuntChoice(string Path, int? Runs, ulong Seed, int Jobs);

/// <summary>A failure, shrunk.</summary>
/// <param name="Run">The number of the run that showed it first.</param>
/// <param name="Symptom">What fails.</param>
/// <param name="Symptoms">All that fails in the smallest candidate.</param>
/// <param name="Explained">Keys of all that the same deviations were seen to do, with the values that were drawn too.</param>
/// <param name="Smallest">The smallest candidate that shows it.</param>
/// <param name="Resembles">Bugs of the library that it is like.</param>
/// <param name="Text">The scenario file that reproduces it.</param>
internal sealed record HuntFinding(
    int Run, HuntSymptom Symptom, IReadOnlyList<HuntSymptom> Symptoms, IReadOnlyList<string> Explained, HuntCandidate Smallest, IReadOnlyList<HuntResemblance> Resembles, string Text)
{
    /// <summary>What deviates, in the order of names.</summary>
    public IReadOnlyList<string> Kinds => KindsOf(Smallest);

    /// <summary>What deviates in a candidate, in the order of names; triggers and values do not count.</summary>
    public static IReadOnlyList<string> KindsOf(HuntCandidate candidate) =>
        [.. candidate.Deviations.Select(d => d.What.Name).Concat(candidate.Interleaving is null ? [] : ["interleaving"]).Order(StringComparer.Ordinal)];
}

/// <summary>What a hunt came to.</summary>
/// <param name="Title">The scenario's title.</param>
/// <param name="Choice">What was asked for.</param>
/// <param name="Runs">Runs that were drawn.</param>
/// <param name="Failed">Drawn runs that were not as expected.</param>
/// <param name="Executed">Runs in all, those that shrank included.</param>
/// <param name="Findings">Different failures, in the order of the runs.</param>
internal sealed record HuntResult(string Title, HuntChoice Choice, int Runs, int Failed, int Executed, IReadOnlyList<HuntFinding> Findings);

/// <summary>Draws runs, looks for those that are not as expected, and shrinks them.</summary>
internal static class Hunter
{
    /// <summary>Hunts.</summary>
    /// <param name="choice">What the user chose.</param>
    /// <param name="files">Finds the scenario's files.</param>
    /// <param name="error">Receives progress.</param>
    /// <exception cref="BadInputException">The scenario cannot be used, or fails without any deviation.</exception>
    public static HuntResult Hunt(HuntChoice choice, ScenarioFiles files, TextWriter error)
    {
        YamlNode root = ScenarioFile.ReadTree(choice.Path);
        Scenario scenario = ScenarioFile.Parse(root);
        ScenarioChecks.Check(root);
        using StatusLine status = new(error);
        HuntLibrary library = new(BugLibrary.Installed);
        HuntDeck deck = new(choice.Seed, scenario);
        int runs = choice.Runs ?? deck.Round;
        HuntRunner runner = new((YamlMap)root, files, library, choice.Jobs, status);
        status.Phase("hunt: the scenario itself");
        if (runner.Observe([HuntCandidate.Unchanged])[0].Symptoms is [{ } first, ..])
            throw new BadInputException(choice.Path, $"is not as expected before anything is changed: {first.Text}");
        HuntCandidate[] drawn = [.. Enumerable.Range(1, runs).Select(deck.Draw)];
        Check(scenario, (YamlMap)root, drawn);
        status.Phase("hunt: runs");
        IReadOnlyList<HuntObservation> seen = runner.Observe(drawn);
        HuntExplainer explainer = new(choice, (YamlMap)root, runner, library);
        for (int i = 0; i < drawn.Length; i++)
        {
            status.Phase(string.Create(CultureInfo.InvariantCulture, $"hunt: shrinks run {i + 1}, {explainer.Findings.Count} found,"));
            explainer.Explain(i + 1, drawn[i], seen[i].Symptoms);
        }
        return new HuntResult(scenario.Title, choice, runs, seen.Count(s => s.Symptoms.Count > 0), runner.Runs, explainer.Findings);
    }

    /// <summary>Deviations that the scenario describes itself may be no scenario with them; that shows before anything runs.</summary>
    private static void Check(Scenario scenario, YamlMap root, HuntCandidate[] drawn)
    {
        foreach (HuntCandidate candidate in drawn)
        {
            try
            {
                ScenarioFile.Parse(candidate.ApplyTo(root));
            }
            catch (BadInputException e) when (scenario.Hunt.Own.FirstOrDefault(o => candidate.Deviations.Any(d => d.What.Name == o.Name)) is { } own)
            {
                throw own.Place.Error($"hunt: deviation '{own.Name}': {e.Message}");
            }
        }
    }
}
