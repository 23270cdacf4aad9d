namespace CoSim.Os.Timekeeping;

/// <summary>What came of reading a watched clock together with the watchdog.</summary>
internal enum WatchdogRead
{
    Success,

    /// <summary>The readings were never close together, though the watchdog alone reads quickly: the watched clock cannot be read.</summary>
    Unstable,

    /// <summary>Even two readings of the watchdog in a row were far apart: the machine is busy, nothing can be said.</summary>
    Skip,
}

/// <summary>What came of a comparison.</summary>
internal enum WatchdogVerdict
{
    /// <summary>There was nothing to compare with yet.</summary>
    First,
    Good,

    /// <summary>Too much time has passed since the last comparison.</summary>
    LongInterval,

    /// <summary>The clocks have drifted apart by more than both margins.</summary>
    Skewed,
}

/// <summary>One comparison of a watched clock with the watchdog (timekeeping reference, section 7, step 5).</summary>
internal unsafe struct WatchdogCheck
{
    internal Clocksource* Watched;
    internal Clocksource* Watchdog;
    internal ulong WatchedNow, WatchdogNow, WatchedLast, WatchdogLast;

    /// <summary>Progress since the last comparison, in nanoseconds.</summary>
    internal long WatchedNsec, WatchdogNsec;

    /// <summary>Between the watchdog's readings around the watched clock, and between two in a row, in nanoseconds.</summary>
    internal long DelayNsec, BackToBackNsec;

    /// <summary>Readings that were tried again.</summary>
    internal int Retried;

    /// <summary>Reads both clocks, again while something comes between. Interrupts are off.</summary>
    internal static WatchdogRead Read(WatchdogCheck* c, int retries)
    {
        long bracket = WatchdogRules.BracketNsec(c->Watched->UncertaintyMarginNsec, c->Watchdog->UncertaintyMarginNsec);
        for (c->Retried = 0; c->Retried <= retries; c->Retried++)
        {
            c->WatchdogNow = c->Watchdog->Read();
            c->WatchedNow = c->Watched->Read();
            if (!WatchdogRules.ReadsTwice) return WatchdogRead.Success;
            ulong after = c->Watchdog->Read();
            ulong again = c->Watchdog->Read();
            c->DelayNsec = Nsec(c->Watchdog, c->WatchdogNow, after);
            if (c->DelayNsec <= bracket) return WatchdogRead.Success;
            c->BackToBackNsec = Nsec(c->Watchdog, after, again);
            if (c->BackToBackNsec > WatchdogRules.BackToBackNsec(c->Watchdog->UncertaintyMarginNsec)) return WatchdogRead.Skip;
        }
        return WatchdogRead.Unstable;
    }

    /// <summary>Compares the progress since the last call, and makes these readings the ones to compare with next time.</summary>
    internal static WatchdogVerdict Compare(WatchdogCheck* c)
    {
        Clocksource* watched = c->Watched;
        bool first = (watched->Flags & ClocksourceFlags.Watchdog) == 0;
        c->WatchedLast = watched->WatchedLast;
        c->WatchdogLast = watched->WatchdogLast;
        watched->WatchedLast = c->WatchedNow;
        watched->WatchdogLast = c->WatchdogNow;
        watched->Flags |= ClocksourceFlags.Watchdog;
        if (first) return WatchdogVerdict.First;
        c->WatchdogNsec = Nsec(c->Watchdog, c->WatchdogLast, c->WatchdogNow);
        c->WatchedNsec = Nsec(watched, c->WatchedLast, c->WatchedNow);
        long interval = c->WatchedNsec > c->WatchdogNsec ? c->WatchedNsec : c->WatchdogNsec;
        if (WatchdogRules.ReadsTwice && interval > WatchdogRules.LongestNsec) return WatchdogVerdict.LongInterval;
        long off = c->WatchedNsec - c->WatchdogNsec;
        if (off < 0) off = -off;
        return off > (long)watched->UncertaintyMarginNsec + c->Watchdog->UncertaintyMarginNsec ? WatchdogVerdict.Skewed : WatchdogVerdict.Good;
    }

    /// <summary>Nanoseconds from one counter value to a later one, by the source's unadjusted conversion.</summary>
    internal static long Nsec(Clocksource* c, ulong from, ulong to) =>
        (long)MultShift.MulAddShift(c->Delta(to, from), c->Conversion.Mult, 0, c->Conversion.Shift);
}
