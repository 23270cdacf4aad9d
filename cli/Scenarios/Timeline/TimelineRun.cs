using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Timeline;

/// <summary>Runs a scenario to tell it step by step.</summary>
internal static class TimelineRun
{
    /// <summary>Runs it.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="files">Finds its files.</param>
    /// <returns>Its steps with their times.</returns>
    /// <exception cref="BadInputException">The scenario has no steps, or one of them did not happen.</exception>
    public static TextTable Of(Scenario scenario, ScenarioFiles files)
    {
        if (scenario.Timeline.Count == 0)
            throw scenario.Place.Error("has no 'timeline'");
        TimelineTable table = new(scenario);
        ScenarioRun.Watch(scenario, files, new TimelineEvents(table));
        return table.Finish();
    }
}
