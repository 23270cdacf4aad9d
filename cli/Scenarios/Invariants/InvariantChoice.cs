using CoSim.Cli.Scenarios.Yaml;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>What a scenario says must hold at every moment, or must not.</summary>
internal sealed record InvariantChoice
{
    /// <summary>Where it stands.</summary>
    public required YamlPlace Place { get; init; }

    /// <summary>Which rule.</summary>
    public InvariantRule Rule { get; init; } = new SleepRule();

    /// <summary>Whether it must hold; false where its violation is what the scenario shows.</summary>
    public bool Holds { get; init; } = true;
}

/// <summary>A rule and its bounds.</summary>
internal abstract record InvariantRule
{
    /// <summary>Makes a watch for one run.</summary>
    /// <param name="model">The processor, whose clock is the TSC's.</param>
    public abstract Invariant Watch(EpycModel model);
}

/// <summary>No reading of a clock is less than an earlier one.</summary>
internal sealed record MonotonicRule : InvariantRule
{
    /// <summary>The clocks.</summary>
    public IReadOnlyList<WatchedClock> Clocks { get; init; } = [];

    /// <summary>Whether readings of all cores are compared with each other; false: each core's with its own.</summary>
    public bool AcrossCores { get; init; } = true;

    /// <summary>A step back that is let pass.</summary>
    public SimDuration Tolerance { get; init; }

    /// <inheritdoc/>
    public override Invariant Watch(EpycModel model) => new MonotonicInvariant(this, model);
}

/// <summary>Clocks that count the same time count it equally fast, and none jumps.</summary>
internal sealed record AgreeRule : InvariantRule
{
    /// <summary>The clocks.</summary>
    public IReadOnlyList<WatchedClock> Clocks { get; init; } = [];

    /// <summary>How far two of them may have drifted apart since their first readings.</summary>
    public SimDuration Within { get; init; }

    /// <inheritdoc/>
    public override Invariant Watch(EpycModel model) => new AgreeInvariant(this, model);
}

/// <summary>Sleeps of programs (nanosleep, relative clock_nanosleep) last as long as they were asked for.</summary>
internal sealed record SleepRule : InvariantRule
{
    /// <summary>How much too short a sleep may be.</summary>
    public SimDuration Early { get; init; }

    /// <summary>How much too long a sleep may be.</summary>
    public SimDuration Late { get; init; } = SimDuration.FromMilliseconds(10);

    /// <inheritdoc/>
    public override Invariant Watch(EpycModel model) => new SleepInvariant(this);
}

/// <summary>A core takes interrupts that its local APIC has accepted within some time.</summary>
internal sealed record InterruptRule : InvariantRule
{
    /// <summary>How long one may wait.</summary>
    public SimDuration Within { get; init; }

    /// <inheritdoc/>
    public override Invariant Watch(EpycModel model) => new InterruptInvariant(this);
}

/// <summary>Hardware timers expire when they were programmed to.</summary>
internal sealed record TimerRule : InvariantRule
{
    /// <summary>How much too early a timer may expire.</summary>
    public SimDuration Early { get; init; }

    /// <summary>How much too late a timer may expire.</summary>
    public SimDuration Late { get; init; } = SimDuration.FromMicroseconds(1);

    /// <inheritdoc/>
    public override Invariant Watch(EpycModel model) => new TimerInvariant(this);
}
