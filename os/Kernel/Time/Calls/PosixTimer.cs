namespace CoSim.Os.Timekeeping;

/// <summary>A timer of timer_create(2).</summary>
internal unsafe struct PosixTimer
{
    internal const int NotifySignal = 0, NotifyNone = 1, NotifyThread = 2, NotifyThreadId = 4;

    internal PosixTimer* Next;
    internal Hrtimer Timer;
    internal ThreadGroup* Group;
    internal int Id, Clock, Notify, Signal, ThreadId;
    internal ulong Value;
    internal long Interval;

    /// <summary>Next expiry by the program's rule; the hrtimer may come later while the signal of an earlier one waits.</summary>
    internal long Nominal;

    /// <summary>Expiries besides the first since the signal that waits was queued, and those of the signal taken last.</summary>
    internal int Overrun, LastOverrun;

    /// <summary>Changes with every arming: a signal of an earlier one no longer speaks for the timer.</summary>
    internal int Generation;

    /// <summary>CPU-time timers: expiry in nanoseconds of CPU time, 0 off.</summary>
    internal ulong CpuExpires;
    internal bool IsCpu;

    /// <summary>hrtimer function: one or more intervals have passed.</summary>
    internal static bool Expired(Hrtimer* hrtimer)
    {
        PosixTimer* timer = (PosixTimer*)hrtimer->Context;
        long now = Clocks.ReadBase(hrtimer->Base);
        if (timer->Interval == 0)
        {
            Notice(timer, 1);
            return false;
        }
        hrtimer->Expires = timer->Nominal;
        ulong passed = Hrtimer.Forward(hrtimer, now, timer->Interval);
        timer->Nominal = hrtimer->Expires;
        // While the program has not taken the signal, counting is all there is to do: once per tick is enough for that.
        if (Notice(timer, passed) && hrtimer->Expires < now + TimeUnits.TickNsec) hrtimer->Expires = now + TimeUnits.TickNsec;
        return true;
    }

    /// <summary>Sends the signal, or counts in the one that still waits.</summary>
    /// <returns>True when one waited.</returns>
    internal static bool Notice(PosixTimer* timer, ulong passed)
    {
        if (timer->Notify == NotifyNone || passed == 0) return false;
        Task* thread = null;
        if ((timer->Notify & NotifyThreadId) != 0)
        {
            thread = TaskList.Find(timer->ThreadId);
            if (thread == null || thread->Group != timer->Group)
            {
                if (thread != null) TaskList.Put(thread);
                return false;
            }
        }
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SigInfo* waiting = FindPending(thread != null ? &thread->Pending : &timer->Group->Pending, timer);
        if (waiting != null)
        {
            timer->AddOverruns(passed);
        }
        else
        {
            timer->Overrun = passed - 1 > int.MaxValue ? int.MaxValue : (int)(passed - 1);
            SigInfo info;
            SigInfo.Set(&info, timer->Signal, SignalCode.Timer);
            SigInfo.SetTimer(&info, timer->Id, 0, timer->Value);
            SigInfo.SetPrivate(&info, timer->Generation);
            SignalDelivery.SendLocked(timer->Group, thread, &info);
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        if (thread != null) TaskList.Put(thread);
        return waiting != null;
    }

    /// <summary>Counts expiries in the signal that waits, or is being taken; the count stays at its largest value.</summary>
    internal void AddOverruns(ulong passed)
    {
        ulong total = (ulong)Overrun + passed;
        Overrun = total > int.MaxValue ? int.MaxValue : (int)total;
    }

    private static SigInfo* FindPending(PendingSignals* pending, PosixTimer* timer)
    {
        for (SignalRecord* r = pending->First; r != null; r = r->Next)
        {
            if (SigInfo.Code(&r->Info) == SignalCode.Timer && ((int*)&r->Info)[4] == timer->Id && SigInfo.Private(&r->Info) == timer->Generation) return &r->Info;
        }
        return null;
    }
}
