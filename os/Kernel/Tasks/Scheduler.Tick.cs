using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The scheduler's periodic work, CPU time accounting, and the idle loop.</summary>
public static unsafe partial class Scheduler
{
    /// <summary>Length of a tick in nanoseconds (HZ = 250).</summary>
    public const ulong TickNs = 4_000_000;

    /// <summary>Exponentially damped run queue lengths over 1, 5 and 15 minutes, fixed point with 11 fraction bits (/proc/loadavg).</summary>
    public static ulong Load1, Load5, Load15;
    private static uint s_loadTicks;

    /// <summary>Once per tick on each CPU that is not idle-stopped, from the timer interrupt.</summary>
    public static void Tick(TrapFrame* frame)
    {
        PerCpu* cpu = Cpu.Current;
        Task* t = cpu->Current;
        AccountTick(cpu, t, frame->FromUser, TickNs);
        if (cpu->Id == 0) UpdateLoad();
        if (t == cpu->RunQueue.Idle) return;
        s_lock.Acquire();
        Account(cpu, t);
        bool expired = Time.AccountingClock() - t->Sched.StintStart >= Slice;
        if (expired && cpu->RunQueue.First != null && cpu->RunQueue.First->Sched.VRuntime < t->Sched.VRuntime + Slice) cpu->NeedResched = 1;
        s_lock.Release();
    }

    /// <summary>Charges time to user, system or idle, by where the tick hit (Linux's tick accounting).</summary>
    public static void AccountTick(PerCpu* cpu, Task* t, bool user, ulong ns)
    {
        if (user) { t->UserNs += ns; cpu->UserNs += ns; }
        else if (t == cpu->RunQueue.Idle && cpu->InterruptDepth <= 1) cpu->IdleNs += ns;
        else { t->SystemNs += ns; cpu->SystemNs += ns; }
    }

    /// <summary>CPU time that a task has used, up to now, in nanoseconds.</summary>
    public static ulong RuntimeNs(Task* t)
    {
        ulong flags = s_lock.AcquireIrqSave();
        ulong ns = t->Sched.RuntimeNs;
        if (t->Sched.OnCpu)
        {
            ulong now = Time.AccountingClock();
            if (now > t->Sched.AccountedAt) ns += now - t->Sched.AccountedAt;
        }
        s_lock.ReleaseIrqRestore(flags);
        return ns;
    }

    /// <summary>CPU time that all threads of a process have used, ended ones included, in nanoseconds.</summary>
    public static ulong GroupRuntimeNs(ThreadGroup* group)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        ulong ns = group->EndedRuntimeNs;
        Task* t = group->Leader;
        do
        {
            if (t->State != TaskState.Dead) ns += RuntimeNs(t);
            t = t->NextInGroup;
        } while (t != group->Leader && t != null);
        TaskList.Lock.ReleaseIrqRestore(flags);
        return ns;
    }

    /// <summary>Sets niceness, affinity or policy fields of a task under the scheduler's lock; moves it if it may no longer stay.</summary>
    public static void SetAffinity(Task* t, ulong cpus)
    {
        ulong flags = s_lock.AcquireIrqSave();
        t->Sched.AllowedCpus = cpus;
        if ((cpus >> t->Sched.Cpu & 1) == 0)
        {
            if (t->Sched.Queued)
            {
                Cpu.At(t->Sched.Cpu)->RunQueue.Remove(t);
                Enqueue(t, ChooseCpu(t));
            }
            else if (t->Sched.OnCpu) NeedResched(Cpu.At(t->Sched.Cpu));
        }
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Number of tasks running or waiting to run.</summary>
    public static int RunnableCount()
    {
        int n = 0;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* cpu = Cpu.At(i);
            if (cpu->Online) n += cpu->RunQueue.Count + (cpu->Current == cpu->RunQueue.Idle ? 0 : 1);
        }
        return n;
    }

    private static void UpdateLoad()
    {
        if (++s_loadTicks < 5 * 250) return;
        s_loadTicks = 0;
        ulong active = (ulong)RunnableCount() << 11;
        Load1 = (Load1 * 1884 + active * (2048 - 1884)) >> 11;
        Load5 = (Load5 * 2014 + active * (2048 - 2014)) >> 11;
        Load15 = (Load15 * 2037 + active * (2048 - 2037)) >> 11;
    }

    private enum IdleMethod { Halt, Wait, Spin, Port }

    private const uint CStateBaseAddress = 0xC001_0073;

    private static IdleMethod s_idle;
    private static ushort s_c2Port;

    /// <summary>
    /// Kernel parameter idle=: "mwait" and "poll" instead of HLT, and "c2", not Linux's, for C2 where that is worth its while: reading the
    /// second port from where the processor has them (PPR 55803, MSR C001_0073h), which is what the firmware's _CST says.
    /// </summary>
    public static void ReadIdleParameter()
    {
        if (!CommandLine.Find("idle"u8, out byte* value, out int length)) return;
        ushort ports = (ushort)Machine.Rdmsr(CStateBaseAddress);
        if (Text.Equal(value, length, "c2"u8) && ports != 0)
        {
            s_c2Port = (ushort)(ports + 1);
            s_idle = IdleMethod.Port;
        }
        else if (Text.Equal(value, length, "poll"u8)) s_idle = IdleMethod.Spin;
        else if (Text.Equal(value, length, "mwait"u8) && CpuFeatures.Monitor) s_idle = IdleMethod.Wait;
    }

    /// <summary>Waits for an interrupt; interrupts are off on entry.</summary>
    private static void Rest(PerCpu* cpu)
    {
        // STI takes effect after the next instruction, so no wakeup can slip in before HLT or MWAIT.
        if (s_idle == IdleMethod.Halt) Machine.StiHlt();
        else if (s_idle == IdleMethod.Wait)
        {
            Machine.Monitor(&cpu->NeedResched);
            if (Atomic.Load32(&cpu->NeedResched) == 0) Machine.StiMwait(0, 0); // hint 0: C1
        }
        else if (s_idle == IdleMethod.Port) RestInC2(cpu);
        else
        {
            Machine.Sti();
            while (Atomic.Load32(&cpu->NeedResched) == 0) Machine.Pause();
        }
    }

    private static void RestInC2(PerCpu* cpu)
    {
        if (!Time.EnterC2())
        {
            Machine.StiHlt();
            return;
        }
        // An interrupt ends the wait although it is not let in yet: the timer goes on before its handler runs.
        if (Atomic.Load32(&cpu->NeedResched) == 0) Machine.In8(s_c2Port);
        Time.ExitC2();
        Machine.Sti();
    }

    /// <summary>What a CPU does when nothing is runnable. Never returns.</summary>
    public static void IdleLoop()
    {
        PerCpu* cpu = Cpu.Current;
        for (; ; )
        {
            Machine.Cli();
            if (Atomic.Load32(&cpu->NeedResched) == 0)
            {
                Time.IdleEnter((int)cpu->Id);
                Rest(cpu);
                Machine.Cli();
            }
            // Decided with interrupts off: a task must not begin to run while the tick still stands.
            Time.IdleExit((int)cpu->Id);
            bool work = Atomic.Load32(&cpu->NeedResched) != 0;
            Machine.Sti();
            if (work) Schedule();
        }
    }
}
