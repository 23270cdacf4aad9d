using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The timekeeper: turns a clocksource into the clocks. Readers take no lock; they retry when the sequence count shows
/// that a writer was at work. Writers are serialised by the caller (interrupts off, one lock).
/// Timekeeping reference, section 3.
/// </summary>
internal unsafe partial struct Timekeeper
{
    /// <summary>Sequence count: odd while <see cref="State"/> is being replaced.</summary>
    internal uint Seq;
    internal TimekeeperState State;
    internal TimekeeperState Shadow;
    internal Ntp Ntp;
    internal FastTimekeeper FastMono;
    internal FastTimekeeper FastRaw;
    internal bool Suspended;

    /// <summary>The multiplier has left the permitted 11 percent; said once.</summary>
    internal bool AdjustmentWarned;

    /// <summary>The wall clock was stepped by the last advance (leap second); the caller tells the timers.</summary>
    internal bool ClockWasSet;

    /// <summary>Called inside the write section whenever State has changed, to refresh the vDSO's copy.</summary>
    internal delegate*<Timekeeper*, void> OnUpdate;

    /// <summary>Starts the clocks: wall clock at <paramref name="wall"/>, monotonic time at <paramref name="bootOffset"/> before it.</summary>
    internal static void Initialise(Timekeeper* tk, Clocksource* clock, Timespec wall, Timespec bootOffset)
    {
        *tk = default;
        Ntp.Initialise(&tk->Ntp);
        tk->Shadow.NextLeapKtime = TimeUnits.KtimeMax;
        SetUpClock(tk, clock);
        tk->Shadow.XtimeSec = wall.Sec;
        tk->Shadow.Mono.XtimeNsec = (ulong)wall.Nsec << tk->Shadow.Mono.Shift;
        SetWallToMonotonic(&tk->Shadow, Timespec.Subtract(bootOffset, wall));
        Publish(tk, true);
    }

    /// <summary>Gives the shadow another clock; time goes on from where it is, counted from the new clock's present value.</summary>
    internal static void SetUpClock(Timekeeper* tk, Clocksource* clock)
    {
        TimekeeperState* s = &tk->Shadow;
        Clocksource* old = s->Mono.Clock;
        int oldShift = s->Mono.Shift;
        s->Mono.Clock = clock;
        s->Raw.Clock = clock;
        s->Mono.CycleLast = clock->Read();
        s->Raw.CycleLast = s->Mono.CycleLast;

        uint mult = clock->Conversion.Mult;
        int shift = clock->Conversion.Shift;
        ulong tick = (ulong)TimeUnits.TickNsec << shift;
        ulong cycles = (tick + mult / 2) / mult;
        if (cycles == 0) cycles = 1;
        s->CycleInterval = cycles;
        s->XtimeInterval = cycles * mult;
        s->XtimeRemainder = (long)(tick - s->XtimeInterval);
        s->RawInterval = cycles * mult;

        if (old != null)
        {
            s->Mono.XtimeNsec = Rescale(s->Mono.XtimeNsec, shift - oldShift);
            s->Raw.XtimeNsec = Rescale(s->Raw.XtimeNsec, shift - oldShift);
        }
        s->Mono.Shift = shift;
        s->Raw.Shift = shift;
        s->Mono.Mult = mult;
        s->Raw.Mult = mult;
        s->NtpError = 0;
        s->NtpErrorShift = NtpConst.ScaleShift - shift;
        s->NtpTick = tick << s->NtpErrorShift;
        s->NtpErrMult = 0;
        s->SkipSecondOverflow = false;
    }

    private static ulong Rescale(ulong value, int change) => change < 0 ? value >> -change : value << change;

    /// <summary>
    /// Replaces the readers' state by the shadow. The sequence count is odd from before the first write to after the last.
    /// </summary>
    internal static void Publish(Timekeeper* tk, bool wallStepped)
    {
        TimekeeperState* s = &tk->Shadow;
        if (wallStepped) s->ClockWasSetSeq++;
        UpdateCoarse(s, wallStepped);
        // Monotonic base: whole seconds of both, and the nanoseconds that wall_to_monotonic adds.
        long seconds = s->XtimeSec + s->WallToMonotonic.Sec;
        s->Mono.Base = seconds * TimeUnits.NsecPerSec + s->WallToMonotonic.Nsec;
        ulong nsec = (s->Mono.XtimeNsec >> s->Mono.Shift) + (ulong)s->WallToMonotonic.Nsec;
        s->KtimeSec = nsec >= (ulong)TimeUnits.NsecPerSec ? seconds + 1 : seconds;
        s->Raw.Base = s->RawSec * TimeUnits.NsecPerSec;
        long leap = Ntp.NextLeap(&tk->Ntp);
        s->NextLeapKtime = leap == NtpConst.NoLeap ? TimeUnits.KtimeMax : leap * TimeUnits.NsecPerSec - s->OffsReal;

        BeginWrite(&tk->Seq);
        tk->State = *s;
        if (tk->OnUpdate != null) tk->OnUpdate(tk);
        FastTimekeeper.Update(&tk->FastMono, &s->Mono);
        FastTimekeeper.Update(&tk->FastRaw, &s->Raw);
        EndWrite(&tk->Seq);
    }

    /// <summary>
    /// The coarse clocks show the time of the last update. A larger multiplier sets that time back by what the cycles beyond it will
    /// count more; since 6.15 the coarse clocks wait until time has caught up.
    /// </summary>
    private static void UpdateCoarse(TimekeeperState* s, bool wallStepped)
    {
        ulong nsec = s->Mono.XtimeNsec >> s->Mono.Shift;
        bool back = s->XtimeSec < s->CoarseSec || (s->XtimeSec == s->CoarseSec && nsec < s->CoarseNsec);
        if (back && !wallStepped && TimeNamespaces.Semantics >= OsSemantics.Linux615) return;
        s->CoarseSec = s->XtimeSec;
        s->CoarseNsec = nsec;
    }

    internal static void SetWallToMonotonic(TimekeeperState* s, Timespec wtm)
    {
        s->WallToMonotonic = wtm;
        s->OffsReal = -(wtm.Sec * TimeUnits.NsecPerSec + wtm.Nsec);
        s->OffsTai = s->OffsReal + s->TaiOffset * TimeUnits.NsecPerSec;
    }

    internal static void SetTaiOffset(TimekeeperState* s, int seconds)
    {
        s->TaiOffset = seconds;
        s->OffsTai = s->OffsReal + seconds * TimeUnits.NsecPerSec;
    }

    /// <summary>Opens a write section. x86 keeps stores in order; the volatile accesses keep the compiler from moving them.</summary>
    internal static void BeginWrite(uint* seq) => Volatile32.Write(seq, *seq + 1);

    internal static void EndWrite(uint* seq) => Volatile32.Write(seq, *seq + 1);

    /// <summary>Waits for an even sequence count and returns it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint BeginRead(uint* seq)
    {
        uint value;
        while (((value = Volatile32.Read(seq)) & 1) != 0) Machine.Pause();
        return value;
    }
}
