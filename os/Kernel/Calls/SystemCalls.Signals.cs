namespace CoSim.Os;

/// <summary>Signal calls.</summary>
public static unsafe partial class SystemCalls
{
    private static void RegisterSignals()
    {
        Set(Nr.RtSigaction, &SigAction);
        Set(Nr.RtSigprocmask, &SigProcMask);
        Set(Nr.RtSigreturn, &SignalDelivery.Return);
        Set(Nr.RtSigpending, &SigPending);
        Set(Nr.RtSigsuspend, &SigSuspend);
        Set(Nr.RtSigtimedwait, &SigTimedWait);
        Set(Nr.RtSigqueueinfo, &SigQueueInfo);
        Set(Nr.RtTgsigqueueinfo, &TgSigQueueInfo);
        Set(Nr.Sigaltstack, &SigAltStack);
        Set(Nr.Kill, &Kill);
        Set(Nr.Tkill, &Tkill);
        Set(Nr.Tgkill, &Tgkill);
        Set(Nr.Pause, &Pause);
    }

    private static long SigAction(TrapFrame* f)
    {
        int signal = (int)f->Rdi;
        if (f->R10 != 8 || signal < 1 || signal > Signal.Max) return -Errno.EINVAL;
        SignalAction n = default, old;
        if (f->Rsi != 0)
        {
            if (UserMemory.CopyFrom(&n, f->Rsi, 32) != 0) return -Errno.EFAULT;
            if ((Signal.Bit(signal) & Signal.Unblockable) != 0) return -Errno.EINVAL;
        }
        Task* t = Cpu.CurrentTask;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SignalAction* a = SignalHandlers.Of(t->Handlers, signal);
        old = *a;
        if (f->Rsi != 0)
        {
            *a = n;
            a->Mask &= ~Signal.Unblockable;
            bool ignored = n.Handler == SignalAction.Ignore || n.Handler == SignalAction.Default && (Signal.Bit(signal) & Signal.IgnoreSet) != 0;
            if (ignored)
            {
                SignalDelivery.Discard(&t->Group->Pending, Signal.Bit(signal));
                SignalDelivery.Discard(&t->Pending, Signal.Bit(signal));
            }
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        return f->Rdx != 0 ? UserMemory.CopyTo(f->Rdx, &old, 32) : 0;
    }

    private static long SigProcMask(TrapFrame* f)
    {
        if (f->R10 != 8) return -Errno.EINVAL;
        ulong old = Cpu.CurrentTask->SignalMask;
        if (f->Rsi != 0)
        {
            int r = UserMemory.Read64(f->Rsi, out ulong set);
            if (r != 0) return r;
            switch ((int)f->Rdi)
            {
                case 0: SignalDelivery.SetMask(old | set); break;
                case 1: SignalDelivery.SetMask(old & ~set); break;
                case 2: SignalDelivery.SetMask(set); break;
                default: return -Errno.EINVAL;
            }
        }
        return f->Rdx != 0 ? UserMemory.Write64(f->Rdx, old) : 0;
    }

    private static long SigPending(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return UserMemory.Write64(f->Rdi, (t->Pending.Set | t->Group->Pending.Set) & t->SignalMask);
    }

    private static long SigSuspend(TrapFrame* f)
    {
        if (f->Rsi != 8) return -Errno.EINVAL;
        int r = UserMemory.Read64(f->Rdi, out ulong set);
        if (r != 0) return r;
        Task* t = Cpu.CurrentTask;
        t->SavedMask = t->SignalMask;
        SignalDelivery.SetMask(set);
        t->RestoreMask = true;
        return Pause(f);
    }

    private static long Pause(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        for (; ; )
        {
            t->State = TaskState.Interruptible;
            if (SignalDelivery.Pending(t)) break;
            Scheduler.Schedule();
        }
        t->State = TaskState.Running;
        return -Errno.ERESTARTNOHAND;
    }

    private static long SigTimedWait(TrapFrame* f)
    {
        if (f->R10 != 8) return -Errno.EINVAL;
        int r = UserMemory.Read64(f->Rdi, out ulong set);
        if (r != 0) return r;
        long deadline = long.MaxValue;
        if (f->Rdx != 0)
        {
            deadline = Time.DeadlineFromUser(ClockId.Monotonic, false, f->Rdx, out int error);
            if (error != 0) return error;
        }
        Task* t = Cpu.CurrentTask;
        WaitEntry entry = default;
        entry.Task = t;
        WaitQueue.Add(SignalDelivery.SignalWaiters, &entry);
        SigInfo info;
        int signal;
        for (bool expired = false; ;)
        {
            t->State = TaskState.Interruptible;
            ulong flags = TaskList.Lock.AcquireIrqSave();
            signal = SignalDelivery.Dequeue(t, set & ~Signal.Unblockable, &info);
            SignalDelivery.Recalculate(t);
            TaskList.Lock.ReleaseIrqRestore(flags);
            if (signal != 0) break;
            if (expired) { signal = -Errno.EAGAIN; break; }
            if (SignalDelivery.Pending(t)) { signal = -Errno.EINTR; break; }
            expired = Time.SleepUntil(ClockId.Monotonic, deadline) != 0;
        }
        t->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        if (signal > 0) Time.SignalTaken(&info);
        if (signal > 0 && f->Rsi != 0 && UserMemory.CopyTo(f->Rsi, &info, 128) != 0) return -Errno.EFAULT;
        return signal;
    }

    private static long SigAltStack(TrapFrame* f)
    {
        const int OnStack = 1, Disable = 2;
        Task* t = Cpu.CurrentTask;
        bool on = t->AltStackSize != 0 && f->Rsp - t->AltStack < t->AltStackSize;
        ulong* s = stackalloc ulong[3];
        if (f->Rsi != 0)
        {
            s[0] = t->AltStack;
            s[1] = t->AltStackSize == 0 ? Disable : on ? OnStack : 0u;
            s[2] = t->AltStackSize;
            if (UserMemory.CopyTo(f->Rsi, s, 24) != 0) return -Errno.EFAULT;
        }
        if (f->Rdi == 0) return 0;
        if (UserMemory.CopyFrom(s, f->Rdi, 24) != 0) return -Errno.EFAULT;
        if (on) return -Errno.EPERM;
        int flags = (int)s[1];
        if ((flags & ~(OnStack | Disable | unchecked((int)0x80000000))) != 0) return -Errno.EINVAL;
        if ((flags & Disable) == 0 && s[2] < 2048) return -Errno.ENOMEM;
        t->AltStack = s[0];
        t->AltStackSize = (flags & Disable) != 0 ? 0 : s[2];
        return 0;
    }

    private static void Describe(SigInfo* info, int signal, int code)
    {
        SigInfo.Set(info, signal, code);
        SigInfo.SetSender(info, Cpu.CurrentTask->Group->Id, Permission.ShowUid(Cpu.CurrentTask->Cred->Uid));
    }

    private static long Kill(TrapFrame* f)
    {
        int pid = (int)f->Rdi, signal = (int)f->Rsi;
        if (pid == int.MinValue) return -Errno.ESRCH;
        SigInfo info;
        Describe(&info, signal, SignalCode.User);
        int processGroup = pid == 0 ? Cpu.CurrentTask->Group->ProcessGroup : pid < -1 ? -pid : 0;
        long r = -Errno.ESRCH;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (Task* t = TaskList.First; t != null; t = t->NextTask)
        {
            if (t->Group->Leader != t && t->Pid != pid || (t->Flags & TaskFlags.KernelThread) != 0) continue;
            bool match = pid > 0 ? t->Pid == pid : pid == -1 ? t->Group->Id > 1 && t->Group != Cpu.CurrentTask->Group : t->Group->ProcessGroup == processGroup;
            if (!match) continue;
            // Who is meant comes before what: a number that is no signal for nobody gives ESRCH.
            if (signal is < 0 or > Signal.Max)
            {
                r = -Errno.EINVAL;
                break;
            }
            if (!Permission.Signal(t))
            {
                if (r != 0) r = -Errno.EPERM;
                continue;
            }
            r = 0;
            if (signal != 0) SignalDelivery.SendLocked(t->Group, null, &info);
            if (pid > 0) break;
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        return r;
    }
}
