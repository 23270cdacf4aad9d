using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>No reading of a clock is less than an earlier one.</summary>
internal sealed class MonotonicInvariant(MonotonicRule rule, EpycModel model) : Invariant
{
    private readonly Dictionary<(WatchedClock Clock, int Core), ClockReading> _highest = [];

    /// <inheritdoc/>
    public override string Title => $"{string.Join(", ", rule.Clocks.Select(WatchedClocks.Name))}: no reading goes backwards {(rule.AcrossCores ? "across cores" : "on a core")}";

    /// <inheritdoc/>
    public override void OnReading(in ClockReading reading)
    {
        if (!rule.Clocks.Contains(reading.Clock))
            return;
        Checked();
        (WatchedClock, int) key = (reading.Clock, rule.AcrossCores ? 0 : reading.Core);
        if (!_highest.TryGetValue(key, out ClockReading before))
        {
            _highest[key] = reading;
            return;
        }
        // The distance between the readings, the shorter way round where the counter wraps.
        int unused = 64 - WatchedClocks.Bits(reading.Clock);
        long step = (long)((reading.Value - before.Value) << unused) >> unused;
        // Readings that were taken at the same time, one of them seen late, have no order.
        if (reading.Since >= before.Time && step < 0 || reading.Time <= before.Since && step > 0)
            Compare(before, reading, (ulong)Math.Abs(step));
        if (step > 0)
            _highest[key] = reading;
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
