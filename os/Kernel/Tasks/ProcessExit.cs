using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The end of threads and processes, and what remains for the parent to collect.</summary>
public static unsafe class ProcessExit
{
    /// <summary>Ends the running process with a wait status. Never returns.</summary>
    public static void ExitGroup(int exitCode)
    {
        Task* t = Cpu.CurrentTask;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SignalDelivery.BeginGroupExitLocked(t->Group, exitCode);
        exitCode = t->Group->ExitCode;
        TaskList.Lock.ReleaseIrqRestore(flags);
        ExitThread(exitCode);
    }

    /// <summary>Ends the running thread; the last one ends the process. Never returns.</summary>
    public static void ExitThread(int exitCode)
    {
        Task* t = Cpu.CurrentTask;
        Machine.Sti();
        t->Flags |= TaskFlags.Exiting;
        t->ExitCode = exitCode;
        RobustFutex.WalkList(t);
        Futex.OwnerExits(t);
        ReleaseMm(t);
        Time.TaskExit(t);
        FileTable.Put(t->Files);
        t->Files = null;
        FsContext.Put(t->Fs);
        t->Fs = null;
        ulong irq = TaskList.Lock.AcquireIrqSave();
        NsProxy* ns = t->NsProxy;
        t->NsProxy = null;
        TaskList.Lock.ReleaseIrqRestore(irq);
        if (ns != null) Time.PutNamespaces(ns);
        ThreadGroup* g = t->Group;

        ulong flags = TaskList.Lock.AcquireIrqSave();
        g->EndedUserNs += t->UserNs;
        g->EndedSystemNs += t->SystemNs;
        g->EndedRuntimeNs += Scheduler.RuntimeNs(t);
        bool last = --g->Threads == 0;
        SignalDelivery.Discard(&t->Pending, ulong.MaxValue);
        if (g->GroupExitWaiter != null) Scheduler.WakeFrom(g->GroupExitWaiter, TaskState.Uninterruptible);
        if (t != g->Leader) UnlinkThreadLocked(t);
        bool poweroff = last && g == TaskList.Init;
        if (last)
        {
            if (!g->Exiting) g->ExitCode = exitCode;
            // Outside the lock: cancelling a timer waits for its function, which may be sending a signal.
            TaskList.Lock.ReleaseIrqRestore(flags);
            Time.GroupExit(g);
            flags = TaskList.Lock.AcquireIrqSave();
            if (!poweroff) EndGroupLocked(g);
        }
        t->State = t == g->Leader && !g->Reaped ? TaskState.Zombie : TaskState.Dead;
        TaskList.Lock.Release();
        if (poweroff) InitHasEnded(g->ExitCode);
        Scheduler.Schedule();
        Log.Panic("a dead task ran"u8);
    }

    /// <summary>Ends a kernel thread. Never returns.</summary>
    public static void ExitKernelThread()
    {
        Task* t = Cpu.CurrentTask;
        TaskList.Lock.AcquireIrqSave();
        TaskList.RemoveLocked(t);
        t->State = TaskState.Dead;
        TaskList.Lock.Release();
        TaskList.Put(t);
        Scheduler.Schedule();
    }

    /// <summary>When the first process is gone there is nothing left to do: the machine is switched off.</summary>
    private static void InitHasEnded(int exitCode)
    {
        if ((exitCode & 0x7F) != 0) Log.Print("init was killed by signal %d"u8, (ulong)(exitCode & 0x7F));
        else if (exitCode >> 8 != 0) Log.Print("init exited with status %d"u8, (ulong)(exitCode >> 8 & 0xFF));
        Power.Off();
    }

    private static void UnlinkThreadLocked(Task* t)
    {
        Task* p = t;
        while (p->NextInGroup != t) p = p->NextInGroup;
        p->NextInGroup = t->NextInGroup;
        TaskList.RemoveLocked(t);
        TaskList.Put(t); // being listed; running is another reference
    }

    private static void ReleaseMm(Task* t)
    {
        AddressSpace* mm = t->Mm;
        if (mm == null) return;
        if (t->ClearChildTid != 0)
        {
            if (mm->Refs > 1)
            {
                UserMemory.Write32(t->ClearChildTid, 0);
                Futex.Wake(t->ClearChildTid, true, 1, uint.MaxValue);
                Futex.Wake(t->ClearChildTid, false, 1, uint.MaxValue);
            }
            t->ClearChildTid = 0;
        }
        CompleteVfork(t);
        ulong flags = Cpu.IrqSave();
        t->Mm = null;
        AddressSpace.LoadKernelRoot(Cpu.Current);
        Cpu.IrqRestore(flags);
        AddressSpace.Put(mm);
        AddressSpace.ReapDeferred();
    }

    /// <summary>Lets a vfork parent go on: the child no longer uses its memory.</summary>
    public static void CompleteVfork(Task* t)
    {
        Task* parent = t->VforkParent;
        if (parent == null) return;
        t->VforkParent = null;
        parent->VforkDone = true;
        Scheduler.Wake(parent);
    }

    /// <summary>Drops a reference; null is allowed.</summary>
    public static void PutHandlers(SignalHandlers* h)
    {
        if (h != null && Atomic.FetchAdd32(Text.Address(ref h->Refs), -1) == 1) Heap.Free(h);
    }

    /// <summary>Makes <paramref name="child"/> a child of <paramref name="parent"/>; the lock is held.</summary>
    public static void AddChildLocked(ThreadGroup* parent, ThreadGroup* child)
    {
        child->PreviousSibling = null;
        child->NextSibling = parent->FirstChild;
        if (parent->FirstChild != null) parent->FirstChild->PreviousSibling = child;
        parent->FirstChild = child;
    }

    /// <summary>Takes a child off its parent's list; the lock is held.</summary>
    internal static void RemoveChildLocked(ThreadGroup* child)
    {
        if (child->PreviousSibling != null) child->PreviousSibling->NextSibling = child->NextSibling;
        else child->Parent->FirstChild = child->NextSibling;
        if (child->NextSibling != null) child->NextSibling->PreviousSibling = child->PreviousSibling;
    }

    private static void EndGroupLocked(ThreadGroup* g)
    {
        g->Zombie = true;
        WaitQueue.WakeAll(&g->Ended);
        SignalDelivery.Discard(&g->Pending, ulong.MaxValue);
        while (g->FirstChild != null)
        {
            ThreadGroup* child = g->FirstChild;
            RemoveChildLocked(child);
            child->Parent = TaskList.Init;
            AddChildLocked(TaskList.Init, child);
            child->ExitSignal = Signal.CHLD;
            if (child->Zombie) NotifyExitLocked(child);
        }
        NotifyExitLocked(g);
    }

    private static void NotifyExitLocked(ThreadGroup* g)
    {
        ThreadGroup* parent = g->Parent;
        SignalAction* a = parent->Leader->Handlers == null ? null : SignalHandlers.Of(parent->Leader->Handlers, Signal.CHLD);
        bool nobodyCares = g->ExitSignal == Signal.CHLD && a != null && (a->Handler == SignalAction.Ignore || (a->Flags & SignalAction.SaNoCldWait) != 0);
        int status = g->ExitCode & 0x7F;
        int code = status == 0 ? SignalCode.ChildExited : (g->ExitCode & 0x80) != 0 ? SignalCode.ChildDumped : SignalCode.ChildKilled;
        if (g->ExitSignal >= 1 && g->ExitSignal <= Signal.Max) SendChildLocked(g, g->ExitSignal, code, status == 0 ? g->ExitCode >> 8 & 0xFF : status);
        if (nobodyCares) ReapLocked(g);
        WaitQueue.WakeAll(&parent->ChildEvents);
    }

    /// <summary>Tells the parent that a child stopped or continued; the lock is held.</summary>
    public static void NotifyParentLocked(ThreadGroup* g, int code, int status)
    {
        ThreadGroup* parent = g->Parent;
        if (parent == null) return;
        SignalAction* a = parent->Leader->Handlers == null ? null : SignalHandlers.Of(parent->Leader->Handlers, Signal.CHLD);
        if (a != null && (a->Flags & SignalAction.SaNoCldStop) == 0) SendChildLocked(g, Signal.CHLD, code, status);
        WaitQueue.WakeAll(&parent->ChildEvents);
    }

    private static void SendChildLocked(ThreadGroup* g, int signal, int code, int status)
    {
        const ulong NsPerTick = 10_000_000; // USER_HZ = 100
        SigInfo info;
        SigInfo.Set(&info, signal, code);
        SigInfo.SetChild(&info, g->Id, status, g->EndedUserNs / NsPerTick, g->EndedSystemNs / NsPerTick);
        SignalDelivery.SendLocked(g->Parent, null, &info);
    }

    /// <summary>Forgets a process that has ended: its parent has its status. The lock is held.</summary>
    public static void ReapLocked(ThreadGroup* g)
    {
        Task* leader = g->Leader;
        g->Parent->ChildrenUserNs += g->EndedUserNs + g->ChildrenUserNs;
        g->Parent->ChildrenSystemNs += g->EndedSystemNs + g->ChildrenSystemNs;
        RemoveChildLocked(g);
        g->Reaped = true;
        TaskList.RemoveLocked(leader);
        PutHandlers(leader->Handlers);
        leader->Handlers = null;
        TaskList.Put(leader);
    }
}
