namespace CoSim.Os.Timekeeping;

/// <summary>Idle without ticks.</summary>
internal static unsafe partial class Tick
{
    /// <summary>
    /// Before HLT, interrupts off. Stops the tick when no timer is due within the next one; the CPU that keeps time gives the
    /// duty away, and sleeps no longer than its clocksource can count.
    /// </summary>
    internal static void IdleEnter(int cpu)
    {
        CpuTime* c = CpuTime.Local;
        if (!c->OneShot || TimeOptions.NoNohz) return;
        c->IdleEntries++;
        if (c->TickStopped)
        {
            if (!c->TickTimer.Queued) ArmDeferment(c, Timekeeper.Monotonic(Clocks.Tk));
            return;
        }
        long now = Timekeeper.Monotonic(Clocks.Tk);
        c->Sched.IdleEntry = now;
        c->Sched.LastTick = c->TickTimer.Expires;
        Hrtimers.Cancel(&c->TickTimer);
        long next = NextTimer(c);
        if (next - now <= TimeUnits.TickNsec)
        {
            // Not worth it. The tick goes on where it was.
            StartTickTimer(c);
            return;
        }
        c->TickStopped = true;
        c->StoppedAt = now;
        c->IdleStops++;
        if (s_dutyCpu == cpu) s_dutyCpu = Nobody;
        c->Sched.IdleJiffies = Jiffies;
        c->Sched.NextTimer = next;
        ArmDeferment(c, now);
        c->Sched.IdleExpires = next < c->TickTimer.Expires ? next : c->TickTimer.Expires;
        Hrtimers.Reprogram();
    }

    private static long NextTimer(CpuTime* c)
    {
        c->Timers.Lock.Acquire();
        long next = HrtimerCpu.NextExpiry(&c->Timers);
        c->Timers.Lock.Release();
        return next;
    }

    /// <summary>A stopped tick still ends the longest sleep after which the clocksource would be ambiguous.</summary>
    private static void ArmDeferment(CpuTime* c, long now)
    {
        long longest = Clocks.Tk->Shadow.Mono.Clock->Conversion.MaxIdleNsec;
        Hrtimers.Start(&c->TickTimer, Ktime.AddSafe(now, longest));
    }

    /// <summary>
    /// After HLT, interrupts off. The clocks are brought up to date; the tick starts again only when there is work, so that an
    /// interrupt that wakes nobody leaves the CPU asleep.
    /// </summary>
    internal static void IdleExit(int cpu)
    {
        CpuTime* c = CpuTime.Local;
        if (!c->TickStopped) return;
        Catchup(cpu);
        SchedClock.Tick();
        if (Cpu.Current->NeedResched == 0)
        {
            if (s_dutyCpu == cpu) s_dutyCpu = Nobody;
            return;
        }
        c->Sched.IdleWake = c->Sched.IdleExit = Timekeeper.Monotonic(Clocks.Tk);
        long slept = c->Sched.IdleExit - c->StoppedAt;
        Cpu.Current->IdleNs += (ulong)(slept - slept % TimeUnits.TickNsec);
        c->TickStopped = false;
        Hrtimers.Cancel(&c->TickTimer);
        StartTickTimer(c);
    }
}
