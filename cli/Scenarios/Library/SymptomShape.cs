using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Invariants;
using CoSim.Cli.Scenarios.Shapes;

namespace CoSim.Cli.Scenarios.Library;

/// <summary>What a symptom looks like in a scenario.</summary>
internal static class SymptomShape
{
    private const int Most = 16;

    private static readonly Shape<Type> Rule = new ChoiceShape<Type>(
        [("monotonic", typeof(MonotonicRule)), ("agree", typeof(AgreeRule)), ("sleeps", typeof(SleepRule)), ("timers", typeof(TimerRule)), ("interrupts", typeof(InterruptRule))]);

    /// <summary>A symptom.</summary>
    public static readonly Shape<Symptom> Symptom = new RecordShape<Symptom>(_ => new Symptom())
        .May("lines", new ListShape<Regex>(ScenarioShapes.Pattern, 1, Most), "Regular expressions for lines of the console; one that matches is enough.", (s, v) => s with { Lines = v })
        .May("violates", new ListShape<Type>(Rule, 1, Most), "Invariants, one of which is violated, where something deviates that deviates here too.", (s, v) => s with { Violates = v });
}
