using CoSim.Hw.Simulation;

namespace CoSim.Cli.Running;

/// <summary>Where the user wants a run to end although its program has not: whichever comes first.</summary>
/// <param name="Place">A place; null for none.</param>
/// <param name="Time">A simulated time; null for none.</param>
/// <param name="Console">A text on the console, wherever in the run it is written; null for none.</param>
internal sealed record StopCondition(RunPlace? Place, SimTime? Time, string? Console)
{
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
        return string.Join(" or ", parts);
    }
}
