namespace CoSim.Os.Timekeeping;

/// <summary>Changing the clocks: another clocksource, settimeofday, steps, adjtimex, suspend.</summary>
internal unsafe partial struct Timekeeper
{
    /// <summary>Goes over to another clocksource at this instant.</summary>
    internal static void ChangeClock(Timekeeper* tk, Clocksource* clock)
    {
        ForwardNow(tk);
        SetUpClock(tk, clock);
        // The new clock's multiplier follows the frequency that adjtimex has set at once: an idle machine may not look for half a second.
        Adjust(tk, 0);
        Publish(tk, true);
    }

    /// <summary>Sets CLOCK_REALTIME; monotonic time is not touched.</summary>
    /// <returns>0, or -EINVAL when the time is out of range or would put boot before 1970.</returns>
    internal static int SetRealtime(Timekeeper* tk, Timespec value)
    {
        if (!value.IsValidSettod) return -Errno.EINVAL;
        ForwardNow(tk);
        TimekeeperState* s = &tk->Shadow;
        Timespec now = new Timespec(s->XtimeSec, (long)(s->Mono.XtimeNsec >> s->Mono.Shift));
        int result = StepBy(tk, Timespec.Subtract(value, now), value);
        Publish(tk, true);
        return result;
    }

    /// <summary>Steps CLOCK_REALTIME by a normalised offset (ADJ_SETOFFSET).</summary>
    /// <returns>0 or -EINVAL.</returns>
    internal static int InjectOffset(Timekeeper* tk, Timespec offset)
    {
        if ((ulong)offset.Nsec >= (ulong)TimeUnits.NsecPerSec) return -Errno.EINVAL;
        ForwardNow(tk);
        TimekeeperState* s = &tk->Shadow;
        Timespec now = new Timespec(s->XtimeSec, (long)(s->Mono.XtimeNsec >> s->Mono.Shift));
        Timespec target = Timespec.Add(now, offset);
        int result = target.IsValidSettod ? StepBy(tk, offset, target) : -Errno.EINVAL;
        Publish(tk, true);
        return result;
    }

    private static int StepBy(Timekeeper* tk, Timespec delta, Timespec target)
    {
        TimekeeperState* s = &tk->Shadow;
        // wall_to_monotonic may not become positive: monotonic time would be ahead of the wall clock.
        if (Timespec.Compare(s->WallToMonotonic, delta) > 0) return -Errno.EINVAL;
        ulong fraction = s->Mono.XtimeNsec & (((ulong)1 << s->Mono.Shift) - 1);
        SetWallToMonotonic(s, Timespec.Subtract(s->WallToMonotonic, delta));
        s->XtimeSec = target.Sec;
        s->Mono.XtimeNsec = ((ulong)target.Nsec << s->Mono.Shift) | fraction;
        Ntp.Clear(&tk->Ntp);
        return 0;
    }

    /// <summary>The adjtimex system call, after the copy from user space.</summary>
    /// <param name="tk">The timekeeper.</param>
    /// <param name="txc">Request and answer.</param>
    /// <param name="maySetTime">The caller has CAP_SYS_TIME.</param>
    /// <param name="clockSet">Becomes true when timers must look at the wall clock again.</param>
    /// <returns>The clock state, or a negated error.</returns>
    internal static int AdjTimex(Timekeeper* tk, Timex* txc, bool maySetTime, out bool clockSet)
    {
        clockSet = false;
        int result = Adjtimex.Validate(txc, maySetTime);
        if (result < 0) return result;
        if ((txc->Modes & AdjModes.SetOffset) != 0)
        {
            long scale = (txc->Modes & AdjModes.Nano) != 0 ? 1 : TimeUnits.NsecPerUsec;
            result = InjectOffset(tk, new Timespec(txc->TimeSec, txc->TimeUsec * scale));
            if (result < 0) return result;
            clockSet = true;
        }

        Timespec now = Realtime(tk);
        int taiBefore = tk->Shadow.TaiOffset;
        int tai = taiBefore;
        result = Adjtimex.Apply(&tk->Ntp, txc, now, &tai);
        if (tai != taiBefore)
        {
            SetTaiOffset(&tk->Shadow, tai);
            clockSet = true;
            Publish(tk, true);
        }
        if ((txc->Modes & (AdjModes.Frequency | AdjModes.Tick)) != 0) AdvanceForFrequency(tk);
        else if (txc->Modes != 0) Publish(tk, false);
        clockSet |= tk->ClockWasSet;
        tk->ClockWasSet = false;
        return result;
    }

    /// <summary>
    /// Moves the clocks since boot to those of a machine that has been up for some seconds, and has slept for some more. The wall clock
    /// stays.
    /// </summary>
    internal static void StartLater(Timekeeper* tk, long upSeconds, long sleptSeconds)
    {
        TimekeeperState* s = &tk->Shadow;
        SetWallToMonotonic(s, Timespec.Add(s->WallToMonotonic, new Timespec(upSeconds, 0)));
        s->RawSec += upSeconds;
        s->OffsBoot += sleptSeconds * TimeUnits.NsecPerSec;
        Publish(tk, true);
    }

    /// <summary>Stops the clocks before sleep; the fast clocks answer with the time of this instant until <see cref="Resume"/>.</summary>
    internal static void Suspend(Timekeeper* tk)
    {
        ForwardNow(tk);
        tk->Suspended = true;
        Publish(tk, false);
        ulong at = tk->Shadow.Mono.CycleLast;
        FastTimekeeper.Halt(&tk->FastMono, at);
        FastTimekeeper.Halt(&tk->FastRaw, at);
    }

    /// <summary>
    /// Starts them again. The time slept goes into the wall clock and CLOCK_BOOTTIME; CLOCK_MONOTONIC does not advance.
    /// </summary>
    internal static void Resume(Timekeeper* tk, Timespec slept)
    {
        TimekeeperState* s = &tk->Shadow;
        InjectSleep(s, slept);
        s->Mono.CycleLast = s->Mono.Clock->Read();
        s->Raw.CycleLast = s->Mono.CycleLast;
        s->NtpError = 0;
        tk->Suspended = false;
        FastTimekeeper.Release(&tk->FastMono);
        FastTimekeeper.Release(&tk->FastRaw);
        Publish(tk, true);
    }

    private static void InjectSleep(TimekeeperState* s, Timespec slept)
    {
        if (!slept.IsValid) return;
        s->XtimeSec += slept.Sec;
        s->Mono.XtimeNsec += (ulong)slept.Nsec << s->Mono.Shift;
        ulong second = (ulong)TimeUnits.NsecPerSec << s->Mono.Shift;
        if (s->Mono.XtimeNsec >= second)
        {
            s->Mono.XtimeNsec -= second;
            s->XtimeSec++;
        }
        SetWallToMonotonic(s, Timespec.Subtract(s->WallToMonotonic, slept));
        s->OffsBoot += slept.Sec * TimeUnits.NsecPerSec + slept.Nsec;
    }
}
