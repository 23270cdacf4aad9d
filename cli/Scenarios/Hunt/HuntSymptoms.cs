using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Running;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What was not as expected in a run, without the numbers of this one run.</summary>
internal static partial class HuntSymptoms
{
    /// <summary>One text for each expectation that was not met, in the order of the scenario.</summary>
    public static IReadOnlyList<string> Of(ScenarioResult result) => [.. result.Results.Where(r => !r.IsMet).Select(Of)];

    private static string Of(ExpectationResult unmet)
    {
        // A line that should not be there says what happened; the first one came before what followed from it.
        string evidence = unmet.Evidence.Count == 0 ? "not there" : Numbers().Replace(Stamp().Replace(unmet.Evidence[0], ""), "#").Trim();
        return $"{unmet.What}: {evidence}";
    }

    /// <summary>The time before a line of the kernel's log.</summary>
    [GeneratedRegex(@"^\[ *[0-9]+\.[0-9]+\] ", RegexOptions.CultureInvariant)]
    private static partial Regex Stamp();

    [GeneratedRegex(@"-?(0x[0-9a-f]+|[0-9]+(\.[0-9]+)?)", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
