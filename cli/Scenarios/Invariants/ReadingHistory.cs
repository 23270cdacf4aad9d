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

    /// <summary>In the order of their ends, each higher than all that ended before: what a reading that begins later must not be below.</summary>
    private readonly List<Entry> _ended = [];

    /// <summary>In the order of their beginnings, each lower than all that began later: what a reading that ended before must not be above.</summary>
    private readonly List<Entry> _begun = [];

    /// <summary>Takes a reading. It may have ended before some that were taken already.</summary>
    /// <returns>Two readings, the later of which shows less, and by how many units at least; null when the clock has not gone backwards.</returns>
    public (ClockReading First, ClockReading Second, ulong Ticks)? Add(in ClockReading reading)
    {
        Entry entry = new(reading, Unwrapped(reading.Value));
        (ClockReading, ClockReading, ulong)? backwards = null;
        int before = EndedBy(reading.Since) - 1, after = BegunBefore(reading.Time);
        if (before >= 0 && _ended[before].Value > entry.Highest)
            backwards = (_ended[before].Reading, reading, (ulong)(_ended[before].Value - entry.Highest));
        else if (after < _begun.Count && entry.Value > _begun[after].Highest)
            backwards = (reading, _begun[after].Reading, (ulong)(entry.Value - _begun[after].Highest));

        KeepIfHigh(entry);
        KeepIfLow(entry);
        return backwards;
    }

    private void KeepIfHigh(Entry entry)
    {
        int at = EndedBy(entry.Reading.Time);
        if (at > 0 && _ended[at - 1].Value >= entry.Value)
            return;
        int end = at;
        while (end < _ended.Count && _ended[end].Value <= entry.Value)
            end++;
        Replace(_ended, at, end, entry);
    }

    private void KeepIfLow(Entry entry)
    {
        int at = BegunBefore(entry.Reading.Since);
        if (at < _begun.Count && _begun[at].Highest <= entry.Highest)
            return;
        int end = at;
        while (end < _begun.Count && _begun[end].Reading.Since == entry.Reading.Since)
            end++;
        while (at > 0 && _begun[at - 1].Highest >= entry.Highest)
            at--;
        Replace(_begun, at, end, entry);
    }

    private static void Replace(List<Entry> entries, int from, int to, Entry by)
    {
        entries.RemoveRange(from, to - from);
        entries.Insert(from, by);
        if (entries.Count > Longest)
            entries.RemoveRange(0, Longest / 2);
    }

    /// <summary>How many readings had ended at a time. The latest are looked at first: it is they that matter.</summary>
    private int EndedBy(SimTime time)
    {
        int count = _ended.Count;
        while (count > 0 && _ended[count - 1].Reading.Time > time)
            count--;
        return count;
    }

    /// <summary>How many readings had begun before a time.</summary>
    private int BegunBefore(SimTime time)
    {
        int count = _begun.Count;
        while (count > 0 && _begun[count - 1].Reading.Since >= time)
            count--;
        return count;
    }

    /// <summary>The value without wraps: by the shorter way round from the highest so far.</summary>
    private Int128 Unwrapped(ulong value)
    {
        if (_ended.Count == 0)
            return value;
        int unused = 64 - bits;
        Entry last = _ended[^1];
        return last.Value + ((long)((value - last.Reading.Value) << unused) >> unused);
    }

    private readonly record struct Entry(ClockReading Reading, Int128 Value)
    {
        /// <summary>The most that the clock can have shown.</summary>
        public Int128 Highest => Value + (Reading.Unit - 1);
    }
}
