using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Sending signals. TaskList.Lock protects pending sets, handlers and stop state.</summary>
public static unsafe partial class SignalDelivery
{
    /// <summary>Whether an unblocked signal waits for the task: system calls that sleep then return.</summary>
    public static bool Pending(Task* t) => (t->PendingWork & TaskWork.Signal) != 0;

    /// <summary>Sends to a process. Any context.</summary>
    public static void SendToGroup(ThreadGroup* group, SigInfo* info)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SendLocked(group, null, info);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Sends to one thread. Any context.</summary>
    public static void SendToTask(Task* t, SigInfo* info)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SendLocked(t->Group, t, info);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Sends a signal without further information to a process.</summary>
    public static void SendToGroup(ThreadGroup* group, int signal)
    {
        SigInfo info;
        SigInfo.Set(&info, signal, SignalCode.Kernel);
        SendToGroup(group, &info);
    }

    /// <summary>Sends to a process (<paramref name="thread"/> null) or a thread; the lock is held.</summary>
    public static void SendLocked(ThreadGroup* group, Task* thread, SigInfo* info)
    {
        int signal = SigInfo.Number(info);
        Task* leader = group->Leader;
        if (group->Zombie || leader == null || leader->Handlers == null && thread == null) return;
        PrepareStopContinue(group, signal);
        Task* any = thread != null ? thread : leader;
        if (any->Handlers == null || IsIgnored(group, any, signal)) return;
        PendingSignals* pending = thread != null ? &thread->Pending : &group->Pending;
        // A POSIX timer's signal has a record of its own that always finds room; others of the classic numbers wait once.
        bool ofTimer = SigInfo.Code(info) == SignalCode.Timer;
        if (!ofTimer && signal < Signal.RealtimeMin && (pending->Set & Signal.Bit(signal)) != 0) return;
        Append(pending, info);
        Notify(group, thread, signal, ofTimer && Time.TimersPreferRunning);
    }

    /// <summary>Adds a signal to a pending set; without memory for its record only the number is kept. The lock is held.</summary>
    internal static bool Append(PendingSignals* pending, SigInfo* info)
    {
        pending->Set |= Signal.Bit(SigInfo.Number(info));
        SignalRecord* r = Heap.New<SignalRecord>();
        if (r == null) return false;
        r->Info = *info;
        SignalRecord** link = &pending->First;
        while (*link != null) link = &(*link)->Next;
        *link = r;
        return true;
    }

    /// <summary>SIGCONT cancels pending stops and resumes at once, even if blocked or ignored; a stop signal cancels a pending SIGCONT.</summary>
    private static void PrepareStopContinue(ThreadGroup* group, int signal)
    {
        if (signal == Signal.CONT || signal == Signal.KILL)
        {
            if (signal == Signal.CONT) DiscardAll(group, Signal.StopSet);
            if (group->StopSignal == 0) return;
            group->StopSignal = 0;
            if (signal == Signal.CONT)
            {
                group->ContinueUnreported = true;
                group->StopUnreported = false;
                WaitQueue.WakeAll(&group->Parent->ChildEvents);
            }
            Task* t = group->Leader;
            do
            {
                Scheduler.WakeFrom(t, TaskState.Stopped);
                t = t->NextInGroup;
            } while (t != group->Leader);
        }
        else if ((Signal.Bit(signal) & Signal.StopSet) != 0) DiscardAll(group, Signal.Bit(Signal.CONT));
    }

    private static void DiscardAll(ThreadGroup* group, ulong set)
    {
        Discard(&group->Pending, set);
        Task* t = group->Leader;
        do
        {
            Discard(&t->Pending, set);
            t = t->NextInGroup;
        } while (t != group->Leader);
    }

    /// <summary>Forgets pending signals of a set; the lock is held.</summary>
    public static void Discard(PendingSignals* p, ulong set)
    {
        p->Set &= ~set;
        for (SignalRecord** link = &p->First; *link != null;)
        {
            SignalRecord* r = *link;
            if ((Signal.Bit(SigInfo.Number(&r->Info)) & set) == 0) { link = &r->Next; continue; }
            *link = r->Next;
            Heap.Free(r);
        }
    }

    /// <summary>Forgets pending signals with a code, of a process that has one thread.</summary>
    public static void DiscardCode(ThreadGroup* group, int code)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        DiscardCode(&group->Pending, code);
        DiscardCode(&group->Leader->Pending, code);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    private static void DiscardCode(PendingSignals* p, int code)
    {
        ulong gone = 0;
        for (SignalRecord** link = &p->First; *link != null;)
        {
            SignalRecord* r = *link;
            if (SigInfo.Code(&r->Info) != code) { link = &r->Next; continue; }
            gone |= Signal.Bit(SigInfo.Number(&r->Info));
            *link = r->Next;
            Heap.Free(r);
        }
        // Others of the same number stay pending.
        for (SignalRecord* r = p->First; r != null; r = r->Next) gone &= ~Signal.Bit(SigInfo.Number(&r->Info));
        p->Set &= ~gone;
    }

    private static bool IsIgnored(ThreadGroup* group, Task* t, int signal)
    {
        // A blocked signal is kept: its handler may be set before it is unblocked.
        if ((t->SignalMask & Signal.Bit(signal)) != 0) return false;
        ulong handler = SignalHandlers.Of(t->Handlers, signal)->Handler;
        if (group == TaskList.Init && handler == SignalAction.Default && signal != Signal.CHLD) return true; // init is protected
        return handler == SignalAction.Ignore || handler == SignalAction.Default && (Signal.Bit(signal) & Signal.IgnoreSet) != 0;
    }

    /// <summary>Picks a thread that will take the signal and makes it look: the one that runs here if that is asked for, else the first that may.</summary>
    private static void Notify(ThreadGroup* group, Task* thread, int signal, bool prefersRunning)
    {
        Task* t = thread != null ? thread : prefersRunning && Cpu.CurrentTask->Group == group ? Cpu.CurrentTask : group->Leader;
        Task* end = t;
        do
        {
            bool wanted = signal == Signal.KILL || (t->SignalMask & Signal.Bit(signal)) == 0;
            if (wanted && t->State != TaskState.Zombie && t->State != TaskState.Dead && (t->Flags & TaskFlags.Exiting) == 0)
            {
                Kick(t, signal == Signal.KILL);
                if (signal != Signal.KILL) return;
            }
            if (thread != null) break;
            t = t->NextInGroup;
        } while (t != end);
        // Threads in sigtimedwait or behind signalfd wait for blocked signals.
        WaitQueue.WakeAll(SignalWaiters);
    }

    private static WaitQueue s_signalWaiters;

    /// <summary>Waiters for signals that are blocked (rt_sigtimedwait).</summary>
    public static WaitQueue* SignalWaiters => Text.Address(ref s_signalWaiters);

    /// <summary>Makes a thread notice that a signal waits: wakes it if it sleeps interruptibly, interrupts its CPU if it runs.</summary>
    public static void Kick(Task* t, bool kill)
    {
        Atomic.Or32(&t->PendingWork, TaskWork.Signal);
        TaskState wake = TaskState.Interruptible | (kill ? TaskState.Stopped : 0);
        if (Scheduler.WakeFrom(t, wake)) return;
        if (t->Sched.OnCpu && t != Cpu.CurrentTask) LocalApic.SendIpi(Cpu.At(t->Sched.Cpu)->ApicId, Vectors.Reschedule);
    }

    /// <summary>Recomputes whether the task has an unblocked signal; the lock is held. Called after the mask or the pending set shrank.</summary>
    public static void Recalculate(Task* t)
    {
        ulong ready = (t->Pending.Set | t->Group->Pending.Set) & ~t->SignalMask;
        if (ready != 0 || t->Group->StopSignal != 0 || t->Group->Frozen || t->Group->Exiting || t->Killed) Atomic.Or32(&t->PendingWork, TaskWork.Signal);
        else Atomic.And32(&t->PendingWork, ~TaskWork.Signal);
    }

    /// <summary>Sets the signal mask of the running task.</summary>
    public static void SetMask(ulong mask)
    {
        Task* t = Cpu.CurrentTask;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        t->SignalMask = mask & ~Signal.Unblockable;
        Recalculate(t);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Takes the next signal of a set, thread before process, synchronous ones first. Returns 0 if there is none; the lock is held.</summary>
    public static int Dequeue(Task* t, ulong set, SigInfo* info)
    {
        int signal = DequeueFrom(&t->Pending, set, info);
        return signal != 0 ? signal : DequeueFrom(&t->Group->Pending, set, info);
    }

    private static int DequeueFrom(PendingSignals* p, ulong set, SigInfo* info)
    {
        ulong ready = p->Set & set;
        if (ready == 0) return 0;
        if ((ready & Signal.SynchronousSet) != 0) ready &= Signal.SynchronousSet;
        int signal = Bits.Lowest(ready) + 1;
        SigInfo.Set(info, signal, SignalCode.User);
        bool more = false, taken = false;
        for (SignalRecord** link = &p->First; *link != null;)
        {
            SignalRecord* r = *link;
            if (SigInfo.Number(&r->Info) != signal) { link = &r->Next; continue; }
            if (taken) { more = true; break; }
            *info = r->Info;
            *link = r->Next;
            Heap.Free(r);
            taken = true;
        }
        if (!more) p->Set &= ~Signal.Bit(signal);
        return signal;
    }

    /// <summary>A fault of the running program: sent to itself; a blocked or ignored one kills, as it could never make progress.</summary>
    public static void Fault(TrapFrame* frame, int signal, int code, ulong address, int vector)
    {
        Task* t = Cpu.CurrentTask;
        SigInfo info;
        SigInfo.Set(&info, signal, code);
        SigInfo.SetAddress(&info, address);
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SignalAction* a = SignalHandlers.Of(t->Handlers, signal);
        if ((t->SignalMask & Signal.Bit(signal)) != 0 || a->Handler == SignalAction.Ignore)
        {
            a->Handler = SignalAction.Default;
            t->SignalMask &= ~Signal.Bit(signal);
        }
        if (a->Handler == SignalAction.Default)
        {
            Log.Print("%s[%d]: trap %d at %llx ip:%llx sp:%llx error:%llx"u8, (ulong)Text.Address(ref t->Comm), (ulong)t->Pid, (ulong)vector, address, frame->Rip, frame->Rsp, frame->ErrorCode);
            // Even init dies of its own faults.
            if (t->Group == TaskList.Init) BeginGroupExitLocked(t->Group, signal | ((Signal.Bit(signal) & Signal.CoreSet) != 0 ? 0x80 : 0));
        }
        t->LastTrap = (ulong)vector;
        t->LastTrapError = frame->ErrorCode;
        t->LastTrapAddress = address;
        SendLocked(t->Group, t, &info);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Marks the process as ending and makes all threads leave; the lock is held.</summary>
    public static void BeginGroupExitLocked(ThreadGroup* group, int exitCode)
    {
        if (group->Exiting) return;
        group->Exiting = true;
        group->ExitCode = exitCode;
        group->StopSignal = 0;
        Task* t = group->Leader;
        do
        {
            if (t->State != TaskState.Dead && t->State != TaskState.Zombie) Kick(t, true);
            t = t->NextInGroup;
        } while (t != group->Leader);
    }
}
