using CoSim.Cli.Stops;

namespace CoSim.Cli.Scenarios.Timeline;

/// <summary>A step of what a scenario's run is told as: the next event that passes a test.</summary>
internal sealed record TimelineStep
{
    /// <summary>Passes the event.</summary>
    public EventTest? Event { get; init; }

    /// <summary>Which of the events that pass, from the step before on; 1 for the next.</summary>
    public ulong Occurrence { get; init; } = 1;

    /// <summary>What is said of it, with names of its fields in braces.</summary>
    public string Shows { get; init; } = "";
}
