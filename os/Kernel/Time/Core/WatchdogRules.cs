namespace CoSim.Os.Timekeeping;

/// <summary>
/// What the clocksource watchdog tolerates, by version (timekeeping reference, section 7, step 5). 5.6 has one margin of 62.5 ms
/// and reads each clock once; from 5.13 on the watchdog is read on both sides of the watched clock, and every source brings a margin.
/// </summary>
internal static class WatchdogRules
{
    /// <summary>Half a second between two comparisons, in nanoseconds.</summary>
    internal const long IntervalNsec = TimeUnits.NsecPerSec / 2;

    /// <summary>A comparison over more than this is left out: margins are fixed, errors grow.</summary>
    internal const long LongestNsec = 2 * IntervalNsec;

    /// <summary>How long the watchdog rests after the machine was too busy to read two clocks together, in nanoseconds.</summary>
    internal const long RestNsec = 300 * TimeUnits.NsecPerSec;

    /// <summary>Margin of a source of unknown frequency, and in 5.6 of every source: two of them are 62.5 ms.</summary>
    internal const uint CoarseMarginNsec = (uint)(TimeUnits.NsecPerSec >> 5);

    /// <summary>The watchdog is read before and after the watched clock, so that an interruption is not taken for a skew.</summary>
    internal static bool ReadsTwice => TimeNamespaces.Semantics > OsSemantics.Linux56;

    /// <summary>Two readings of the watchdog with one of the watched clock between them may be this far apart, in nanoseconds.</summary>
    internal static uint MaxSkewNsec => TimeNamespaces.Semantics >= OsSemantics.Linux612 ? 62_000u : 100_000u;

    /// <summary>The least margin of a source, in nanoseconds.</summary>
    internal static uint SmallestMarginNsec => ReadsTwice ? 2 * MaxSkewNsec : CoarseMarginNsec;

    /// <summary>Longest acceptable time from the first to the second reading of the watchdog. 6.12 adds what the sources themselves claim.</summary>
    internal static long BracketNsec(uint watchedMargin, uint watchdogMargin) =>
        TimeNamespaces.Semantics >= OsSemantics.Linux612 ? 2L * watchdogMargin + watchedMargin : MaxSkewNsec;

    /// <summary>Two readings of the watchdog in a row that take longer than this show a busy machine rather than a bad clock.</summary>
    internal static long BackToBackNsec(uint watchdogMargin) =>
        TimeNamespaces.Semantics >= OsSemantics.Linux612 ? 2L * watchdogMargin : MaxSkewNsec / 2;

    /// <summary>Readings tried again after the first: one, and one more for every four-fold of the CPUs.</summary>
    internal static int Retries(int cpus) => MultShift.Log2((ulong)cpus) / 2 + 1;

    /// <summary>
    /// Above this a difference of two counter values means that the counter moved backwards: half of the mask, and 7/8 of it in 6.12,
    /// which lets a PM timer that nobody read for four seconds count as late, not as backwards.
    /// </summary>
    internal static ulong MaxRawDelta(ulong mask) =>
        TimeNamespaces.Semantics >= OsSemantics.Linux612 ? (mask >> 1) + (mask >> 2) + (mask >> 3) : mask >> 1;
}
