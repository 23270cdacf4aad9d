using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The tick: jiffies, the duty to keep time, and the scheduler's beat. Periodic at first; emulated by a high-resolution timer
/// once the clocksource is good for that, and then stopped on idle CPUs (timekeeping reference, section 6).
/// </summary>
internal static unsafe partial class Tick
{
    /// <summary>Five minutes before the low 32 bits wrap, so that code which cannot bear the wrap shows it early.</summary>
    private const ulong InitialJiffies = uint.MaxValue - 300UL * TimeUnits.Hz + 1;

    private const int Nobody = -1;

    /// <summary>Ticks since boot, plus the initial value.</summary>
    internal static ulong Jiffies = InitialJiffies;

    /// <summary>Vector of the IPI by which other CPUs are told to look at their timers again.</summary>
    internal static int ReprogramVector;

    /// <summary>CPU that updates jiffies and the timekeeper; Nobody while all CPUs idle.</summary>
    private static int s_dutyCpu;

    /// <summary>Monotonic time at which the present jiffy began.</summary>
    private static long s_lastUpdate;
    private static SpinLock s_lock;

    /// <summary>Ticks counted since boot.</summary>
    internal static ulong Elapsed => Jiffies - InitialJiffies;

    internal static int DutyCpu => s_dutyCpu;

    /// <summary>This CPU keeps time from now on: the one that did will not run.</summary>
    internal static void TakeDuty() => s_dutyCpu = Cpu.Id;

    /// <summary>Starts the periodic tick on the CPU that runs this.</summary>
    internal static void StartOnThisCpu()
    {
        CpuTime* c = CpuTime.Local;
        Hrtimers.Initialise(&c->TickTimer, HrtimerBase.Monotonic, &Expired, c);
        c->Timers.ExpiresNext = TimeUnits.KtimeMax;
        if (LapicTimer.TicksPerJiffy != 0) LapicTimer.StartPeriodic();
    }

    /// <summary>Interrupt of the local timer.</summary>
    internal static void Interrupt(int cpu, TrapFrame* frame)
    {
        CpuTime* c = CpuTime.Local;
        if (c->OneShot)
        {
            if (c->TickStopped) SchedClock.Tick();
            // Coming out of a long idle, the first thing is to bring the clocks up to date.
            if (c->TickStopped) Catchup(cpu);
            c->Frame = frame;
            Hrtimers.Interrupt();
            c->Frame = null;
            return;
        }
        if (s_dutyCpu == cpu)
        {
            Jiffies++;
            Clocks.Advance();
        }
        Beat(frame);
        Hrtimers.RunFromTick();
        if (MayBeOneShot) SwitchToOneShot(c);
    }

    private static bool MayBeOneShot => Clocksources.CurrentValidForHres && LapicTimer.TicksPerJiffy != 0 && !TimeOptions.NoHighRes;

    /// <summary>Goes to high resolution on this CPU as soon as the clocksource allows it, rather than at the next tick.</summary>
    internal static void TrySwitchNow()
    {
        ulong flags = Cpu.IrqSave();
        CpuTime* c = CpuTime.Local;
        if (!c->OneShot && MayBeOneShot) SwitchToOneShot(c);
        Cpu.IrqRestore(flags);
    }

    private static void SwitchToOneShot(CpuTime* c)
    {
        Clocksources.SetOneShot();
        Broadcast.SwitchToOneShot();
        ulong flags = s_lock.AcquireIrqSave();
        if (s_lastUpdate == 0)
        {
            long now = Timekeeper.Monotonic(Clocks.Tk);
            s_lastUpdate = now - now % TimeUnits.TickNsec;
        }
        s_lock.ReleaseIrqRestore(flags);
        LapicTimer.StartOneShot();
        c->OneShot = true;
        c->Timers.HresActive = true;
        Hrtimers.Resolution = 1;
        TimePages.SetResolution(1);
        StartTickTimer(c);
        Hrtimers.Reprogram();
    }

    private static void StartTickTimer(CpuTime* c)
    {
        long now = Timekeeper.Monotonic(Clocks.Tk);
        c->TickTimer.Expires = s_lastUpdate;
        Hrtimer.Forward(&c->TickTimer, now, TimeUnits.TickNsec);
        Hrtimers.Start(&c->TickTimer, c->TickTimer.Expires);
    }

    /// <summary>The emulated tick.</summary>
    internal static bool Expired(Hrtimer* timer)
    {
        CpuTime* c = (CpuTime*)timer->Context;
        int cpu = Cpu.Id;
        Catchup(cpu);
        if (c->Frame != null) Beat(c->Frame);
        if (c->TickStopped) return false;
        Hrtimer.Forward(timer, Timekeeper.Monotonic(Clocks.Tk), TimeUnits.TickNsec);
        return true;
    }

    /// <summary>What happens once per tick on each CPU.</summary>
    private static void Beat(TrapFrame* frame)
    {
        SchedClock.Tick();
        Scheduler.Tick(frame);
        ProcessTimers.CheckCpuTimers(Cpu.CurrentTask);
    }

    /// <summary>Brings jiffies and the timekeeper up to the present, if this CPU has the duty or nobody has.</summary>
    private static void Catchup(int cpu)
    {
        if (s_dutyCpu == Nobody) s_dutyCpu = cpu;
        if (s_dutyCpu != cpu) return;
        UpdateJiffies(Timekeeper.Monotonic(Clocks.Tk));
    }

    private static void UpdateJiffies(long now)
    {
        if (now - s_lastUpdate < TimeUnits.TickNsec) return;
        ulong flags = s_lock.AcquireIrqSave();
        long delta = now - s_lastUpdate;
        if (delta >= TimeUnits.TickNsec)
        {
            long ticks = delta / TimeUnits.TickNsec;
            s_lastUpdate += ticks * TimeUnits.TickNsec;
            Jiffies += (ulong)ticks;
        }
        s_lock.ReleaseIrqRestore(flags);
        Clocks.Advance();
    }

    /// <summary>A CPU heard that the wall clock was stepped.</summary>
    internal static void ReprogramInterrupt(TrapFrame* frame, void* context) => Hrtimers.Reprogram();

    /// <summary>The clocksource changed: what was programmed by the old one is programmed anew.</summary>
    internal static void ClocksourceChanged()
    {
        if (Cpu.Current->TimeData == null) return;
        ulong flags = Cpu.IrqSave();
        Hrtimers.Reprogram();
        Cpu.IrqRestore(flags);
    }
}
