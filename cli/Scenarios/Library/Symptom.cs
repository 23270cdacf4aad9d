using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Invariants;
using CoSim.Cli.Scenarios.Running;

namespace CoSim.Cli.Scenarios.Library;

/// <summary>How what a scenario shows is known in other scenarios.</summary>
internal sealed record Symptom
{
    /// <summary>Patterns of lines of the console, one of which is enough.</summary>
    public IReadOnlyList<Regex> Lines { get; init; } = [];

    /// <summary>Kinds of rules, the violation of one of which is enough where the cause is the same too.</summary>
    public IReadOnlyList<Type> Violates { get; init; } = [];

    /// <summary>Whether the console of a run has such a line.</summary>
    public bool IsSaidBy(ScenarioResult result) => Lines.Any(p => result.Lines.Any(p.IsMatch));

    /// <summary>Whether such a rule was violated in a run.</summary>
    public bool IsViolatedBy(ScenarioResult result) => result.Results.Any(r => r is { IsMet: false, Choice: { } choice } && Violates.Contains(choice.Rule.GetType()));
}
