using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What the user chose for a hunt.</summary>
/// <param name="Path">The scenario's file.</param>
/// <param name="Runs">Runs that are drawn.</param>
/// <param name="Seed">What they are drawn from.</param>
/// <param name="Jobs">Runs at the same time.</param>
internal sealed record HuntChoice(string Path, int Runs, ulong Seed, int Jobs);

/// <summary>A failure, shrunk.</summary>
/// <param name="Run">The number of the run that showed it first.</param>
/// <param name="Symptom">What fails.</param>
/// <param name="Symptoms">All that fails in the smallest candidate.</param>
/// <param name="Explained">All that the same deviations were seen to do with the values that were drawn.</param>
/// <param name="Smallest">The smallest candidate that shows it.</param>
/// <param name="Text">The scenario file that reproduces it.</param>
internal sealed record HuntFinding(int Run, string Symptom, IReadOnlyList<string> Symptoms, IReadOnlyList<string> Explained, HuntCandidate Smallest, string Text)
{
    /// <summary>What deviates, in the order of names.</summary>
    public IReadOnlyList<string> Kinds => [.. Smallest.Deviations.Select(d => d.What.Name).Order(StringComparer.Ordinal)];
}

/// <summary>What a hunt came to.</summary>
/// <param name="Title">The scenario's title.</param>
/// <param name="Choice">What was asked for.</param>
/// <param name="Failed">Drawn runs that were not as expected.</param>
/// <param name="Executed">Runs in all, those that shrank included.</param>
/// <param name="Findings">Different failures, in the order of the runs.</param>
internal sealed record HuntResult(string Title, HuntChoice Choice, int Failed, int Executed, IReadOnlyList<HuntFinding> Findings);

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
        using StatusLine status = new(error);
        HuntRunner runner = new((YamlMap)root, files, choice.Jobs, status);
        status.Phase("hunt: the scenario itself");
        if (runner.Symptoms([HuntCandidate.Unchanged])[0] is [string first, ..])
            throw new BadInputException(choice.Path, $"is not as expected before anything is changed: {first}");
        status.Phase("hunt: runs");
        HuntCandidate[] drawn = [.. Enumerable.Range(1, choice.Runs).Select(run => HuntCandidate.Draw(choice.Seed, run, scenario.Machine.Choice.Cores))];
        IReadOnlyList<IReadOnlyList<string>> symptoms = runner.Symptoms(drawn);
        List<HuntFinding> findings = [];
        for (int i = 0; i < drawn.Length; i++)
        {
            status.Phase(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"hunt: shrinks run {i + 1}, {findings.Count} found,"));
            Explain(choice, (YamlMap)root, runner, (i + 1, drawn[i], symptoms[i]), findings);
        }
        return new HuntResult(scenario.Title, choice, symptoms.Count(s => s.Count > 0), runner.Runs, findings);
    }

    /// <summary>Shrinks a failed run until every symptom of it has been seen in something small.</summary>
    private static void Explain(HuntChoice choice, YamlMap root, HuntRunner runner, (int Run, HuntCandidate Candidate, IReadOnlyList<string> Symptoms) failed, List<HuntFinding> findings)
    {
        HashSet<string> kinds = [.. failed.Candidate.Deviations.Select(d => d.What.Name)];
        List<string> open = [.. failed.Symptoms];
        foreach (HuntFinding known in findings.Where(f => f.Kinds.All(kinds.Contains)))
            open.RemoveAll(known.Explained.Contains);
        while (open.Count > 0)
        {
            HuntShrink shrink = new(runner, open[0]);
            HuntCandidate smallest = shrink.Shrink(failed.Candidate);
            IReadOnlyList<string> together = shrink.Symptoms ?? failed.Symptoms;
            string[] explained = [.. together.Union(shrink.Explained ?? failed.Symptoms)];
            HuntFinding finding = new(failed.Run, open[0], together, explained, smallest, HuntText.Of(choice, failed.Run, root, smallest, together));
            int same = findings.FindIndex(f => f.Kinds.SequenceEqual(finding.Kinds) && f.Symptoms[0] == finding.Symptoms[0]);
            if (same < 0)
                findings.Add(finding);
            else
                findings[same] = findings[same] with { Explained = [.. findings[same].Explained.Union(explained)] };
            open.RemoveAll(explained.Contains);
        }
    }
}
