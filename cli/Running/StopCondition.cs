using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Running;

/// <summary>Where the user wants a run to end although its program has not: whichever comes first.</summary>
/// <param name="Place">A place; null for none.</param>
/// <param name="Time">A simulated time; null for none.</param>
/// <param name="Console">A text on the console, wherever in the run it is written; null for none.</param>
internal sealed record StopCondition(RunPlace? Place, SimTime? Time, string? Console)
{
    /// <summary>The options that name events and conditions.</summary>
    public const string OnOption = "--stop-on", WhenOption = "--stop-when";

    /// <summary>Events that end the run.</summary>
    public IReadOnlyList<EventTest> Events { get; init; } = [];

    /// <summary>Conditions on registers that end the run.</summary>
    public IReadOnlyList<RegisterTest> Registers { get; init; } = [];

    /// <summary>Whether an event or a register that came true (<see cref="ConditionHit.Condition"/>) is among these.</summary>
    public bool Has(string condition) => Events.Any(e => e.Text == condition) || Registers.Any(r => r.Text == condition);

    /// <summary>For messages: <c>instruction 12 or the console text 'login:'</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (Place is { } place)
            parts.Add(place.ToString());
        if (Time is { } time)
            parts.Add(time.ToString());
        if (Console is { } text)
            parts.Add($"the console text '{text}'");
        parts.AddRange(Events.Select(e => $"the event '{e.Text}'"));
        parts.AddRange(Registers.Select(r => $"the condition '{r.Text}'"));
        return string.Join(" or ", parts);
    }
}
