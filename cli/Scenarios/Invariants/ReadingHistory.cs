using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>
/// Readings of one clock that later ones must not be less than. A reading proves something only about readings that were asked for after it
/// had ended: those that overlap have no order.
/// </summary>
/// <param name="bits">Bits after which the clock wraps.</param>
internal sealed class ReadingHistory(int bits)
{
    /// <summary>No reading takes so long that so many others end meanwhile; what is older is forgotten.</summary>
    private const int Longest = 4096;

    /// <summary>Readings in the order of their ends, each higher than all before it.</summary>
    private readonly List<Entry> _rising = [];

    /// <summary>Takes a reading. It may have ended before some that were taken already.</summary>
    /// <returns>Two readings, the later of which shows less, and by how many units at least; null when the clock has not gone backwards.</returns>
    public (ClockReading First, ClockReading Second, ulong Ticks)? Add(in ClockReading reading)
    {
        Entry entry = new(reading, Unwrapped(reading.Value));
        int at = EndedBy(reading.Time);
        (ClockReading, ClockReading, ulong)? backwards = null;
        int before = EndedBy(reading.Since) - 1;
        if (before >= 0 && _rising[before].Value > entry.Highest)
            backwards = (_rising[before].Reading, reading, (ulong)(_rising[before].Value - entry.Highest));
        for (int later = at; later < _rising.Count && backwards is null; later++)
        {
            if (_rising[later].Reading.Since >= reading.Time && entry.Value > _rising[later].Highest)
                backwards = (reading, _rising[later].Reading, (ulong)(entry.Value - _rising[later].Highest));
        }

        if (at == 0 || _rising[at - 1].Value < entry.Value)
            Insert(at, entry);
        return backwards;
    }

    private void Insert(int at, Entry entry)
    {
        int end = at;
        while (end < _rising.Count && _rising[end].Value <= entry.Value)
            end++;
        _rising.RemoveRange(at, end - at);
        _rising.Insert(at, entry);
        if (_rising.Count > Longest)
            _rising.RemoveRange(0, Longest / 2);
    }

    /// <summary>How many readings had ended at a time. The latest are looked at first: it is they that matter.</summary>
    private int EndedBy(SimTime time)
    {
        int count = _rising.Count;
        while (count > 0 && _rising[count - 1].Reading.Time > time)
            count--;
        return count;
    }

    /// <summary>The value without wraps: by the shorter way round from the highest so far.</summary>
    private Int128 Unwrapped(ulong value)
    {
        if (_rising.Count == 0)
            return value;
        int unused = 64 - bits;
        Entry last = _rising[^1];
        return last.Value + ((long)((value - last.Reading.Value) << unused) >> unused);
    }

    private readonly record struct Entry(ClockReading Reading, Int128 Value)
    {
        /// <summary>The most that the clock can have shown.</summary>
        public Int128 Highest => Value + (Reading.Unit - 1);
    }
}
