using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// High-resolution timers: per-CPU queues, the local timer that serves them, and the clock steps that move them
/// (timekeeping reference, section 6).
/// </summary>
internal static unsafe class Hrtimers
{
    /// <summary>Resolution that clock_getres and the vDSO report: 1 ns, or a tick before high-resolution mode.</summary>
    internal static uint Resolution = (uint)TimeUnits.TickNsec;

    private const int MaxRetries = 3;
    private const long MaxHangNsec = 100 * TimeUnits.NsecPerMsec;

    /// <summary>The queues of the CPU that runs this; interrupts are off, or the caller does not care about migration.</summary>
    internal static HrtimerCpu* Local => &((CpuTime*)Cpu.Current->TimeData)->Timers;

    /// <summary>Prepares a timer; it is not started.</summary>
    internal static void Initialise(Hrtimer* timer, byte basis, delegate*<Hrtimer*, bool> function, void* context)
    {
        *timer = default;
        timer->Base = basis;
        timer->Function = function;
        timer->Context = context;
    }

    /// <summary>Starts a timer on this CPU for an absolute time of its base's clock; moves it if it is running.</summary>
    internal static void Start(Hrtimer* timer, long expires)
    {
        Cancel(timer);
        ulong flags = Cpu.IrqSave();
        HrtimerCpu* cpu = Local;
        cpu->Lock.Acquire();
        Hrtimer.SetExpires(timer, expires);
        HrtimerCpu.Enqueue(cpu, timer);
        ProgramIfSooner(cpu, timer);
        cpu->Lock.Release();
        Cpu.IrqRestore(flags);
    }

    /// <summary>
    /// Starts a timer on a CPU of choice. Another CPU is told to look at its timers when this one is its first. The timer's own
    /// function may do this and return false.
    /// </summary>
    internal static void StartOn(int cpu, Hrtimer* timer, long expires)
    {
        if (cpu == Cpu.Id)
        {
            Start(timer, expires);
            return;
        }
        Cancel(timer);
        HrtimerCpu* there = &CpuTime.Of(cpu)->Timers;
        ulong flags = there->Lock.AcquireIrqSave();
        Hrtimer.SetExpires(timer, expires);
        HrtimerCpu.Enqueue(there, timer);
        bool tell = there->HresActive && HrtimerCpu.MonotonicExpiry(there, timer) < there->ExpiresNext;
        there->Lock.ReleaseIrqRestore(flags);
        if (tell) LocalApic.SendIpi(Cpu.At(cpu)->ApicId, Tick.ReprogramVector);
    }

    /// <summary>Moves the timers of a CPU that has stopped to this one; its tick's timer goes.</summary>
    internal static void TakeFrom(int cpu)
    {
        CpuTime* there = CpuTime.Of(cpu);
        Cancel(&there->TickTimer);
        for (int basis = 0; basis < HrtimerBase.Count; basis++)
        {
            for (; ; )
            {
                ulong flags = there->Timers.Lock.AcquireIrqSave();
                Hrtimer* first = HrtimerCpu.Queue(&there->Timers, basis)->First;
                if (first != null) HrtimerCpu.Dequeue(&there->Timers, first);
                there->Timers.Lock.ReleaseIrqRestore(flags);
                if (first == null) break;
                Start(first, first->Expires);
            }
        }
        there->OneShot = there->TickStopped = false;
        there->Timers.HresActive = false;
        there->Timers.InInterrupt = false;
        there->Timers.Running = null;
    }

    private static void ProgramIfSooner(HrtimerCpu* cpu, Hrtimer* timer)
    {
        if (!cpu->HresActive) return;
        long expires = HrtimerCpu.MonotonicExpiry(cpu, timer);
        if (expires >= cpu->ExpiresNext || cpu->InInterrupt) return;
        cpu->ExpiresNext = expires;
        if (!LapicTimer.Program(expires)) LapicTimer.ProgramForced(expires);
    }

    /// <summary>Stops a timer and waits until its function does not run on another CPU.</summary>
    /// <returns>True when it was waiting to expire.</returns>
    internal static bool Cancel(Hrtimer* timer)
    {
        for (; ; )
        {
            HrtimerCpu* cpu = timer->Owner;
            if (cpu == null) return false;
            ulong flags = cpu->Lock.AcquireIrqSave();
            if (cpu != timer->Owner)
            {
                cpu->Lock.ReleaseIrqRestore(flags);
                continue;
            }
            if (timer->Queued)
            {
                HrtimerCpu.Dequeue(cpu, timer);
                cpu->Lock.ReleaseIrqRestore(flags);
                return true;
            }
            bool runsElsewhere = cpu->Running == timer && cpu != Local;
            cpu->Lock.ReleaseIrqRestore(flags);
            if (!runsElsewhere) return false;
            Machine.Pause();
        }
    }

    /// <summary>Time left of a queued timer in nanoseconds, at least 1; 0 when it is not queued.</summary>
    internal static long Remaining(Hrtimer* timer)
    {
        if (!timer->Queued) return 0;
        long left = timer->Expires - Clocks.ReadBase(timer->Base);
        return left > 0 ? left : 1;
    }

    /// <summary>Now in monotonic time; brings this CPU's offsets up to date with steps of the wall clock.</summary>
    /// <param name="cpu">The queues.</param>
    /// <param name="told">Somebody said that the clock was set: up to 3.4 the offsets change only then.</param>
    private static long UpdateNow(HrtimerCpu* cpu, bool told)
    {
        long real, boot, tai;
        uint set;
        long now = Timekeeper.MonotonicWithOffsets(Clocks.Tk, &real, &boot, &tai, &set);
        if (!told && TimeNamespaces.Semantics <= OsSemantics.Linux34) return now;
        cpu->Realtime.Offset = real;
        cpu->Boottime.Offset = boot;
        cpu->Tai.Offset = tai;
        cpu->ClockWasSetSeq = set;
        return now;
    }

    /// <summary>Runs what has expired; the device's interrupt in one-shot mode. Interrupts are off.</summary>
    internal static void Interrupt()
    {
        HrtimerCpu* cpu = Local;
        cpu->Events++;
        long entry = 0;
        for (int round = 0; ; round++)
        {
            cpu->Lock.Acquire();
            long now = UpdateNow(cpu, false);
            if (round == 0) entry = now;
            // Nobody programs the device while timers run: it would be in vain.
            cpu->ExpiresNext = TimeUnits.KtimeMax;
            cpu->InInterrupt = true;
            RunExpired(cpu, now);
            long next = HrtimerCpu.NextExpiry(cpu);
            cpu->ExpiresNext = next;
            cpu->InInterrupt = false;
            cpu->Lock.Release();
            if (LapicTimer.Program(next)) return;
            // The next one expired meanwhile. After some rounds let the rest of the machine run.
            cpu->Retries++;
            if (round + 1 < MaxRetries) continue;
            Defer(cpu, entry);
            return;
        }
    }

    private static void Defer(HrtimerCpu* cpu, long entry)
    {
        cpu->Lock.Acquire();
        long now = UpdateNow(cpu, false);
        long delta = now - entry;
        cpu->Hangs++;
        if (delta > cpu->MaxHangNsec) cpu->MaxHangNsec = delta;
        cpu->ExpiresNext = now + (delta > MaxHangNsec ? MaxHangNsec : delta);
        long next = cpu->ExpiresNext;
        cpu->Lock.Release();
        LapicTimer.ProgramForced(next);
        Log.Print("hrtimer: interrupt took %llu ns"u8, (ulong)delta);
    }

    /// <summary>The tick's part while high resolution is not on: timers expire at ticks.</summary>
    internal static void RunFromTick()
    {
        HrtimerCpu* cpu = Local;
        cpu->Lock.Acquire();
        RunExpired(cpu, UpdateNow(cpu, false));
        cpu->Lock.Release();
    }

    /// <summary>Called and returns with the lock held; it is released around each function.</summary>
    private static void RunExpired(HrtimerCpu* cpu, long now)
    {
        for (; ; )
        {
            Hrtimer* timer = HrtimerCpu.FirstExpired(cpu, now);
            if (timer == null) return;
            HrtimerCpu.Dequeue(cpu, timer);
            cpu->Running = timer;
            cpu->Lock.Release();
            bool again = timer->Function(timer);
            cpu->Lock.Acquire();
            // The function may have started it again itself.
            if (again && !timer->Queued) HrtimerCpu.Enqueue(cpu, timer);
            cpu->Running = null;
        }
    }

    /// <summary>Programs the device for the earliest timer again, after offsets or the mode have changed. Interrupts are off.</summary>
    internal static void Reprogram()
    {
        HrtimerCpu* cpu = Local;
        cpu->Lock.Acquire();
        UpdateNow(cpu, true);
        long next = HrtimerCpu.NextExpiry(cpu);
        cpu->ExpiresNext = next;
        bool active = cpu->HresActive;
        cpu->Lock.Release();
        if (active && !LapicTimer.Program(next)) LapicTimer.ProgramForced(next);
    }

    /// <summary>
    /// The wall clock was stepped: every CPU looks at its timers again, and waiters on cancellable timerfds are told.
    /// </summary>
    internal static void ClockWasSet()
    {
        ulong flags = Cpu.IrqSave();
        Reprogram();
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* other = Cpu.At(i);
            if (other != null && other->Online && other != Cpu.Current) LocalApic.SendIpi(other->ApicId, Tick.ReprogramVector);
        }
        Cpu.IrqRestore(flags);
        TimerFds.ClockWasSet();
    }
}
