using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>What a trace states about the run besides its machine: the facts that a replay needs, and those that a reader wants.</summary>
internal static class RunFacts
{
    private const string Switches = "run.switches";
    private const string Parameters = "run.parameters";

    /// <summary>The facts of a run.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(GuestRun run)
    {
        MachineSpec spec = run.Machine.Spec;
        return
        [
            new("machine.model", spec.Model.Name),
            new("machine.cores", Text((ulong)spec.Cores)),
            new("machine.memory", Text(spec.MemoryBytes)),
            new("machine.seed", Text(spec.Seed)),
            new(TraceHeader.CoreClockFact, run.Machine.Clocks.Core.Actual.ToString() ?? ""),
            new(Switches, string.Join(' ', run.Machine.Armed.Where(t => t.SwitchTo != null).Select(Text))),
        ];
    }

    /// <summary>The engine switches that were armed when the recording began.</summary>
    /// <exception cref="TraceFormatException">They cannot be understood.</exception>
    public static IReadOnlyList<Trigger> SwitchesOf(TraceHeader header)
    {
        List<Trigger> triggers = [];
        foreach (string word in (header.Fact(Switches) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = word.Split(':');
            if (parts.Length != 3
                || !ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
                || !Enum.TryParse(parts[2], ignoreCase: true, out EngineKind engine))
                throw new TraceFormatException($"header: the engine switch '{word}' cannot be understood");
            triggers.Add(new Trigger(parts[0] == "address" ? RunPlace.AtAddress(value) : RunPlace.AtInstruction(value), engine));
        }

        return triggers;
    }

    /// <summary>The fact that cores ran with other parameters than those that come with the simulator.</summary>
    public static KeyValuePair<string, string> Of(IReadOnlyList<ParameterChange> changes) => new(Parameters, string.Join(' ', changes.Select(c => c.ToString())));

    /// <summary>The parameters that the recorded cores had other than those that come with the simulator.</summary>
    /// <exception cref="TraceFormatException">They cannot be understood.</exception>
    public static IReadOnlyList<ParameterChange> ParametersOf(TraceHeader header) =>
        [.. (header.Fact(Parameters) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => ParameterChange.TryParse(word)
            ?? throw new TraceFormatException($"header: the parameter '{word}' cannot be understood"))];

    private static string Text(Trigger trigger) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(trigger.Place.IsAddress ? "address" : "instruction")}:{trigger.Place.Value}:{trigger.SwitchTo!.Value.ToString().ToLowerInvariant()}");

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
