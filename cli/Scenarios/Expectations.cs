using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Invariants;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios;

/// <summary>What must come of a scenario.</summary>
internal sealed record Expectations
{
    /// <summary>How the run must end.</summary>
    public RunEnd End { get; init; } = RunEnd.Exit;

    /// <summary>The exit status of the programs together: the first that is not 0; null for any.</summary>
    public int? Status { get; init; }

    /// <summary>Lines that must be on the console, or must not.</summary>
    public IReadOnlyList<LineExpectation> Console { get; init; } = [];

    /// <summary>Numbers on the console.</summary>
    public IReadOnlyList<ValueExpectation> Values { get; init; } = [];

    /// <summary>What must hold all the time, or must not.</summary>
    public IReadOnlyList<InvariantChoice> Invariants { get; init; } = [];
}

/// <summary>How a run ends.</summary>
internal enum RunEnd
{
    /// <summary>The programs have ended.</summary>
    Exit,

    /// <summary>The guest switched the power off before they had.</summary>
    PowerOff,

    /// <summary>The machine was reset.</summary>
    Reset,

    /// <summary>Every core waits for what cannot come.</summary>
    Deadlock,

    /// <summary>The scenario's limit of simulated time was reached.</summary>
    Limit,
}

/// <summary>A line that must be on the console, or must not.</summary>
internal sealed record LineExpectation
{
    /// <summary>Where it stands.</summary>
    public required YamlPlace Place { get; init; }

    /// <summary>Text that a line must have; null for a pattern.</summary>
    public string? Text { get; init; }

    /// <summary>A pattern that a line must match; null for text.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>Whether such a line must be there.</summary>
    public bool IsWanted { get; init; }

    /// <summary>For reports: what is looked for, as it stands in the file.</summary>
    public string Sought => Text ?? Pattern?.ToString() ?? "";

    /// <summary>Whether a line is such a line.</summary>
    public bool Matches(string line) => Text is not null ? line.Contains(Text, StringComparison.Ordinal) : Pattern!.IsMatch(line);
}

/// <summary>A number on the console and its bounds.</summary>
internal sealed record ValueExpectation
{
    /// <summary>Where it stands.</summary>
    public required YamlPlace Place { get; init; }

    /// <summary>What it is called in reports.</summary>
    public string Name { get; init; } = "";

    /// <summary>A pattern whose first group is the number, with an optional sign and fraction.</summary>
    public Regex Pattern { get; init; } = new("");

    /// <summary>The least that is right; null for no limit.</summary>
    public decimal? AtLeast { get; init; }

    /// <summary>The most that is right; null for no limit.</summary>
    public decimal? AtMost { get; init; }
}
