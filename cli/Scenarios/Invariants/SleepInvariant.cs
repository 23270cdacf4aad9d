using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Sleeps of programs last as long as they were asked for.</summary>
internal sealed class SleepInvariant(SleepRule rule) : Invariant
{
    private readonly Dictionary<SleeperId, (SimTime Since, SimDuration Length)> _asleep = [];

    /// <inheritdoc/>
    public override string? Direction => Violation?.Contains(" early, at ", StringComparison.Ordinal) switch { true => "early", false => "late", _ => null };

    /// <inheritdoc/>
    public override string Title => $"sleeps end at most {DurationText.Of(rule.Early)} early and {DurationText.Of(rule.Late)} late";

    /// <inheritdoc/>
    public override void OnSleep(SleeperId sleeper, SimTime time, SimDuration length) => _asleep[sleeper] = (time, length);

    /// <inheritdoc/>
    public override void OnReturn(SleeperId sleeper, SimTime time, long result)
    {
        if (!_asleep.Remove(sleeper, out (SimTime Since, SimDuration Length) sleep) || result != 0)
            return;
        Checked();
        SimDuration slept = time - sleep.Since;
        if (sleep.Length - slept > rule.Early)
            Violate(time, $"a sleep of {sleep.Length} that began at {sleep.Since} ended {sleep.Length - slept} early, at {time}");
        else if (slept - sleep.Length > rule.Late)
            Violate(time, $"a sleep of {sleep.Length} that began at {sleep.Since} ended {slept - sleep.Length} late, at {time}");
    }

    /// <inheritdoc/>
    public override void OnEnd(SimTime time)
    {
        foreach ((SimTime since, SimDuration length) in _asleep.Values.OrderBy(s => s.Since))
        {
            if (time - since - length > rule.Late)
                Violate(time, $"a sleep of {length} that began at {since} had not ended at {time}");
        }
    }
}
