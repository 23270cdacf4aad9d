namespace CoSim.Os.Timekeeping;

/// <summary>Timers on CLOCK_REALTIME_ALARM and CLOCK_BOOTTIME_ALARM, which wake a suspended machine (timer_create(2)).</summary>
internal static unsafe class AlarmTimers
{
    private static long s_frozenLeft = TimeUnits.KtimeMax;

    /// <summary>Whether timers of a clock wake the machine.</summary>
    internal static bool Wakes(int clock) => clock is ClockId.RealtimeAlarm or ClockId.BoottimeAlarm;

    /// <summary>The freezer interrupts a sleep on such a clock: its timer is gone, but the machine must wake for it.</summary>
    internal static void NoteFrozen(int clock, long deadline)
    {
        if (!Wakes(clock)) return;
        long left = deadline - Clocks.ReadBase(HrtimerBase.OfClock(clock));
        if (left < s_frozenLeft) s_frozenLeft = left;
    }

    /// <summary>Forgets the sleeps noted; before the tasks are frozen.</summary>
    internal static void ForgetFrozen() => s_frozenLeft = TimeUnits.KtimeMax;

    /// <summary>Nanoseconds until the first of all of them; KTIME_MAX when there is none.</summary>
    internal static long NearestLeft()
    {
        long nearest = s_frozenLeft;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            CpuTime* c = CpuTime.Of(i);
            if (c == null) continue;
            ulong flags = c->Timers.Lock.AcquireIrqSave();
            for (int basis = 0; basis < HrtimerBase.Count; basis++)
            {
                long expires = HrtimerQueue.FirstWaking(HrtimerCpu.Queue(&c->Timers, basis));
                if (expires == TimeUnits.KtimeMax) continue;
                long left = expires - Clocks.ReadBase((byte)basis);
                if (left < nearest) nearest = left;
            }
            c->Timers.Lock.ReleaseIrqRestore(flags);
        }
        return nearest;
    }
}
