using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// A fair scheduler: a run queue per CPU ordered by virtual run time, wakeups placed on idle CPUs, idle CPUs take waiting work.
/// One lock covers all queues (the machine has at most 64 CPUs and critical sections are short) and is held across the switch
/// of stacks, so that nobody can run a task whose registers are still being saved.
/// </summary>
public static unsafe partial class Scheduler
{
    private const ulong Slice = 4_000_000;              // ns, the tick at HZ=250
    private const ulong WakeupCredit = 2_000_000;       // ns of virtual time a sleeper may be ahead of the queue
    private const ulong WakeupGranularity = 1_000_000;  // ns

    private static SpinLock s_lock;

    /// <summary>Forks since boot, for /proc/stat.</summary>
    public static ulong Forks;

    /// <summary>Weight of a nice level, 1024 at 0, a factor of 1.25 per level (sched(7)).</summary>
    private static uint Weight(int nice)
    {
        uint w = 1024;
        for (; nice > 0; nice--) w = w * 4 / 5;
        for (; nice < 0; nice++) w = w * 5 / 4;
        return w == 0 ? 1 : w;
    }

    /// <summary>
    /// Gives the CPU away. Returns when the task runs again: at once if its state is Running and nobody else waits, else after
    /// <see cref="Wake"/>. The caller set the state and then tested its condition, in this order.
    /// </summary>
    public static void Schedule()
    {
        ulong flags = s_lock.AcquireIrqSave();
        PerCpu* cpu = Cpu.Current;
        Task* previous = cpu->Current;
        Account(cpu, previous);
        bool runnable = previous->State == TaskState.Running;
        if (runnable && previous != cpu->RunQueue.Idle)
        {
            int home = (previous->Sched.AllowedCpus >> (int)cpu->Id & 1) != 0 ? (int)cpu->Id : FirstAllowed(previous);
            Enqueue(previous, home);
        }
        Task* next = cpu->RunQueue.TakeFirst((int)cpu->Id);
        if (next == null) next = Steal((int)cpu->Id);
        if (next == null) next = cpu->RunQueue.Idle;
        cpu->NeedResched = 0;
        next->Sched.StintStart = next->Sched.AccountedAt = Time.AccountingClock();
        if (next != previous)
        {
            if (runnable) previous->Sched.InvoluntarySwitches++;
            else previous->Sched.VoluntarySwitches++;
            cpu->Switches++;
            Switch(cpu, previous, next);
        }
        FinishSwitch();
        Cpu.IrqRestore(flags);
    }

    /// <summary>Lets others run if any wait.</summary>
    public static void Yield()
    {
        Task* t = Cpu.CurrentTask;
        t->Sched.VRuntime = Bits.Max(t->Sched.VRuntime, Cpu.Current->RunQueue.MinVRuntime + Slice);
        Schedule();
    }

    private static void Switch(PerCpu* cpu, Task* previous, Task* next)
    {
        next->Sched.Cpu = (int)cpu->Id;
        next->Sched.OnCpu = true;
        cpu->Previous = previous;
        cpu->Current = next;
        cpu->KernelStackTop = next->KernelStackTop;
        cpu->Tss->Rsp0 = next->KernelStackTop;
        AddressSpace.Switch(cpu, next->Mm);
        if ((previous->Flags & TaskFlags.KernelThread) == 0 && previous->State != TaskState.Dead) Machine.Fxsave(&previous->Vectors);
        if ((next->Flags & TaskFlags.KernelThread) == 0)
        {
            LoadUserBases(cpu, next);
            Rseq.Mark(next);
            Machine.Fxrstor(&next->Vectors);
        }
        Machine.ContextSwitch(&previous->KernelRsp, next->KernelRsp);
    }

    /// <summary>The FS and GS bases of user mode are switched only when they differ: WRMSR is dear.</summary>
    private static void LoadUserBases(PerCpu* cpu, Task* next)
    {
        if (cpu->FsBase != next->FsBase) Machine.Wrmsr(0xC000_0100, cpu->FsBase = next->FsBase);
        if (cpu->GsBase != next->GsBase) Machine.Wrmsr(0xC000_0102, cpu->GsBase = next->GsBase);
    }

    /// <summary>The second half of a switch, on the stack of the task switched to. A new task's entry runs it first.</summary>
    public static void FinishSwitch()
    {
        PerCpu* cpu = Cpu.Current;
        Task* previous = cpu->Previous;
        cpu->Previous = null;
        if (previous != null) previous->Sched.OnCpu = false;
        s_lock.Release();
        // The reference of the stack that it ran on until now.
        if (previous != null && (previous->State & (TaskState.Dead | TaskState.Zombie)) != 0) TaskList.Put(previous);
    }

    /// <summary>Makes a sleeping task runnable. Any context. Returns whether it slept.</summary>
    public static bool Wake(Task* t) => WakeFrom(t, TaskState.Interruptible | TaskState.Uninterruptible);

    /// <summary>Makes a task runnable if its state is one of <paramref name="states"/>.</summary>
    public static bool WakeFrom(Task* t, TaskState states)
    {
        ulong flags = s_lock.AcquireIrqSave();
        bool slept = (t->State & states) != 0;
        if (slept)
        {
            t->State = TaskState.Running;
            // One that has not yet left its CPU sees the state in Schedule.
            if (!t->Sched.OnCpu && !t->Sched.Queued) Enqueue(t, ChooseCpu(t));
        }
        s_lock.ReleaseIrqRestore(flags);
        return slept;
    }

    /// <summary>Puts a new task on a queue for the first time.</summary>
    public static void Start(Task* t)
    {
        ulong flags = s_lock.AcquireIrqSave();
        Forks++;
        t->State = TaskState.Running;
        Enqueue(t, ChooseCpu(t));
        s_lock.ReleaseIrqRestore(flags);
    }

    private static void Enqueue(Task* t, int target)
    {
        PerCpu* cpu = Cpu.At(target);
        ulong floor = cpu->RunQueue.MinVRuntime > WakeupCredit ? cpu->RunQueue.MinVRuntime - WakeupCredit : 0;
        if (t->Sched.VRuntime < floor || t->Sched.Cpu != target) t->Sched.VRuntime = Bits.Max(floor, t->Sched.Cpu == target ? t->Sched.VRuntime : floor);
        t->Sched.Cpu = target;
        cpu->RunQueue.Insert(t);
        Task* running = cpu->Current;
        if (running == t) return;
        if (running == cpu->RunQueue.Idle || t->Sched.VRuntime + WakeupGranularity < running->Sched.VRuntime) NeedResched(cpu);
    }

    /// <summary>Asks a CPU to schedule soon; interrupts it if it is another.</summary>
    public static void NeedResched(PerCpu* cpu)
    {
        if (cpu->NeedResched != 0) return;
        cpu->NeedResched = 1;
        if (cpu != Cpu.Current && cpu->Online) LocalApic.SendIpi(cpu->ApicId, Vectors.Reschedule);
    }

    private static bool IsIdle(PerCpu* cpu) => cpu->Online && cpu->Current == cpu->RunQueue.Idle && cpu->RunQueue.Count == 0;

    private static int FirstAllowed(Task* t)
    {
        for (int i = 0; i < Cpu.Possible; i++) if ((t->Sched.AllowedCpus >> i & 1) != 0 && Cpu.At(i)->Online) return i;
        return 0;
    }

    private static int ChooseCpu(Task* t)
    {
        ulong allowed = t->Sched.AllowedCpus;
        int last = t->Sched.Cpu;
        if ((allowed >> last & 1) != 0 && IsIdle(Cpu.At(last))) return last;
        int best = -1, load = int.MaxValue;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* cpu = Cpu.At(i);
            if ((allowed >> i & 1) == 0 || !cpu->Online) continue;
            int l = cpu->RunQueue.Count + (cpu->Current == cpu->RunQueue.Idle ? 0 : 1);
            if (l < load || l == load && i == last) { best = i; load = l; }
        }
        return best < 0 ? 0 : best;
    }

    /// <summary>Takes waiting work from the CPU that has most of it.</summary>
    private static Task* Steal(int self)
    {
        PerCpu* busiest = null;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* cpu = Cpu.At(i);
            if (i != self && cpu->RunQueue.Count > 0 && (busiest == null || cpu->RunQueue.Count > busiest->RunQueue.Count)) busiest = cpu;
        }
        if (busiest == null) return null;
        Task* t = busiest->RunQueue.TakeFirst(self);
        if (t != null) t->Sched.VRuntime = Cpu.At(self)->RunQueue.MinVRuntime;
        return t;
    }

    private static void Account(PerCpu* cpu, Task* t)
    {
        ulong now = Time.AccountingClock();
        ulong ran = now > t->Sched.AccountedAt ? now - t->Sched.AccountedAt : 0;
        t->Sched.AccountedAt = now;
        if (t == cpu->RunQueue.Idle) return;
        t->Sched.RuntimeNs += ran;
        int nice = Bits.Min(t->Sched.Nice, t->Sched.LentNice);
        t->Sched.VRuntime += nice == 0 ? ran : ran * 1024 / Weight(nice);
        ulong first = cpu->RunQueue.First == null ? t->Sched.VRuntime : Bits.Min(t->Sched.VRuntime, cpu->RunQueue.First->Sched.VRuntime);
        cpu->RunQueue.MinVRuntime = Bits.Max(cpu->RunQueue.MinVRuntime, first);
    }
}
