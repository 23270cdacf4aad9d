using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The machine's one timekeeper, with the lock that serialises its writers, and what has to happen around a change:
/// the vDSO's data, and timers that count in wall time.
/// </summary>
internal static unsafe class Clocks
{
    private static Timekeeper s_tk;
    private static SpinLock s_writer;

    /// <summary>Minutes west of Greenwich and DST rule that settimeofday stored.</summary>
    internal static int TzMinutesWest, TzDstTime;

    internal static Timekeeper* Tk => Text.Address(ref s_tk);

    /// <summary>Starts the clocks on the tick count.</summary>
    internal static void Initialise(Timespec wall)
    {
        Timekeeper* tk = Tk;
        Timekeeper.Initialise(tk, Clocksources.Jiffies, wall, Timespec.FromNsec((long)Tsc.SchedClock()));
        if ((TimeOptions.Uptime | TimeOptions.SleptBefore) != 0) Timekeeper.StartLater(tk, (long)TimeOptions.Uptime, (long)TimeOptions.SleptBefore);
        tk->OnUpdate = &TimePages.Update;
    }

    /// <summary>Accumulates elapsed ticks; called by the CPU that has the duty.</summary>
    internal static void Advance()
    {
        ulong flags = s_writer.AcquireIrqSave();
        int tai = Tk->Shadow.TaiOffset;
        Timekeeper.Advance(Tk);
        bool set = Tk->ClockWasSet;
        int leap = tai - Tk->Shadow.TaiOffset;
        Tk->ClockWasSet = false;
        bool warned = Tk->AdjustmentWarned && !s_warned;
        s_warned |= warned;
        s_writer.ReleaseIrqRestore(flags);
        if (set && TimeNamespaces.Semantics > OsSemantics.Linux34) Hrtimers.ClockWasSet();
        if (leap < 0) Log.Print("Clock: inserting leap second 23:59:60 UTC"u8);
        if (leap > 0) Log.Print("Clock: deleting leap second 23:59:59 UTC"u8);
        if (!warned) return;
        Clocksource* c = Tk->Shadow.Mono.Clock;
        Log.Print("Adjusting %s more than 11%% (%ld vs %ld)"u8, (ulong)c->Name, Tk->Shadow.Mono.Mult, c->Conversion.Mult + c->Conversion.MaxAdj);
    }

    private static bool s_warned;

    internal static void ChangeClocksource(Clocksource* clock)
    {
        ulong flags = s_writer.AcquireIrqSave();
        Timekeeper.ChangeClock(Tk, clock);
        s_writer.ReleaseIrqRestore(flags);
        Tick.ClocksourceChanged();
    }

    /// <summary>Sets the wall clock.</summary>
    /// <returns>0 or -EINVAL.</returns>
    internal static int SetRealtime(Timespec value)
    {
        ulong flags = s_writer.AcquireIrqSave();
        int result = Timekeeper.SetRealtime(Tk, value);
        s_writer.ReleaseIrqRestore(flags);
        if (result == 0) Hrtimers.ClockWasSet();
        return result;
    }

    private static PersistentClock s_persistent;

    /// <summary>Stops the clocks for a suspension; the persistent clock shows <paramref name="persistent"/>.</summary>
    internal static void Suspend(Timespec persistent)
    {
        ulong flags = s_writer.AcquireIrqSave();
        s_persistent.Suspend(Timekeeper.Realtime(Tk), persistent);
        Timekeeper.Suspend(Tk);
        s_writer.ReleaseIrqRestore(flags);
    }

    /// <summary>Starts them again. Timers are told by the caller.</summary>
    internal static void Resume(Timespec persistent)
    {
        ulong flags = s_writer.AcquireIrqSave();
        Timekeeper.Resume(Tk, s_persistent.Resume(persistent));
        s_writer.ReleaseIrqRestore(flags);
    }

    /// <summary>adjtimex.</summary>
    internal static int AdjTimex(Timex* txc, bool maySetTime)
    {
        bool set;
        ulong flags = s_writer.AcquireIrqSave();
        int result = Timekeeper.AdjTimex(Tk, txc, maySetTime, out set);
        s_writer.ReleaseIrqRestore(flags);
        if (set) Hrtimers.ClockWasSet();
        return result;
    }

    /// <summary>Stores the time zone of settimeofday; the first caller may also shift a wall clock that was kept in local time.</summary>
    internal static void SetTimezone(int minutesWest, int dstTime)
    {
        TzMinutesWest = minutesWest;
        TzDstTime = dstTime;
        TimePages.SetTimezone(minutesWest, dstTime);
    }

    /// <summary>
    /// Time of a clock as the initial namespace sees it, in nanoseconds. The result is one register wide, so that the system
    /// call's lean path needs no vector register for it.
    /// </summary>
    /// <returns>False for ids that the timekeeper does not keep.</returns>
    internal static bool Read(int clock, out long nsec)
    {
        switch (clock)
        {
            case ClockId.Realtime:
            case ClockId.RealtimeAlarm:
                nsec = Timekeeper.RealtimeNs(Tk);
                return true;
            case ClockId.Monotonic:
                nsec = Timekeeper.Monotonic(Tk);
                return true;
            case ClockId.MonotonicRaw:
                nsec = Timekeeper.MonotonicRaw(Tk);
                return true;
            case ClockId.RealtimeCoarse:
                nsec = Timekeeper.RealtimeCoarseNs(Tk);
                return true;
            case ClockId.MonotonicCoarse:
                nsec = Timekeeper.MonotonicCoarseNs(Tk);
                return true;
            case ClockId.Boottime:
            case ClockId.BoottimeAlarm:
                nsec = Timekeeper.Boottime(Tk);
                return true;
            case ClockId.Tai:
                nsec = Timekeeper.Tai(Tk);
                return true;
            default:
                nsec = 0;
                return false;
        }
    }

    /// <summary>Time in nanoseconds of the clock of an hrtimer base.</summary>
    internal static long ReadBase(byte basis)
    {
        switch (basis)
        {
            case HrtimerBase.Realtime:
                return Timekeeper.RealtimeNs(Tk);
            case HrtimerBase.Boottime:
                return Timekeeper.Boottime(Tk);
            case HrtimerBase.Tai:
                return Timekeeper.Tai(Tk);
            default:
                return Timekeeper.Monotonic(Tk);
        }
    }
}
