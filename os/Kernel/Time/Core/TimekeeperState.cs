using System.Runtime.CompilerServices;

namespace CoSim.Os.Timekeeping;

/// <summary>One read base of the timekeeper: a counter value and the time it stood for.</summary>
internal unsafe struct ReadBase
{
    internal Clocksource* Clock;

    /// <summary>Counter value at the last update.</summary>
    internal ulong CycleLast;

    /// <summary>Nanoseconds &lt;&lt; Shift at CycleLast, to be added to Base.</summary>
    internal ulong XtimeNsec;

    /// <summary>Whole part of the clock at CycleLast, in nanoseconds (monotonic for Mono, raw for Raw).</summary>
    internal long Base;
    internal uint Mult;
    internal int Shift;

    /// <summary>Nanoseconds of this base at counter value <paramref name="cycles"/>, without Base.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong NsecAt(ReadBase* tkr, ulong cycles)
    {
        ulong delta = tkr->Clock->Delta(cycles, tkr->CycleLast);
        if (delta > tkr->Clock->Conversion.MaxCycles) return MultShift.MulAddShift(delta, tkr->Mult, tkr->XtimeNsec, tkr->Shift);
        return (delta * tkr->Mult + tkr->XtimeNsec) >> tkr->Shift;
    }
}

/// <summary>
/// Everything the clocks are computed from. Field names and units are those of the timekeeping reference, section 3.
/// Two of these exist: the one that readers see, under the write sequence count, and the shadow on which updates are computed.
/// </summary>
internal unsafe struct TimekeeperState
{
    internal ReadBase Mono;
    internal ReadBase Raw;

    /// <summary>CLOCK_REALTIME's second; the nanoseconds are Mono.XtimeNsec.</summary>
    internal long XtimeSec;

    /// <summary>CLOCK_REALTIME_COARSE: seconds, and nanoseconds below a second.</summary>
    internal long CoarseSec;
    internal ulong CoarseNsec;

    /// <summary>CLOCK_MONOTONIC's second at the last update.</summary>
    internal long KtimeSec;

    /// <summary>CLOCK_MONOTONIC minus CLOCK_REALTIME.</summary>
    internal Timespec WallToMonotonic;
    internal long OffsReal;
    internal long OffsBoot;
    internal long OffsTai;

    /// <summary>TAI - UTC, seconds.</summary>
    internal int TaiOffset;

    /// <summary>Counts steps of the wall clock; hrtimer bases compare it to know that their offsets are old.</summary>
    internal uint ClockWasSetSeq;
    internal long NextLeapKtime;
    internal long RawSec;

    /// <summary>Counter cycles per tick, rounded.</summary>
    internal ulong CycleInterval;

    /// <summary>Nanoseconds &lt;&lt; shift that one CycleInterval adds.</summary>
    internal ulong XtimeInterval;

    /// <summary>What a nominal tick has beyond XtimeInterval, nanoseconds &lt;&lt; shift; may be negative.</summary>
    internal long XtimeRemainder;
    internal ulong RawInterval;

    /// <summary>Length of a tick that the current multiplier was made for, nanoseconds &lt;&lt; 32.</summary>
    internal ulong NtpTick;

    /// <summary>True time less accumulated time, nanoseconds &lt;&lt; 32.</summary>
    internal long NtpError;
    internal int NtpErrorShift;

    /// <summary>1 while the multiplier is one too large, to pay off a positive NtpError.</summary>
    internal uint NtpErrMult;

    /// <summary>XtimeSec has been set back by an adjustment; the next overflow is not a new second.</summary>
    internal bool SkipSecondOverflow;
}
