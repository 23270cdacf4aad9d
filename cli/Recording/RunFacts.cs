using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>What a trace states about the run besides its machine: the facts that a replay needs, and those that a reader wants.</summary>
internal static class RunFacts
{
    private const string Switches = "run.switches";
    private const string Parameters = "run.parameters";
    private const string StopPlace = "run.stop";
    private const string StopText = "run.stop-text";
    private const string StopEvent = "run.stop-on";
    private const string StopRegister = "run.stop-when";

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
            .. Of(run.Stop),
        ];
    }

    /// <summary>Where the recorded run was to end before its program; null for nowhere.</summary>
    /// <exception cref="TraceFormatException">It cannot be understood.</exception>
    public static StopCondition? StopOf(TraceHeader header)
    {
        string? text = header.Fact(StopText) is { Length: > 0 } some ? some : null;
        EventTest[] events = [.. All(header, StopEvent).Select(w => EventTest.Parse(StopCondition.OnOption, w, EventTest.WhileRunning))];
        RegisterTest[] registers = [.. All(header, StopRegister).Select(w => RegisterTest.Parse(StopCondition.WhenOption, w))];
        if (header.Fact(StopPlace) is not { } word)
            return text == null && events.Length + registers.Length == 0 ? null : new StopCondition(null, null, text) { Events = events, Registers = registers };
        string[] parts = word.Split(':');
        if (parts.Length != 2 || !UInt128.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out UInt128 value))
            throw new TraceFormatException($"header: the end '{word}' cannot be understood");
        StopCondition end = parts[0] switch
        {
            "time" => new StopCondition(null, SimTime.FromFemtoseconds(value), text),
            "address" when value <= ulong.MaxValue => new StopCondition(RunPlace.AtAddress((ulong)value), null, text),
            "instruction" when value <= ulong.MaxValue => new StopCondition(RunPlace.AtInstruction((ulong)value), null, text),
            _ => throw new TraceFormatException($"header: the end '{word}' cannot be understood"),
        };
        return end with { Events = events, Registers = registers };
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

    private static IEnumerable<KeyValuePair<string, string>> Of(StopCondition? stop)
    {
        if (stop?.Place is { } place)
            yield return new(StopPlace, (place.IsAddress ? "address:" : "instruction:") + Text(place.Value));
        else if (stop?.Time is { } time)
            yield return new(StopPlace, string.Create(CultureInfo.InvariantCulture, $"time:{time.Femtoseconds}"));
        if (stop?.Console is { } text)
            yield return new(StopText, text);
        foreach ((int number, EventTest test) in (stop?.Events ?? []).Index())
            yield return new($"{StopEvent}.{number}", test.Text);
        foreach ((int number, RegisterTest test) in (stop?.Registers ?? []).Index())
            yield return new($"{StopRegister}.{number}", test.Text);
    }

    private static IEnumerable<string> All(TraceHeader header, string fact) => header.Facts.Where(f => f.Key.StartsWith(fact + ".", StringComparison.Ordinal)).Select(f => f.Value);

    private static string Text(Trigger trigger) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(trigger.Place.IsAddress ? "address" : "instruction")}:{trigger.Place.Value}:{trigger.SwitchTo!.Value.ToString().ToLowerInvariant()}");

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
