using System.Runtime.ExceptionServices;
using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Runs candidates of one scenario, several side by side.</summary>
/// <param name="scenario">The scenario's document.</param>
/// <param name="files">Finds its files.</param>
/// <param name="library">Names what is known.</param>
/// <param name="jobs">Runs at the same time.</param>
/// <param name="status">Shows progress.</param>
internal sealed class HuntRunner(YamlMap scenario, ScenarioFiles files, HuntLibrary library, int jobs, StatusLine status)
{
    /// <summary>Runs so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Runs candidates and tells what was seen in each, in their order. The number of jobs changes nothing but the time it takes.</summary>
    /// <exception cref="BadInputException">A file of the scenario is missing or cannot be used.</exception>
    public IReadOnlyList<HuntObservation> Observe(IReadOnlyList<HuntCandidate> candidates)
    {
        Runs += candidates.Count;
        return Run(candidates, progress: true);
    }

    /// <summary>The first candidate that shows a symptom, and all that it shows; null for none. What jobs run beyond it in vain is not counted.</summary>
    public (int Index, HuntObservation Seen)? First(IReadOnlyList<HuntCandidate> candidates, HuntSymptom symptom)
    {
        for (int start = 0; start < candidates.Count; start += jobs)
        {
            IReadOnlyList<HuntObservation> seen = Run([.. candidates.Skip(start).Take(jobs)], progress: false);
            for (int i = 0; i < seen.Count; i++)
            {
                Runs++;
                if (seen[i].Has(symptom))
                    return (start + i, seen[i]);
            }
        }
        return null;
    }

    private HuntObservation[] Run(IReadOnlyList<HuntCandidate> candidates, bool progress)
    {
        HuntObservation[] seen = new HuntObservation[candidates.Count];
        int done = 0;
        try
        {
            Parallel.For(0, candidates.Count, new ParallelOptions { MaxDegreeOfParallelism = jobs }, i =>
            {
                seen[i] = HuntObservation.Of(ScenarioRun.Execute(ScenarioFile.Parse(candidates[i].ApplyTo(scenario)), files, null, TextWriter.Null), library);
                if (!progress)
                    return;
                lock (status)
                    status.Progress(++done, candidates.Count);
            });
        }
        catch (AggregateException e) when (e.InnerException is BadInputException bad)
        {
            ExceptionDispatchInfo.Throw(bad);
        }
        return seen;
    }
}
