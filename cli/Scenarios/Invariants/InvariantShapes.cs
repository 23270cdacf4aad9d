using CoSim.Cli.Scenarios.Shapes;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>What invariants look like in a scenario.</summary>
internal static class InvariantShapes
{
    private static readonly Shape<IReadOnlyList<WatchedClock>> Clocks = new ListShape<WatchedClock>(new ChoiceShape<WatchedClock>(WatchedClocks.Names), 1, WatchedClocks.Names.Count);

    private static readonly Shape<IReadOnlyList<WatchedClock>> TwoClocks = new ListShape<WatchedClock>(new ChoiceShape<WatchedClock>(WatchedClocks.Names), 2, WatchedClocks.Names.Count);

    private static readonly Shape<MonotonicRule> Monotonic = new RecordShape<MonotonicRule>(_ => new MonotonicRule())
        .Must("clocks", Clocks, "The clocks.", (r, v) => r with { Clocks = v })
        .May("across-cores", new FlagShape(), "Whether readings of all cores are compared with each other (the default), or each core's with its own.", (r, v) => r with { AcrossCores = v })
        .May("tolerance", ScenarioShapes.Duration, "A step back that is let pass.", (r, v) => r with { Tolerance = v });

    private static readonly Shape<AgreeRule> Agree = new RecordShape<AgreeRule>(_ => new AgreeRule())
        .Must("clocks", TwoClocks, "The clocks.", (r, v) => r with { Clocks = v })
        .Must("within", ScenarioShapes.Duration, "How far two of them may have drifted apart since their first readings.", (r, v) => r with { Within = v });

    private static readonly Shape<SleepRule> Sleeps = new RecordShape<SleepRule>(_ => new SleepRule())
        .May("early", ScenarioShapes.Duration, "How much too short a sleep may be.", (r, v) => r with { Early = v })
        .May("late", ScenarioShapes.Duration, "How much too long a sleep may be.", (r, v) => r with { Late = v });

    private static readonly Shape<TimerRule> Timers = new RecordShape<TimerRule>(_ => new TimerRule())
        .May("early", ScenarioShapes.Duration, "How much too early a timer may expire.", (r, v) => r with { Early = v })
        .May("late", ScenarioShapes.Duration, "How much too late a timer may expire.", (r, v) => r with { Late = v });

    private static readonly Shape<InterruptRule> Interrupts = new RecordShape<InterruptRule>(_ => new InterruptRule())
        .Must("within", ScenarioShapes.Duration, "How long an interrupt may wait for its core.", (r, v) => r with { Within = v });

    /// <summary>An invariant.</summary>
    public static readonly Shape<InvariantChoice> Invariant = new RecordShape<InvariantChoice>(place => new InvariantChoice { Place = place })
        .OneOf("a rule", "monotonic", Monotonic, "No reading of a clock is less than an earlier one.", (i, v) => i with { Rule = v })
        .OneOf("a rule", "agree", Agree, "Clocks count the same time equally fast, and none jumps.", (i, v) => i with { Rule = v })
        .OneOf("a rule", "sleeps", Sleeps, "Relative sleeps of programs last as long as they were asked for.", (i, v) => i with { Rule = v })
        .OneOf("a rule", "timers", Timers, "Hardware timers expire when they were programmed to.", (i, v) => i with { Rule = v })
        .OneOf("a rule", "interrupts", Interrupts, "Cores take the interrupts that their local APICs have accepted.", (i, v) => i with { Rule = v })
        .May("holds", new FlagShape(), "Whether the rule must hold (the default); false where its violation is what the scenario shows.", (i, v) => i with { Holds = v });
}
