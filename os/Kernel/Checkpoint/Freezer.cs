namespace CoSim.Os;

/// <summary>
/// Holds the threads of a tree of processes at the border to user mode, where a thread is nothing but its registers and its memory.
/// Interrupted system calls stand there as after a signal without a handler and go on the same way.
/// </summary>
internal static unsafe class Freezer
{
    private const int Rounds = 2000;
    private const long FirstWaitNs = 50_000;

    /// <summary>
    /// Freezes a process and its descendants. 0, or -EBUSY when a thread cannot be stopped (it waits uninterruptibly, as in vfork);
    /// nothing is frozen then.
    /// </summary>
    internal static int Freeze(ThreadGroup* root)
    {
        long wait = FirstWaitNs;
        for (int round = 0; round < Rounds; round++)
        {
            ulong flags = TaskList.Lock.AcquireIrqSave();
            int moving = MarkLocked(root, root);
            TaskList.Lock.ReleaseIrqRestore(flags);
            if (moving == 0) return 0;
            Cpu.CurrentTask->State = TaskState.Uninterruptible;
            Time.SleepUntil(ClockId.Monotonic, Time.MonotonicNs() + wait);
            Cpu.CurrentTask->State = TaskState.Running;
            // Not in step with a loop of the program that reads the clock, which is not stopped there.
            wait = wait + wait / 16 + 977;
            if (wait > TimeUnits.TickNsec) wait = FirstWaitNs + wait % 1009;
        }
        Thaw(root);
        return -Errno.EBUSY;
    }

    /// <summary>Asks every thread that is not held yet to stop; their number. The lock is held.</summary>
    private static int MarkLocked(ThreadGroup* root, ThreadGroup* g)
    {
        int moving = 0;
        g->Frozen = true;
        Task* t = g->Leader;
        do
        {
            if (!IsStill(t))
            {
                moving++;
                SignalDelivery.Kick(t, true);
            }
            t = t->NextInGroup;
        } while (t != g->Leader);
        for (ThreadGroup* child = g->FirstChild; child != null; child = child->NextSibling) moving += MarkLocked(root, child);
        return moving;
    }

    /// <summary>Freezes every thread but the caller, for a suspension. False when some cannot be stopped: <see cref="ThawAll"/> then.</summary>
    internal static bool FreezeAll()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int moving = 0;
            ulong flags = TaskList.Lock.AcquireIrqSave();
            for (Task* t = TaskList.First; t != null; t = t->NextTask)
            {
                if (t->Mm == null || t == Cpu.CurrentTask) continue;
                t->Group->Frozen = true;
                if (IsStill(t)) continue;
                moving++;
                SignalDelivery.Kick(t, true);
            }
            TaskList.Lock.ReleaseIrqRestore(flags);
            if (moving == 0) return true;
            Cpu.CurrentTask->State = TaskState.Uninterruptible;
            Time.SleepUntil(ClockId.Monotonic, Time.MonotonicNs() + TimeUnits.NsecPerMsec);
            Cpu.CurrentTask->State = TaskState.Running;
        }
        return false;
    }

    /// <summary>Lets every thread go on.</summary>
    internal static void ThawAll()
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (Task* t = TaskList.First; t != null; t = t->NextTask)
        {
            if (t->Mm == null) continue;
            t->Group->Frozen = false;
            if (t->Held != null) Scheduler.WakeFrom(t, TaskState.Stopped);
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    private static bool IsStill(Task* t) => (t->State & (TaskState.Zombie | TaskState.Dead)) != 0 || t->Held != null && !t->Sched.OnCpu;

    /// <summary>Lets everything go on.</summary>
    internal static void Thaw(ThreadGroup* root)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        ThawLocked(root);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    private static void ThawLocked(ThreadGroup* g)
    {
        g->Frozen = false;
        Task* t = g->Leader;
        do
        {
            if (t->Held != null) Scheduler.WakeFrom(t, TaskState.Stopped);
            t = t->NextInGroup;
        } while (t != g->Leader);
        for (ThreadGroup* child = g->FirstChild; child != null; child = child->NextSibling) ThawLocked(child);
    }

    /// <summary>
    /// Whether the running thread may be held here: not in the middle of the vDSO, whose reader has taken values of this machine's clock
    /// and would use them with another's.
    /// </summary>
    internal static bool MayHold(TrapFrame* frame) => !Timekeeping.VdsoMapping.IsInside(Cpu.CurrentTask->Mm, frame->Rip);

    /// <summary>Holds the running thread until its process is thawed. The task list's lock is held with <paramref name="flags"/>, and released.</summary>
    internal static void HoldLocked(Task* t, TrapFrame* frame, ulong flags)
    {
        TaskList.Lock.ReleaseIrqRestore(flags);
        VectorState* vectors = Heap.New<VectorState>();
        if (vectors == null)
        {
            // Out of memory for a moment: the freezer will ask again.
            Scheduler.Yield();
            return;
        }
        // A copy: the switch to another task saves what the kernel left in the registers.
        VectorRegisters.Capture(frame, t);
        *vectors = t->Vectors;
        flags = TaskList.Lock.AcquireIrqSave();
        t->Held = vectors;
        while (t->Group->Frozen && !t->Group->Exiting && !t->Killed)
        {
            t->State = TaskState.Stopped;
            TaskList.Lock.ReleaseIrqRestore(flags);
            Scheduler.Schedule();
            flags = TaskList.Lock.AcquireIrqSave();
        }
        t->State = TaskState.Running;
        t->Held = null;
        SignalDelivery.Recalculate(t);
        TaskList.Lock.ReleaseIrqRestore(flags);
        Heap.Free(vectors);
    }
}
