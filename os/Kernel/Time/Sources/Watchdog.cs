namespace CoSim.Os.Timekeeping;

/// <summary>
/// Twice a second, on one CPU after the other, compares every clocksource that must be verified with one that need not be; a source
/// that is off by more than both margins allow is marked unstable and loses its rating (timekeeping reference, section 7; margins by
/// version in <see cref="WatchdogRules"/>).
/// </summary>
internal static unsafe class Watchdog
{
    private static Hrtimer s_timer;
    private static Clocksource* s_watchdog;
    private static bool s_running;

    /// <summary>Longest interval that was too long to compare over and has been reported.</summary>
    private static long s_longestNsec;

    /// <summary>Comparisons begin anew: the counters may have stood still or jumped, for a good reason.</summary>
    private static bool s_resetPending;

    internal static bool IsWatchdog(Clocksource* c) => c == s_watchdog;

    /// <summary>Forgets all last readings; after a time in which the machine slept.</summary>
    internal static void Resume() => s_resetPending = true;

    /// <summary>Takes the best watchdog there is, and starts watching when there is also something to watch.</summary>
    /// <param name="leaving">A source that shall not be it any more, or null; it stays when there is no other.</param>
    internal static void Choose(Clocksource* leaving)
    {
        ulong flags = Clocksources.Lock->AcquireIrqSave();
        Clocksource* best = Clocksources.BestWatchdog(leaving);
        if (best != null && best != s_watchdog)
        {
            s_watchdog = best;
            Forget();
        }
        bool start = !s_running && s_watchdog != null && AnythingToWatch();
        if (start) s_running = true;
        Clocksources.Lock->ReleaseIrqRestore(flags);
        if (!start) return;
        Hrtimer* timer = Text.Address(ref s_timer);
        Hrtimers.Initialise(timer, HrtimerBase.Monotonic, &Expired, null);
        Hrtimers.Start(timer, Time.MonotonicNs() + WatchdogRules.IntervalNsec);
    }

    private static bool Watched(Clocksource* c) => (c->Flags & (ClocksourceFlags.MustVerify | ClocksourceFlags.Unstable)) == ClocksourceFlags.MustVerify;

    private static bool AnythingToWatch()
    {
        for (Clocksource* c = Clocksources.First; c != null; c = c->Next)
        {
            if (Watched(c)) return true;
        }
        return false;
    }

    private static void Forget()
    {
        for (Clocksource* c = Clocksources.First; c != null; c = c->Next) c->Flags &= ~ClocksourceFlags.Watchdog;
    }

    internal static bool Expired(Hrtimer* timer)
    {
        long wait = WatchdogRules.IntervalNsec;
        Clocksources.Lock->Acquire();
        if (!AnythingToWatch())
        {
            s_running = false;
            Clocksources.Lock->Release();
            return false;
        }
        bool reset = s_resetPending;
        if (reset) Forget();
        for (Clocksource* c = Clocksources.First; c != null; c = c->Next)
        {
            if (!Watched(c) || Check(c)) continue;
            Forget();
            wait += WatchdogRules.RestNsec;
            break;
        }
        if (reset) s_resetPending = false;
        Clocksources.Lock->Release();
        timer->Expires += wait;
        Hrtimer.Forward(timer, Time.MonotonicNs(), WatchdogRules.IntervalNsec);
        Hrtimers.StartOn(NextCpu(), timer, timer->Expires);
        return false;
    }

    /// <summary>The next CPU in turn, so that CPUs whose TSC is wrong are found out as well.</summary>
    private static int NextCpu()
    {
        int cpu = Cpu.Id;
        for (int i = 1; i <= Cpu.Possible; i++)
        {
            int next = (cpu + i) % Cpu.Possible;
            if (Cpu.At(next)->Online) return next;
        }
        return cpu;
    }

    /// <summary>Returns false when the machine is too busy for comparisons.</summary>
    private static bool Check(Clocksource* watched)
    {
        WatchdogCheck check = default;
        check.Watched = watched;
        check.Watchdog = s_watchdog;
        int retries = WatchdogRules.Retries(Cpu.OnlineCount);
        WatchdogRead read = WatchdogCheck.Read(&check, retries);
        if (read == WatchdogRead.Skip)
        {
            WatchdogReport.Skipped(&check);
            return false;
        }
        if (read == WatchdogRead.Unstable)
        {
            WatchdogReport.Unreadable(&check);
            MarkBy(watched);
            return true;
        }
        if (check.Retried > 1 && check.Retried >= retries) WatchdogReport.Retried(&check);
        switch (WatchdogCheck.Compare(&check))
        {
            case WatchdogVerdict.LongInterval:
                ReportLong(&check);
                break;
            case WatchdogVerdict.Skewed:
                WatchdogReport.Skew(&check);
                MarkBy(watched);
                break;
            case WatchdogVerdict.Good:
                MarkGood(watched);
                if (watched == Clocksources.TscClock) SchedClock.NoteGood();
                break;
            default:
                break;
        }
        return true;
    }

    private static void ReportLong(WatchdogCheck* check)
    {
        long interval = check->WatchedNsec > check->WatchdogNsec ? check->WatchedNsec : check->WatchdogNsec;
        if (interval <= 2 * s_longestNsec) return;
        s_longestNsec = interval;
        WatchdogReport.LongInterval(check);
    }

    /// <summary>A continuous source that agrees with another may carry high-resolution timers.</summary>
    private static void MarkGood(Clocksource* c)
    {
        const ClocksourceFlags Both = ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres;
        if ((c->Flags & Both) != ClocksourceFlags.IsContinuous || (s_watchdog->Flags & ClocksourceFlags.IsContinuous) == 0) return;
        c->Flags |= ClocksourceFlags.ValidForHres;
        if (!Clocksources.FinishedBooting || c == Clocksources.Current) return;
        c->Flags |= ClocksourceFlags.Reselect;
        Wake();
    }

    /// <summary>The watchdog's judgement. Called with the list locked.</summary>
    private static void MarkBy(Clocksource* c)
    {
        SetUnstable(c);
        if (!Tsc.Unstable && (c == Clocksources.TscClock || c == Clocksources.TscEarly))
        {
            Tsc.Unstable = true;
            Log.Print("tsc: Marking TSC unstable due to clocksource watchdog"u8);
            // Once boot is over, the thread does this.
            if (!Clocksources.FinishedBooting) SchedClock.DistrustEarly();
        }
        if (Clocksources.FinishedBooting) Wake();
    }

    private static void SetUnstable(Clocksource* c)
    {
        c->Flags &= ~(ClocksourceFlags.ValidForHres | ClocksourceFlags.Watchdog);
        c->Flags |= ClocksourceFlags.Unstable;
    }

    /// <summary>Somebody else's judgement, of a registered source or of one that may be registered later.</summary>
    internal static void MarkUnstable(Clocksource* c)
    {
        ulong flags = Clocksources.Lock->AcquireIrqSave();
        SetUnstable(c);
        c->Rating = 0;
        Clocksources.Lock->ReleaseIrqRestore(flags);
        if (Clocksources.FinishedBooting && c->Name != null && Clocksources.Find(c->Name) == c) Wake();
    }

    // Changing clocks, and asking other CPUs, cannot be done in an interrupt. This happens once in the life of a machine, if at all.
    private static void Wake() => ProcessFork.KernelThread(&Thread, null, "kwatchdog"u8);

    private static void Thread(void* argument)
    {
        if (Tsc.Unstable) SchedClock.Distrust();
        Clocksource* current = Clocksources.Current;
        const ClocksourceFlags Suspicious = ClocksourceFlags.Unstable | ClocksourceFlags.VerifyPerCpu;
        if (WatchdogRules.ReadsTwice && current != null && (current->Flags & Suspicious) == Suspicious) PerCpuCheck.Run(current);
        if (Demote()) Clocksources.Select(false);
    }

    /// <summary>Gives unstable sources rating 0. True when a selection is due.</summary>
    internal static bool Demote()
    {
        bool select = false;
        ulong flags = Clocksources.Lock->AcquireIrqSave();
        for (Clocksource* c = Clocksources.First; c != null;)
        {
            Clocksource* next = c->Next;
            if ((c->Flags & (ClocksourceFlags.Unstable | ClocksourceFlags.Demoted)) == ClocksourceFlags.Unstable)
            {
                c->Flags |= ClocksourceFlags.Demoted;
                Clocksources.RateZero(c);
                select = true;
            }
            select |= (c->Flags & ClocksourceFlags.Reselect) != 0;
            c->Flags &= ~ClocksourceFlags.Reselect;
            c = next;
        }
        Clocksources.Lock->ReleaseIrqRestore(flags);
        return select;
    }
}
