using System.Runtime.CompilerServices;

namespace CoSim.Os.Timekeeping;

/// <summary>Reading the clocks, from task or interrupt context.</summary>
internal unsafe partial struct Timekeeper
{
    /// <summary>CLOCK_MONOTONIC in nanoseconds.</summary>
    internal static long Monotonic(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* mono = &tk->State.Mono;
            result = mono->Base + (long)ReadBase.NsecAt(mono, mono->Clock->Read());
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_MONOTONIC_RAW in nanoseconds.</summary>
    internal static long MonotonicRaw(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* raw = &tk->State.Raw;
            result = raw->Base + (long)ReadBase.NsecAt(raw, raw->Clock->Read());
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_MONOTONIC and, of the same instant, what to add for the other bases; the sequence of wall clock steps.</summary>
    internal static long MonotonicWithOffsets(Timekeeper* tk, long* real, long* boot, long* tai, uint* wasSet)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* mono = &tk->State.Mono;
            result = mono->Base + (long)ReadBase.NsecAt(mono, mono->Clock->Read());
            *real = tk->State.OffsReal;
            *boot = tk->State.OffsBoot;
            *tai = tk->State.OffsTai;
            *wasSet = tk->State.ClockWasSetSeq;
            // A leap second that is due but not yet handled by the tick: timers must not fire in the wrong second.
            if (result >= tk->State.NextLeapKtime) *real -= TimeUnits.NsecPerSec;
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_REALTIME.</summary>
    internal static Timespec Realtime(Timekeeper* tk)
    {
        uint seq;
        long sec;
        ulong nsec;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* mono = &tk->State.Mono;
            sec = tk->State.XtimeSec;
            nsec = ReadBase.NsecAt(mono, mono->Clock->Read());
        } while (Volatile32.Read(&tk->Seq) != seq);
        return Timespec.Normalise(sec, (long)nsec);
    }

    /// <summary>CLOCK_REALTIME in nanoseconds since 1970.</summary>
    internal static long RealtimeNs(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* mono = &tk->State.Mono;
            result = tk->State.XtimeSec * TimeUnits.NsecPerSec + (long)ReadBase.NsecAt(mono, mono->Clock->Read());
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_BOOTTIME in nanoseconds.</summary>
    internal static long Boottime(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* mono = &tk->State.Mono;
            result = mono->Base + (long)ReadBase.NsecAt(mono, mono->Clock->Read()) + tk->State.OffsBoot;
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_TAI in nanoseconds.</summary>
    internal static long Tai(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            ReadBase* mono = &tk->State.Mono;
            result = mono->Base + (long)ReadBase.NsecAt(mono, mono->Clock->Read()) + tk->State.OffsTai;
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_REALTIME_COARSE in nanoseconds: the time of the last update, without reading the clocksource.</summary>
    internal static long RealtimeCoarseNs(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            result = tk->State.CoarseSec * TimeUnits.NsecPerSec + (long)tk->State.CoarseNsec;
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_MONOTONIC_COARSE in nanoseconds.</summary>
    internal static long MonotonicCoarseNs(Timekeeper* tk)
    {
        uint seq;
        long result;
        do
        {
            seq = BeginRead(&tk->Seq);
            Timespec* toMonotonic = &tk->State.WallToMonotonic;
            result = (tk->State.CoarseSec + toMonotonic->Sec) * TimeUnits.NsecPerSec + (long)tk->State.CoarseNsec + toMonotonic->Nsec;
        } while (Volatile32.Read(&tk->Seq) != seq);
        return result;
    }

    /// <summary>CLOCK_REALTIME's second at the last update.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long RealSeconds(Timekeeper* tk) => tk->State.XtimeSec;
}
