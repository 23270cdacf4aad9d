using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Running;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What was seen in a run.</summary>
/// <param name="Symptoms">What was not as expected; none when all was.</param>
/// <param name="Said">Numbers of the library's bugs whose symptom a line of the console is.</param>
/// <param name="Violated">Numbers of the library's bugs that violate what was violated here.</param>
internal sealed record HuntObservation(IReadOnlyList<HuntSymptom> Symptoms, IReadOnlyList<string> Said, IReadOnlyList<string> Violated)
{
    /// <summary>Whether a symptom was among what was seen.</summary>
    public bool Has(HuntSymptom symptom) => Symptoms.Any(s => s.Key == symptom.Key);

    /// <summary>What a run's result shows.</summary>
    /// <param name="result">The result.</param>
    /// <param name="library">Bugs that are known.</param>
    public static HuntObservation Of(ScenarioResult result, HuntLibrary library)
    {
        IReadOnlyList<HuntSymptom> symptoms = HuntSymptoms.Of(result);
        return symptoms.Count == 0 ? new HuntObservation([], [], []) : new HuntObservation(symptoms, library.Ids(s => s.IsSaidBy(result)), library.Ids(s => s.IsViolatedBy(result)));
    }
}
