namespace CoSim.Os.Timekeeping;

/// <summary>Moving the timekeeper forward: accumulation, new seconds, and following the NTP tick length.</summary>
internal unsafe partial struct Timekeeper
{
    /// <summary>
    /// Accumulates whole ticks that the clocksource has counted since the last update. Called by each tick of the CPU that
    /// has that duty, and when an idle machine wakes.
    /// </summary>
    /// <returns>True when something was accumulated.</returns>
    internal static bool Advance(Timekeeper* tk)
    {
        if (tk->Suspended) return false;
        TimekeeperState* s = &tk->Shadow;
        ulong offset = s->Mono.Clock->Delta(s->Mono.Clock->Read(), s->Mono.CycleLast);
        if (offset < s->CycleInterval) return false;
        AdvanceBy(tk, offset);
        return true;
    }

    /// <summary>Recomputes the multiplier at once, after adjtimex changed the frequency.</summary>
    internal static void AdvanceForFrequency(Timekeeper* tk)
    {
        if (tk->Suspended) return;
        TimekeeperState* s = &tk->Shadow;
        AdvanceBy(tk, s->Mono.Clock->Delta(s->Mono.Clock->Read(), s->Mono.CycleLast));
    }

    private static void AdvanceBy(Timekeeper* tk, ulong offset)
    {
        TimekeeperState* s = &tk->Shadow;
        bool wallStepped = false;
        if (offset >= s->CycleInterval)
        {
            // After a long sleep, thousands of ticks: take them in chunks of powers of two, as large as stay exact.
            int chunk = MultShift.Log2(offset) - MultShift.Log2(s->CycleInterval);
            if (chunk < 0) chunk = 0;
            int limit = 63 - MultShift.BitLength(tk->Ntp.TickLength);
            if (chunk > limit) chunk = limit;
            while (offset >= s->CycleInterval)
            {
                offset = Accumulate(tk, offset, chunk, ref wallStepped);
                if (offset < s->CycleInterval << chunk) chunk--;
            }
        }
        Adjust(tk, offset);
        wallStepped |= CarrySeconds(tk);
        tk->ClockWasSet |= wallStepped;
        Publish(tk, wallStepped);
    }

    private static ulong Accumulate(Timekeeper* tk, ulong offset, int chunk, ref bool wallStepped)
    {
        TimekeeperState* s = &tk->Shadow;
        ulong interval = s->CycleInterval << chunk;
        if (offset < interval) return offset;

        s->Mono.CycleLast = (s->Mono.CycleLast + interval) & s->Mono.Clock->Mask;
        s->Raw.CycleLast = s->Mono.CycleLast;
        s->Mono.XtimeNsec += s->XtimeInterval << chunk;
        wallStepped |= CarrySeconds(tk);

        s->Raw.XtimeNsec += s->RawInterval << chunk;
        ulong second = (ulong)TimeUnits.NsecPerSec << s->Raw.Shift;
        while (s->Raw.XtimeNsec >= second)
        {
            s->Raw.XtimeNsec -= second;
            s->RawSec++;
        }

        s->NtpError += (long)(tk->Ntp.TickLength << chunk);
        s->NtpError -= ((long)s->XtimeInterval + s->XtimeRemainder) << (s->NtpErrorShift + chunk);
        return offset - interval;
    }

    /// <summary>Carries whole seconds out of the nanoseconds; each new second goes through NTP and may be a leap second.</summary>
    private static bool CarrySeconds(Timekeeper* tk)
    {
        TimekeeperState* s = &tk->Shadow;
        ulong second = (ulong)TimeUnits.NsecPerSec << s->Mono.Shift;
        bool stepped = false;
        while (s->Mono.XtimeNsec >= second)
        {
            s->Mono.XtimeNsec -= second;
            s->XtimeSec++;
            if (s->SkipSecondOverflow)
            {
                s->SkipSecondOverflow = false;
                continue;
            }
            int leap = Ntp.SecondOverflow(&tk->Ntp, s->XtimeSec);
            if (leap == 0) continue;
            s->XtimeSec += leap;
            SetWallToMonotonic(s, Timespec.Subtract(s->WallToMonotonic, new Timespec(leap, 0)));
            SetTaiOffset(s, s->TaiOffset - leap);
            stepped = true;
        }
        return stepped;
    }

    /// <summary>
    /// Chooses the multiplier for the NTP tick length. The exact one lies between two integers: use the larger while
    /// accumulated time is behind (NtpError positive), else the smaller.
    /// </summary>
    private static void Adjust(Timekeeper* tk, ulong offset)
    {
        TimekeeperState* s = &tk->Shadow;
        uint mult;
        if (s->NtpTick == tk->Ntp.TickLength)
        {
            mult = s->Mono.Mult - s->NtpErrMult;
        }
        else
        {
            s->NtpTick = tk->Ntp.TickLength;
            mult = (uint)(((s->NtpTick >> s->NtpErrorShift) - (ulong)s->XtimeRemainder) / s->CycleInterval);
        }
        s->NtpErrMult = s->NtpError > 0 ? 1u : 0u;
        mult += s->NtpErrMult;

        ApplyMult(s, (long)offset, (long)mult - s->Mono.Mult);

        Clocksource* clock = s->Mono.Clock;
        long off = (long)mult - clock->Conversion.Mult;
        if (off < 0) off = -off;
        if (clock->Conversion.MaxAdj != 0 && off > clock->Conversion.MaxAdj) tk->AdjustmentWarned = true;

        // The adjustment below may have taken more than the present second holds: borrow one, and remember it.
        if ((long)s->Mono.XtimeNsec < 0)
        {
            s->Mono.XtimeNsec += (ulong)TimeUnits.NsecPerSec << s->Mono.Shift;
            s->XtimeSec--;
            s->SkipSecondOverflow = true;
        }
    }

    /// <summary>
    /// Changes the multiplier without a step in time: the cycles already counted beyond CycleLast (offset) will be converted
    /// by the new multiplier, so what it changes in them is taken out of XtimeNsec.
    /// </summary>
    private static void ApplyMult(TimekeeperState* s, long offset, long change)
    {
        if (change == 0) return;
        s->Mono.Mult = (uint)(s->Mono.Mult + change);
        s->XtimeInterval += (ulong)(change * (long)s->CycleInterval);
        s->Mono.XtimeNsec -= (ulong)(change * offset);
        s->NtpError += (change * offset) << s->NtpErrorShift;
    }

    /// <summary>Brings CycleLast to the present, for a change of clock or of the wall time.</summary>
    internal static void ForwardNow(Timekeeper* tk)
    {
        TimekeeperState* s = &tk->Shadow;
        ulong now = s->Mono.Clock->Read();
        ulong delta = s->Mono.Clock->Delta(now, s->Mono.CycleLast);
        s->Mono.CycleLast = now;
        s->Raw.CycleLast = now;
        // Bounded chunks keep the products in 64 bits however long nobody looked.
        ulong most = s->Mono.Clock->Conversion.MaxCycles;
        ulong second = (ulong)TimeUnits.NsecPerSec << s->Mono.Shift;
        while (delta > 0)
        {
            ulong part = delta < most ? delta : most;
            delta -= part;
            AddShifted(&s->Mono.XtimeNsec, &s->XtimeSec, part * s->Mono.Mult, second);
            AddShifted(&s->Raw.XtimeNsec, &s->RawSec, part * s->Raw.Mult, second);
        }
    }

    private static void AddShifted(ulong* nsec, long* sec, ulong add, ulong second)
    {
        *sec += (long)(add / second);
        *nsec += add % second;
        while (*nsec >= second)
        {
            *nsec -= second;
            ++*sec;
        }
    }
}
