using System.Runtime.ExceptionServices;
using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Runs candidates of one scenario, several side by side.</summary>
/// <param name="scenario">The scenario's document.</param>
/// <param name="files">Finds its files.</param>
/// <param name="jobs">Runs at the same time.</param>
/// <param name="status">Shows progress.</param>
internal sealed class HuntRunner(YamlMap scenario, ScenarioFiles files, int jobs, StatusLine status)
{
    private int _runs;

    /// <summary>Runs so far.</summary>
    public int Runs => _runs;

    /// <summary>Runs candidates and tells what was not as expected in each, in their order. The number of jobs changes nothing but the time it takes.</summary>
    /// <exception cref="BadInputException">A file of the scenario is missing or cannot be used.</exception>
    public IReadOnlyList<IReadOnlyList<string>> Symptoms(IReadOnlyList<HuntCandidate> candidates)
    {
        IReadOnlyList<string>[] symptoms = new IReadOnlyList<string>[candidates.Count];
        int done = 0;
        try
        {
            Parallel.For(0, candidates.Count, new ParallelOptions { MaxDegreeOfParallelism = jobs }, i =>
            {
                symptoms[i] = HuntSymptoms.Of(ScenarioRun.Execute(ScenarioFile.Parse(candidates[i].ApplyTo(scenario)), files, null, TextWriter.Null));
                lock (status)
                    status.Progress(++done, candidates.Count);
            });
        }
        catch (AggregateException e) when (e.InnerException is BadInputException bad)
        {
            ExceptionDispatchInfo.Throw(bad);
        }
        _runs += candidates.Count;
        return symptoms;
    }
}
