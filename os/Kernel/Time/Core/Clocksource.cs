using System;
using System.Runtime.CompilerServices;

namespace CoSim.Os.Timekeeping;

/// <summary>Properties of a clocksource; the bit values are Linux's CLOCK_SOURCE_* so that logs and tests read alike.</summary>
[Flags]
internal enum ClocksourceFlags : uint
{
    None = 0,
    IsContinuous = 0x01,
    MustVerify = 0x02,
    Watchdog = 0x10,
    ValidForHres = 0x20,
    Unstable = 0x40,
    SuspendNonstop = 0x80,
    Reselect = 0x100,
    VerifyPerCpu = 0x200,

    /// <summary>Has lost its rating for being unstable. Linux takes such a source off its list of watched ones instead.</summary>
    Demoted = 0x8000_0000,
}

/// <summary>
/// A free-running counter that the timekeeper can be driven by. Ratings, masks and flags of each one are Linux's
/// (timekeeping reference, section 1).
/// </summary>
internal unsafe struct Clocksource
{
    /// <summary>Current value of the counter, zero-extended. Must be callable from any context on any CPU.</summary>
    internal delegate*<ulong> Read;

    /// <summary>NUL-terminated name in static memory.</summary>
    internal byte* Name;
    internal ulong Mask;
    internal MultShift Conversion;

    /// <summary>A difference above this is a counter seen to move backwards, not a long wait (<see cref="WatchdogRules.MaxRawDelta"/>).</summary>
    internal ulong MaxRawDelta;
    internal int Rating;
    internal ClocksourceFlags Flags;
    internal VdsoClockMode VdsoMode;

    /// <summary>How wrong a watchdog reading of it may be, in nanoseconds.</summary>
    internal uint UncertaintyMarginNsec;

    /// <summary>Values of this source and of the watchdog at the last comparison; valid with <see cref="ClocksourceFlags.Watchdog"/>.</summary>
    internal ulong WatchedLast, WatchdogLast;

    /// <summary>Next in the list of registered clocksources, best first.</summary>
    internal Clocksource* Next;

    /// <summary>Fills the conversion of a counter running at <paramref name="frequency"/> * <paramref name="scale"/> Hz.</summary>
    internal void SetFrequency(uint frequency, uint scale)
    {
        Conversion = MultShift.ForFrequency(frequency, scale, Mask);
        MaxRawDelta = WatchdogRules.MaxRawDelta(Mask);
        if (UncertaintyMarginNsec == 0)
        {
            ulong period = (ulong)TimeUnits.NsecPerSec / ((ulong)frequency * scale);
            uint least = WatchdogRules.SmallestMarginNsec;
            UncertaintyMarginNsec = period < least ? least : (uint)period;
        }
    }

    /// <summary>Fills the conversion with constants.</summary>
    internal void SetFixed(uint mult, int shift)
    {
        Conversion = MultShift.Fixed(mult, shift, Mask);
        MaxRawDelta = WatchdogRules.MaxRawDelta(Mask);
        UncertaintyMarginNsec = WatchdogRules.CoarseMarginNsec;
    }

    /// <summary>Cycles since <paramref name="last"/>; 0 when the counter is seen to have moved backwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ulong Delta(ulong now, ulong last)
    {
        ulong delta = (now - last) & Mask;
        return delta > MaxRawDelta ? 0 : delta;
    }
}
