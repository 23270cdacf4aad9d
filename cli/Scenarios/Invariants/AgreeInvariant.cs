using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Clocks count the same time equally fast, and none jumps.</summary>
internal sealed class AgreeInvariant(AgreeRule rule, EpycModel model) : Invariant
{
    private readonly Dictionary<(WatchedClock Clock, ReadingFrame Frame), ClockReading> _first = [];
    private readonly Dictionary<(WatchedClock Clock, ReadingFrame Frame), Range> _ahead = [];

    /// <inheritdoc/>
    public override string Title => $"{string.Join(", ", rule.Clocks.Select(WatchedClocks.Name))}: agree within {DurationText.Of(rule.Within)}";

    /// <inheritdoc/>
    public override void OnReading(in ClockReading reading)
    {
        if (!rule.Clocks.Contains(reading.Clock))
            return;
        (WatchedClock, ReadingFrame) key = (reading.Clock, reading.Frame);
        if (!_first.TryGetValue(key, out ClockReading first))
        {
            _first[key] = reading;
            _ahead[key] = new Range(0, 0);
            return;
        }
        Range ahead = Ahead(first, reading);
        _ahead[key] = ahead;
        Checked();
        foreach (((WatchedClock Clock, ReadingFrame) other, Range theirs) in _ahead)
        {
            if (other == key || ahead.Beyond(theirs) is var apart && Int128.Abs(apart) <= rule.Within.Femtoseconds)
                continue;
            Violate(reading.Time, $"{WatchedClocks.Name(reading.Clock)} is {SimDuration.FromFemtoseconds(apart)} ahead of {WatchedClocks.Name(other.Clock)} since their first readings, at {reading.Time}");
        }
    }

    /// <summary>
    /// Femtoseconds by which a clock has run ahead of its own nominal rate since its first reading, at least and at most: a system clock was
    /// read at some moment of its call.
    /// </summary>
    private Range Ahead(in ClockReading first, in ClockReading reading) =>
        new(Ahead(first, first.Since, reading, reading.Time), Ahead(first, first.Time, reading, reading.Since));

    /// <summary>The same for one moment of each call. A counter that wraps is taken at the wrap that comes nearest to what it should show.</summary>
    private Int128 Ahead(in ClockReading first, SimTime from, in ClockReading reading, SimTime to)
    {
        ulong hertz = WatchedClocks.Hertz(reading.Clock, model);
        UInt128 elapsed = to > from ? (UInt128)(to - from).Femtoseconds : 0;
        UInt128 seconds = elapsed / SimDuration.FemtosecondsPerSecond, rest = elapsed % SimDuration.FemtosecondsPerSecond;
        ulong expected = (ulong)((seconds * hertz) + (rest * hertz / SimDuration.FemtosecondsPerSecond));
        int unused = 64 - WatchedClocks.Bits(reading.Clock);
        long ticks = (long)((reading.Value - first.Value - expected) << unused) >> unused;
        return (Int128)ticks * SimDuration.FemtosecondsPerSecond / hertz;
    }

    /// <summary>Femtoseconds, at least and at most.</summary>
    private readonly record struct Range(Int128 Least, Int128 Most)
    {
        /// <summary>By how much at least this lies beyond another; negative when below; 0 when they may be the same.</summary>
        public Int128 Beyond(in Range other) => Least > other.Most ? Least - other.Most : Most < other.Least ? Most - other.Least : 0;
    }
}
