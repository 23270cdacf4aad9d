namespace CoSim.Os.Timekeeping;

/// <summary>
/// Twice a second, compares the TSC's progress with that of a clock known to be sound; a TSC that is off by more than both
/// margins allow is marked unstable (timekeeping reference, section 7; margins and texts of Linux 6.1).
/// </summary>
internal static unsafe class Watchdog
{
    private const long IntervalNsec = TimeUnits.NsecPerSec / 2;

    /// <summary>Two readings of the watchdog around one of the TSC may be this far apart; beyond it somebody interrupted.</summary>
    private const ulong MaxSkewNsec = 100_000;

    /// <summary>A comparison over more than this says nothing: the watchdog may have wrapped.</summary>
    private const ulong LongestNsec = 2 * (ulong)IntervalNsec;

    private static Hrtimer s_timer;
    private static Clocksource* s_watched;
    private static Clocksource* s_watchdog;
    private static ulong s_watchedLast, s_watchdogLast;
    private static bool s_haveLast;

    /// <summary>Starts watching, if there is a TSC to watch and something to watch it with.</summary>
    internal static void Start()
    {
        if (Tsc.Khz == 0 || Tsc.Unstable || Clocksources.BestWatchdog() == null) return;
        Hrtimer* timer = Text.Address(ref s_timer);
        Hrtimers.Initialise(timer, HrtimerBase.Monotonic, &Expired, null);
        Hrtimers.Start(timer, Time.MonotonicNs() + IntervalNsec);
    }

    private static bool Expired(Hrtimer* timer)
    {
        Clocksource* watched = Clocksources.RegisteredTsc();
        Clocksource* watchdog = Clocksources.BestWatchdog();
        if (watched == null || watchdog == null || Tsc.Unstable) return false;
        if (watched != s_watched || watchdog != s_watchdog)
        {
            s_watched = watched;
            s_watchdog = watchdog;
            s_haveLast = false;
        }
        Check();
        Hrtimer.Forward(timer, Time.MonotonicNs(), IntervalNsec);
        return !Tsc.Unstable;
    }

    private static void Check()
    {
        ulong watchedNow, watchdogNow;
        if (!ReadBoth(out watchedNow, out watchdogNow))
        {
            s_haveLast = false;
            return;
        }
        ulong watchedLast = s_watchedLast, watchdogLast = s_watchdogLast;
        bool have = s_haveLast;
        s_watchedLast = watchedNow;
        s_watchdogLast = watchdogNow;
        s_haveLast = true;
        if (!have) return;
        ulong watchedNsec = Nsec(s_watched, watchedNow, watchedLast);
        ulong watchdogNsec = Nsec(s_watchdog, watchdogNow, watchdogLast);
        if (watchdogNsec > LongestNsec || watchedNsec > LongestNsec * 2) return;
        ulong off = watchedNsec > watchdogNsec ? watchedNsec - watchdogNsec : watchdogNsec - watchedNsec;
        if (off <= (ulong)s_watched->UncertaintyMarginNsec + s_watchdog->UncertaintyMarginNsec) return;
        Report(watchedNow, watchedLast, watchedNsec, watchdogNow, watchdogLast, watchdogNsec);
        Clocksources.MarkTscUnstable("clocksource watchdog"u8);
    }

    private static ulong Nsec(Clocksource* c, ulong now, ulong last) =>
        MultShift.MulAddShift(c->Delta(now, last), c->Conversion.Mult, 0, c->Conversion.Shift);

    /// <summary>The TSC between two watchdog readings that are close enough together; some attempts, then not this time.</summary>
    private static bool ReadBoth(out ulong watched, out ulong watchdog)
    {
        int attempts = MultShift.BitLength((ulong)Cpu.OnlineCount) / 2 + 2;
        watched = watchdog = 0;
        for (int i = 0; i < attempts; i++)
        {
            watchdog = s_watchdog->Read();
            watched = s_watched->Read();
            if (Nsec(s_watchdog, s_watchdog->Read(), watchdog) <= MaxSkewNsec) return true;
        }
        Log.Print("clocksource: timekeeping watchdog on CPU%d: %s read-back delay is too large, skipped"u8, (ulong)Cpu.Id, (ulong)s_watchdog->Name);
        return false;
    }

    private static void Report(ulong csNow, ulong csLast, ulong csNsec, ulong wdNow, ulong wdLast, ulong wdNsec)
    {
        Log.Print("clocksource: timekeeping watchdog on CPU%d: Marking clocksource '%s' as unstable because the skew is too large:"u8,
            (ulong)Cpu.Id, (ulong)s_watched->Name);
        Log.Print("clocksource:                       '%s' wd_nsec: %lld wd_now: %llx wd_last: %llx mask: %llx"u8,
            (ulong)s_watchdog->Name, wdNsec, wdNow, wdLast, s_watchdog->Mask);
        Log.Print("clocksource:                       '%s' cs_nsec: %lld cs_now: %llx cs_last: %llx mask: %llx"u8,
            (ulong)s_watched->Name, csNsec, csNow, csLast, s_watched->Mask);
        if (Clocksources.IsCurrent(s_watched))
            Log.Print("clocksource:                       '%s' is current clocksource."u8, (ulong)s_watched->Name);
    }
}
