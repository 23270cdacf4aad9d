using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Hardware timers expire when they were programmed to.</summary>
internal sealed class TimerInvariant(TimerRule rule) : Invariant
{
    private readonly SortedDictionary<string, SimTime> _due = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string? Direction => Violation?.Contains(" early, at ", StringComparison.Ordinal) switch { true => "early", false => "late", _ => null };

    /// <inheritdoc/>
    public override string Title => $"hardware timers expire at most {DurationText.Of(rule.Early)} early and {DurationText.Of(rule.Late)} late";

    /// <inheritdoc/>
    public override void OnTimerProgrammed(string timer, SimTime time, SimTime expiry)
    {
        if (expiry == SimTime.Never)
            _due.Remove(timer);
        else
            _due[timer] = expiry;
    }

    /// <inheritdoc/>
    public override void OnTimerExpired(string timer, SimTime time)
    {
        // A periodic timer expires again without having been programmed again.
        if (!_due.Remove(timer, out SimTime due))
            return;
        Checked();
        if (due - time > rule.Early)
            Violate(time, $"{timer} expired {due - time} early, at {time}");
        else if (time - due > rule.Late)
            Violate(time, $"{timer} expired {time - due} late, at {time}");
    }

    /// <inheritdoc/>
    public override void OnEnd(SimTime time)
    {
        foreach ((string timer, SimTime due) in _due)
        {
            if (due < time && time - due > rule.Late)
                Violate(time, $"{timer} was due at {due} and had not expired at {time}");
        }
    }
}
