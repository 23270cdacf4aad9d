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
    ReselectAfterRegister = 0x100,
    VerifyPerCpu = 0x200,
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

    /// <summary>A difference above this is a counter seen to move backwards (7/8 of the mask), not a long wait.</summary>
    internal ulong MaxRawDelta;
    internal int Rating;
    internal ClocksourceFlags Flags;
    internal VdsoClockMode VdsoMode;

    /// <summary>How wrong a watchdog reading of it may be, in nanoseconds.</summary>
    internal uint UncertaintyMarginNsec;

    /// <summary>Next in the list of registered clocksources, best first.</summary>
    internal Clocksource* Next;

    /// <summary>Fills the conversion of a counter running at <paramref name="frequency"/> * <paramref name="scale"/> Hz.</summary>
    internal void SetFrequency(uint frequency, uint scale)
    {
        Conversion = MultShift.ForFrequency(frequency, scale, Mask);
        MaxRawDelta = (Mask >> 1) + (Mask >> 2) + (Mask >> 3);
        if (UncertaintyMarginNsec == 0)
        {
            // At least twice the 100 us by which two readings may be apart without anybody being wrong.
            ulong period = (ulong)TimeUnits.NsecPerSec / ((ulong)frequency * scale);
            UncertaintyMarginNsec = period < 200_000 ? 200_000 : (uint)period;
        }
    }

    /// <summary>Fills the conversion with constants.</summary>
    internal void SetFixed(uint mult, int shift)
    {
        Conversion = MultShift.Fixed(mult, shift, Mask);
        MaxRawDelta = (Mask >> 1) + (Mask >> 2) + (Mask >> 3);
    }

    /// <summary>Cycles since <paramref name="last"/>; 0 when the counter is seen to have moved backwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ulong Delta(ulong now, ulong last)
    {
        ulong delta = (now - last) & Mask;
        return delta > MaxRawDelta ? 0 : delta;
    }
}
