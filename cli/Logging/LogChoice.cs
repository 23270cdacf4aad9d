using CoSim.Hw.Simulation;
using Serilog.Events;

namespace CoSim.Cli.Logging;

/// <summary>What the user wants to know of a run.</summary>
/// <param name="Path">The log's file, "-" for standard error, null for no log.</param>
/// <param name="Level">The least important level that is written.</param>
/// <param name="Components">Names of components or kinds of them; empty for all.</param>
/// <param name="From">First instant that is logged.</param>
/// <param name="Until">First instant that is not logged any more.</param>
public sealed record LogChoice(string? Path, LogEventLevel Level, IReadOnlyList<string> Components, SimTime From, SimTime Until)
{
    /// <summary>The path that means standard error.</summary>
    public const string StandardError = "-";

    /// <summary>Whether the devices' probe is needed: only then do the devices report what they do.</summary>
    public bool WatchesDevices => Level <= LogEventLevel.Information;

    /// <summary>Whether something that a component does at a time is logged.</summary>
    public bool Wants(string component, SimTime time, LogEventLevel level) =>
        level >= Level && time >= From && time < Until
        && (Components.Count == 0 || Components.Contains(component) || Components.Contains(LogComponents.KindOf(component)));
}
