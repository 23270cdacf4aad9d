using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Clocks count the same time equally fast, and none jumps.</summary>
internal sealed class AgreeInvariant(AgreeRule rule, EpycModel model) : Invariant
{
    private readonly Dictionary<WatchedClock, ClockReading> _first = [];
    private readonly Dictionary<WatchedClock, Int128> _ahead = [];

    /// <inheritdoc/>
    public override string Title => $"{string.Join(", ", rule.Clocks.Select(WatchedClocks.Name))}: agree within {rule.Within}";

    /// <inheritdoc/>
    public override void OnReading(in ClockReading reading)
    {
        if (!rule.Clocks.Contains(reading.Clock))
            return;
        if (!_first.TryGetValue(reading.Clock, out ClockReading first))
        {
            _first[reading.Clock] = reading;
            _ahead[reading.Clock] = 0;
            return;
        }
        Int128 ahead = Ahead(first, reading);
        _ahead[reading.Clock] = ahead;
        Checked();
        foreach (WatchedClock other in rule.Clocks)
        {
            if (other == reading.Clock || !_ahead.TryGetValue(other, out Int128 theirs) || Int128.Abs(ahead - theirs) <= rule.Within.Femtoseconds)
                continue;
            SimDuration apart = SimDuration.FromFemtoseconds(ahead - theirs);
            Violate(reading.Time, $"{WatchedClocks.Name(reading.Clock)} is {apart} ahead of {WatchedClocks.Name(other)} since their first readings, at {reading.Time}");
        }
    }

    /// <summary>
    /// Femtoseconds by which a clock has run ahead of its own nominal rate since its first reading. A counter that wraps is taken at
    /// the wrap that comes nearest to what it should show.
    /// </summary>
    private Int128 Ahead(in ClockReading first, in ClockReading reading)
    {
        ulong hertz = WatchedClocks.Hertz(reading.Clock, model);
        UInt128 elapsed = (UInt128)(reading.Time - first.Time).Femtoseconds;
        UInt128 seconds = elapsed / SimDuration.FemtosecondsPerSecond, rest = elapsed % SimDuration.FemtosecondsPerSecond;
        ulong expected = (ulong)((seconds * hertz) + (rest * hertz / SimDuration.FemtosecondsPerSecond));
        int unused = 64 - WatchedClocks.Bits(reading.Clock);
        long ticks = (long)((reading.Value - first.Value - expected) << unused) >> unused;
        return (Int128)ticks * SimDuration.FemtosecondsPerSecond / hertz;
    }
}
