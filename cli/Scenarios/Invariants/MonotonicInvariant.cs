using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>No reading of a clock is less than one that had ended before it began.</summary>
internal sealed class MonotonicInvariant(MonotonicRule rule, EpycModel model) : Invariant
{
    private readonly Dictionary<(WatchedClock Clock, int Core, ReadingFrame Frame), ReadingHistory> _histories = [];

    /// <inheritdoc/>
    public override string Title => $"{string.Join(", ", rule.Clocks.Select(WatchedClocks.Name))}: no reading goes backwards {(rule.AcrossCores ? "across cores" : "on a core")}";

    /// <inheritdoc/>
    public override void OnReading(in ClockReading reading)
    {
        if (!rule.Clocks.Contains(reading.Clock))
            return;
        Checked();
        (WatchedClock, int, ReadingFrame) key = (reading.Clock, rule.AcrossCores ? 0 : reading.Core, reading.Frame);
        if (!_histories.TryGetValue(key, out ReadingHistory? history))
            _histories.Add(key, history = new ReadingHistory(WatchedClocks.Bits(reading.Clock)));
        // Who went from one core to another while reading says nothing about either.
        bool elsewhere = !rule.AcrossCores && reading.Core < 0 && reading.Since != reading.Time;
        if (!elsewhere && history.Add(in reading) is { } backwards)
            Compare(backwards.First, backwards.Second, backwards.Ticks);
    }

    private void Compare(in ClockReading first, in ClockReading second, ulong ticks)
    {
        SimDuration size = SimDuration.FromFemtoseconds((Int128)((UInt128)ticks * SimDuration.FemtosecondsPerSecond / WatchedClocks.Hertz(first.Clock, model)));
        if (size <= rule.Tolerance)
            return;
        Violate(second.Time, $"{WatchedClocks.Name(second.Clock)} went backwards by {size} ({ticks} of its units): {first.Value} {Where(first)}, then {second.Value} {Where(second)}");
    }

    private static string Where(in ClockReading reading) => reading.Core < 0 ? $"at {reading.Time}" : $"on core {reading.Core} at {reading.Time}";
}
