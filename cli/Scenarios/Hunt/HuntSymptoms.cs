using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Running;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Something that was not as expected in a run.</summary>
/// <param name="Key">The expectation and the way in which it was missed, without the numbers of this one run: the same in runs that fail alike.</param>
/// <param name="Text">The same for people, as it was seen.</param>
internal sealed record HuntSymptom(string Key, string Text);

/// <summary>Tells what was not as expected in a run.</summary>
internal static partial class HuntSymptoms
{
    /// <summary>
    /// One symptom for each expectation that was not met, what says most first: lines and values, rules, then how the run ended. What only
    /// follows from an early end is left out: an exit status that never came, a rule that was never put to the test.
    /// </summary>
    public static IReadOnlyList<HuntSymptom> Of(ScenarioResult result)
    {
        ExpectationResult[] unmet = [.. result.Results.Where(r => !r.IsMet && !(r.IsStatus && result.Status is null))];
        ExpectationResult[] tested = [.. unmet.Where(r => !r.IsUntested)];
        return [.. (tested.Length > 0 ? tested : unmet).OrderBy(r => r.IsEnd || r.IsStatus).Select(Of)];
    }

    private static HuntSymptom Of(ExpectationResult unmet)
    {
        string evidence = unmet.Evidence.Count == 0 ? "not there" : unmet.Evidence[0].Trim();
        string trace = unmet.Choice is null ? unmet.Trace ?? evidence : unmet.Trace ?? "";
        return new HuntSymptom($"{unmet.What}: {Numbers().Replace(trace, "#")}", $"{unmet.What}: {evidence}");
    }

    [GeneratedRegex(@"-?(0x[0-9a-f]+|[0-9]+(\.[0-9]+)?)", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
