using System.Globalization;
using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Invariants;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Running;

/// <summary>Whether one expectation was met.</summary>
/// <param name="What">The expectation in words.</param>
/// <param name="IsMet">Whether it was met.</param>
/// <param name="Evidence">What shows it: lines of the console, or a violation.</param>
internal sealed record ExpectationResult(string What, bool IsMet, IReadOnlyList<string> Evidence)
{
    /// <summary>Whether it is about how the run ends.</summary>
    public bool IsEnd { get; init; }

    /// <summary>Whether it is about the exit status.</summary>
    public bool IsStatus { get; init; }

    /// <summary>The invariant of an expectation that is one.</summary>
    public InvariantChoice? Choice { get; init; }

    /// <summary>Whether nothing happened that could have been as expected or not.</summary>
    public bool IsUntested { get; init; }

    /// <summary>What of the evidence tells this failure from others: the part of a line that a pattern found; null for nothing.</summary>
    public string? Trace { get; init; }
}

/// <summary>What came of a scenario.</summary>
internal sealed class ScenarioResult
{
    /// <summary>Lines of evidence that are kept for one expectation.</summary>
    private const int MostEvidence = 5;

    /// <summary>Compares what came with what was expected.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="end">How the run ended.</param>
    /// <param name="status">The programs' exit status; null when they have not ended.</param>
    /// <param name="lines">The console.</param>
    /// <param name="simulated">When the run ended.</param>
    /// <param name="instructions">Instructions of all cores.</param>
    /// <param name="invariants">The watches of the scenario's invariants, in its order.</param>
    public ScenarioResult(Scenario scenario, RunEnd end, int? status, IReadOnlyList<string> lines, SimTime simulated, ulong instructions, IReadOnlyList<Invariant> invariants)
    {
        Scenario = scenario;
        End = end;
        Status = status;
        Lines = lines;
        Simulated = simulated;
        Instructions = instructions;
        Expectations expect = scenario.Expect;
        List<ExpectationResult> results = [Ending(expect)];
        if (expect.Status is { } wanted)
            results.Add(new ExpectationResult($"exit status {wanted}", status == wanted, [status is { } s ? $"exit status {s}" : "no exit status"]) { IsStatus = true });
        results.AddRange(expect.Console.Select(Line));
        results.AddRange(expect.Values.Select(Value));
        results.AddRange(expect.Invariants.Zip(invariants, Holds));
        Results = results;
    }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>How the run ended.</summary>
    public RunEnd End { get; }

    /// <summary>The programs' exit status; null when they have not ended.</summary>
    public int? Status { get; }

    /// <summary>The console.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>When the run ended.</summary>
    public SimTime Simulated { get; }

    /// <summary>Instructions of all cores.</summary>
    public ulong Instructions { get; }

    /// <summary>The scenario's faults by name, and how often each happened.</summary>
    public IReadOnlyList<(string Name, uint Times)> Faults { get; init; } = [];

    /// <summary>Each expectation and whether it was met.</summary>
    public IReadOnlyList<ExpectationResult> Results { get; }

    /// <summary>Whether all were met.</summary>
    public bool IsAsExpected => Results.All(r => r.IsMet);

    private ExpectationResult Ending(Expectations expect) =>
        new($"ends by {Word(expect.End)}", End == expect.End, [$"ended by {Word(End)} after {Simulated}"]) { IsEnd = true };

    private ExpectationResult Line(LineExpectation line)
    {
        string[] found = [.. Lines.Where(line.Matches)];
        string kind = line.Text is null ? "matching" : "with";
        return new ExpectationResult($"{(line.IsWanted ? "a" : "no")} line {kind} '{line.Sought}'", found.Length > 0 == line.IsWanted, [.. found.Take(MostEvidence)])
        {
            Trace = line.IsWanted || found.Length == 0 ? null : line.Pattern?.Match(found[0]).Value,
        };
    }

    private ExpectationResult Value(ValueExpectation value)
    {
        List<string> evidence = [];
        bool met = true;
        int found = 0;
        foreach (string line in Lines)
        {
            Match match = value.Pattern.Match(line);
            if (!match.Success)
                continue;
            found++;
            bool right = decimal.TryParse(match.Groups[1].Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
                && number >= (value.AtLeast ?? number) && number <= (value.AtMost ?? number);
            if (evidence.Count < MostEvidence || (met && !right))
                evidence.Add(line);
            met &= right;
        }
        string bounds = (value.AtLeast, value.AtMost) switch
        {
            (null, null) => "is there",
            ({ } least, null) => FormattableString.Invariant($"is at least {least}"),
            (null, { } most) => FormattableString.Invariant($"is at most {most}"),
            ({ } least, { } most) => FormattableString.Invariant($"is from {least} to {most}"),
        };
        return new ExpectationResult($"{value.Name} {bounds}", met && found > 0, evidence);
    }

    private static ExpectationResult Holds(InvariantChoice choice, Invariant invariant)
    {
        string title = choice.Holds ? invariant.Title : $"violated: {invariant.Title}";
        if (invariant.Violation is { } violation)
            return new ExpectationResult(title, !choice.Holds, [string.Create(CultureInfo.InvariantCulture, $"{violation} ({invariant.Violations} times in {invariant.Checks})")]) { Choice = choice, Trace = invariant.Direction };
        return new ExpectationResult(title, choice.Holds && invariant.Checks > 0, [string.Create(CultureInfo.InvariantCulture, $"held {invariant.Checks} times")]) { Choice = choice, IsUntested = invariant.Checks == 0 };
    }

    /// <summary>The word of an end in files and reports.</summary>
    public static string Word(RunEnd end) => end == RunEnd.PowerOff ? "power-off" : end.ToString().ToLowerInvariant();
}
