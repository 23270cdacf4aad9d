namespace CoSim.Os.Timekeeping;

/// <summary>The timers of a process (ThreadGroup.TimeData), made when the first one is.</summary>
internal unsafe struct ProcessTimers
{
    internal SpinLock Lock;
    internal PosixTimer* First;
    internal int NextId;
    internal RealItimer Real;
    internal CpuItimer Virtual, Profile;

    /// <summary>The process's timers; null only when memory is out.</summary>
    internal static ProcessTimers* Of(ThreadGroup* group)
    {
        if (group->TimeData != null) return (ProcessTimers*)group->TimeData;
        ProcessTimers* timers = Heap.New<ProcessTimers>();
        if (timers == null) return null;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        if (group->TimeData == null)
        {
            ItimerCalls.Initialise(timers, group);
            group->TimeData = timers;
            timers = null;
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        Heap.Free(timers);
        return (ProcessTimers*)group->TimeData;
    }

    /// <summary>exec: POSIX timers are deleted, interval timers go on.</summary>
    internal static void Exec(ThreadGroup* group)
    {
        ProcessTimers* timers = (ProcessTimers*)group->TimeData;
        if (timers == null) return;
        while (timers->First != null) PosixTimerCalls.Remove(timers, timers->First);
    }

    /// <summary>The process has ended.</summary>
    internal static void Destroy(ThreadGroup* group)
    {
        ProcessTimers* timers = (ProcessTimers*)group->TimeData;
        if (timers == null) return;
        Exec(group);
        Hrtimers.Cancel(&timers->Real.Timer);
        group->TimeData = null;
        Heap.Free(timers);
    }

    /// <summary>The tick's look at timers that count CPU time of the running process.</summary>
    internal static void CheckCpuTimers(Task* task)
    {
        ThreadGroup* group = task->Group;
        ProcessTimers* timers = group == null ? null : (ProcessTimers*)group->TimeData;
        if (timers == null) return;
        if (timers->Virtual.Expires != 0) ItimerCalls.CheckCpu(&timers->Virtual, group, CpuClocks.GroupTimes(group, true), Signal.VTALRM);
        if (timers->Profile.Expires != 0)
            ItimerCalls.CheckCpu(&timers->Profile, group, CpuClocks.GroupTimes(group, true) + CpuClocks.GroupTimes(group, false), Signal.PROF);
        PosixTimerCalls.CheckCpu(timers);
    }
}
