namespace CoSim.Os.Timekeeping;

/// <summary>What the watchdog tells, in the words of the version whose rules apply.</summary>
internal static unsafe class WatchdogReport
{
    private static bool Newer => TimeNamespaces.Semantics >= OsSemantics.Linux612;

    internal static void Retried(WatchdogCheck* c) =>
        Log.Print("clocksource: timekeeping watchdog on CPU%d: %s retried %d times before success"u8, (ulong)Cpu.Id, (ulong)c->Watchdog->Name, (ulong)c->Retried);

    internal static void Skipped(WatchdogCheck* c)
    {
        Log.Print("clocksource: timekeeping watchdog on CPU%d: %s wd-wd read-back delay of %lldns"u8,
            (ulong)Cpu.Id, (ulong)c->Watchdog->Name, (ulong)c->BackToBackNsec);
        Log.Print("clocksource: wd-%s-wd read-back delay of %lldns, clock-skew test skipped!"u8, (ulong)c->Watched->Name, (ulong)c->DelayNsec);
    }

    internal static void Unreadable(WatchdogCheck* c)
    {
        if (Newer)
        {
            Log.Print("clocksource: timekeeping watchdog on CPU%d: wd-%s-wd excessive read-back delay of %lldns vs. limit of %ldns, wd-wd read-back delay only %lldns, attempt %d, marking %s unstable"u8,
                (ulong)Cpu.Id, (ulong)c->Watched->Name, (ulong)c->DelayNsec, WatchdogRules.MaxSkewNsec, (ulong)c->BackToBackNsec, (ulong)c->Retried, (ulong)c->Watched->Name);
            return;
        }
        Log.Print("clocksource: timekeeping watchdog on CPU%d: %s read-back delay of %lldns, attempt %d, marking unstable"u8,
            (ulong)Cpu.Id, (ulong)c->Watchdog->Name, (ulong)c->DelayNsec, (ulong)c->Retried);
    }

    internal static void LongInterval(WatchdogCheck* c) =>
        Log.Print("clocksource: Long readout interval, skipping watchdog check: cs_nsec: %lld wd_nsec: %lld"u8, (ulong)c->WatchedNsec, (ulong)c->WatchdogNsec);

    internal static void Skew(WatchdogCheck* c)
    {
        Log.Print("clocksource: timekeeping watchdog on CPU%d: Marking clocksource '%s' as unstable because the skew is too large:"u8,
            (ulong)Cpu.Id, (ulong)c->Watched->Name);
        Side("wd"u8, c->Watchdog, c->WatchdogNsec, c->WatchdogNow, c->WatchdogLast);
        Side("cs"u8, c->Watched, c->WatchedNsec, c->WatchedNow, c->WatchedLast);
        if (!WatchdogRules.ReadsTwice) return;
        long off = c->WatchedNsec - c->WatchdogNsec;
        if (Newer)
            Log.Print("clocksource:                       Clocksource '%s' skewed %lld ns (%lld ms) over watchdog '%s' interval of %lld ns (%lld ms)"u8,
                (ulong)c->Watched->Name, (ulong)off, (ulong)(off / TimeUnits.NsecPerMsec), (ulong)c->Watchdog->Name,
                (ulong)c->WatchdogNsec, (ulong)(c->WatchdogNsec / TimeUnits.NsecPerMsec));
        Clocksource* current = Clocksources.Current;
        if (current == null) Log.Print("clocksource:                       No current clocksource."u8);
        else if (current == c->Watched) Log.Print("clocksource:                       '%s' is current clocksource."u8, (ulong)current->Name);
        else Log.Print("clocksource:                       '%s' (not '%s') is current clocksource."u8, (ulong)current->Name, (ulong)c->Watched->Name);
    }

    private static void Side(System.ReadOnlySpan<byte> who, Clocksource* c, long nsec, ulong now, ulong last)
    {
        ulong w = (ulong)Text.Literal(who);
        if (WatchdogRules.ReadsTwice)
            Log.Print("clocksource:                       '%s' %s_nsec: %lld %s_now: %llx %s_last: %llx mask: %llx"u8, (ulong)c->Name, w, (ulong)nsec, w, now, w, last, c->Mask);
        else Log.Print("clocksource:                       '%s' %s_now: %llx %s_last: %llx mask: %llx"u8, (ulong)c->Name, w, now, w, last, c->Mask);
    }
}
