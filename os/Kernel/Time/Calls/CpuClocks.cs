namespace CoSim.Os.Timekeeping;

/// <summary>
/// CPU-time clocks: the two fixed ids, and those that clock_getcpuclockid and pthread_getcpuclockid make, which hold the
/// complement of a pid above three bits: 4 for a thread, and the kind (0 profiling, 1 user, 2 run time, 3 not a CPU clock).
/// </summary>
internal static unsafe class CpuClocks
{
    private const int ThreadBit = 4, KindMask = 3, KindProfile = 0, KindUser = 1, KindRuntime = 2, KindDevice = 3;

    /// <summary>True for the ids handled here; device clocks (kind 3) are not among them.</summary>
    internal static bool Is(int clock) => clock is ClockId.ProcessCpuTime or ClockId.ThreadCpuTime || (clock < 0 && (clock & KindMask) != KindDevice);

    /// <summary>
    /// True for ids that Linux hands to the CPU-time clocks even when they name nothing, and for those of devices, which have all
    /// operations: only then does it look at arguments.
    /// </summary>
    internal static bool HasOperations(int clock) => clock < 0;

    /// <summary>The id holds a descriptor of a clock device; there is none here.</summary>
    internal static bool IsDevice(int clock) => clock < 0 && (clock & (ThreadBit | KindMask)) == KindDevice;

    /// <summary>Nanoseconds that a clock of a negative id counts by: run time is exact, the others count ticks (posix_cpu_clock_getres).</summary>
    internal static long Resolution(int clock) => (clock & KindMask) == KindRuntime ? 1 : TimeUnits.TickNsec;

    /// <summary>The id of a thread's run time.</summary>
    internal static int OfThread(int tid) => ~tid << 3 | ThreadBit | KindRuntime;

    /// <summary>The id names the calling thread: what it can never wait for.</summary>
    internal static bool IsCaller(int clock)
    {
        int pid = ~(clock >> 3);
        return clock < 0 && (clock & ThreadBit) != 0 && (pid == 0 || pid == Cpu.CurrentTask->Pid);
    }

    /// <summary>CPU time in nanoseconds.</summary>
    /// <returns>0, or -EINVAL when there is no such process, or the thread is not one of the caller's.</returns>
    internal static int Read(int clock, out ulong nsec)
    {
        Task* self = Cpu.CurrentTask;
        nsec = 0;
        if (clock == ClockId.ProcessCpuTime)
        {
            nsec = Scheduler.GroupRuntimeNs(self->Group);
            return 0;
        }
        if (clock == ClockId.ThreadCpuTime)
        {
            nsec = Scheduler.RuntimeNs(self);
            return 0;
        }
        int pid = ~(clock >> 3);
        bool thread = (clock & ThreadBit) != 0;
        if (pid == 0)
        {
            nsec = Sample(self, thread, clock & KindMask);
            return 0;
        }
        Task* task = TaskList.Find(pid);
        if (task == null) return -Errno.EINVAL;
        bool allowed = thread ? task->Group == self->Group : task->Group->Leader == task;
        if (allowed) nsec = Sample(task, thread, clock & KindMask);
        TaskList.Put(task);
        return allowed ? 0 : -Errno.EINVAL;
    }

    private static ulong Sample(Task* task, bool thread, int kind)
    {
        if (kind == KindRuntime) return thread ? Scheduler.RuntimeNs(task) : Scheduler.GroupRuntimeNs(task->Group);
        ulong user = thread ? task->UserNs : GroupTimes(task->Group, true);
        return kind == KindUser ? user : user + (thread ? task->SystemNs : GroupTimes(task->Group, false));
    }

    /// <summary>User or system time of a process, ended threads included, as the ticks found it.</summary>
    internal static ulong GroupTimes(ThreadGroup* group, bool user)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        ulong nsec = user ? group->EndedUserNs : group->EndedSystemNs;
        Task* task = group->Leader;
        do
        {
            if (task->State != TaskState.Dead) nsec += user ? task->UserNs : task->SystemNs;
            task = task->NextInGroup;
        } while (task != group->Leader && task != null);
        TaskList.Lock.ReleaseIrqRestore(flags);
        return nsec;
    }
}
