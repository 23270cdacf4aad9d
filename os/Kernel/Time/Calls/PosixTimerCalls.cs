namespace CoSim.Os.Timekeeping;

/// <summary>timer_create, timer_settime, timer_gettime, timer_getoverrun, timer_delete.</summary>
internal static unsafe class PosixTimerCalls
{
    private const int TimerAbstime = 1;

    /// <summary>timer_create(clock, sigevent, id).</summary>
    internal static long Create(TrapFrame* f)
    {
        int clock = (int)f->Rdi;
        bool cpu = CpuClocks.HasOperations(clock) || CpuClocks.Is(clock);
        ulong* sigevent = stackalloc ulong[8];
        if (f->Rsi != 0 && UserMemory.CopyFrom(sigevent, f->Rsi, 64) != 0) return -Errno.EFAULT;
        if (CpuClocks.IsDevice(clock)) return -Errno.EOPNOTSUPP;
        if (!cpu)
        {
            if (clock is ClockId.MonotonicRaw or ClockId.RealtimeCoarse or ClockId.MonotonicCoarse) return -Errno.EOPNOTSUPP;
            if (clock < 0 || clock > ClockId.Tai || clock == 10) return -Errno.EINVAL;
        }
        ThreadGroup* group = Cpu.CurrentTask->Group;
        ProcessTimers* timers = ProcessTimers.Of(group);
        PosixTimer* timer = timers == null ? null : Heap.New<PosixTimer>();
        if (timer == null) return -Errno.EAGAIN;
        // An id is used up also by a timer that comes to nothing.
        ulong flags = timers->Lock.AcquireIrqSave();
        int id = timers->NextId++;
        timers->Lock.ReleaseIrqRestore(flags);
        PosixTimer model = default;
        // Who looks at a timer later may be another thread: the clock names the one that made it.
        model.Clock = clock == ClockId.ThreadCpuTime ? CpuClocks.OfThread(Cpu.CurrentTask->Pid) : clock;
        model.Id = id;
        model.Value = (ulong)id;
        model.Group = group;
        model.IsCpu = cpu;
        model.Signal = Signal.ALRM;
        model.Notify = PosixTimer.NotifySignal;
        // In this order: the event, where the id goes, the clock.
        int error = f->Rsi != 0 ? ReadEvent(sigevent, &model) : 0;
        if (error == 0 && UserMemory.Write32(f->Rdx, (uint)id) != 0) error = -Errno.EFAULT;
        if (error == 0 && cpu && (!CpuClocks.Is(clock) || CpuClocks.Read(clock, out _) != 0)) error = -Errno.EINVAL;
        if (error == 0 && clock is ClockId.RealtimeAlarm or ClockId.BoottimeAlarm && !Permission.Capable(Cap.WakeAlarm)) error = -Errno.EPERM;
        if (error != 0)
        {
            Heap.Free(timer);
            return error;
        }
        *timer = model;
        Hrtimers.Initialise(&timer->Timer, HrtimerBase.OfClock(clock), &PosixTimer.Expired, timer);
        timer->Timer.Wakes = AlarmTimers.Wakes(clock);
        flags = timers->Lock.AcquireIrqSave();
        timer->Next = timers->First;
        timers->First = timer;
        timers->Lock.ReleaseIrqRestore(flags);
        return 0;
    }

    private static int ReadEvent(ulong* sigevent, PosixTimer* model)
    {
        model->Value = sigevent[0];
        model->Signal = (int)sigevent[1];
        model->Notify = (int)(sigevent[1] >> 32);
        model->ThreadId = (int)sigevent[2];
        switch (model->Notify)
        {
            case PosixTimer.NotifyNone:
                return 0;
            case PosixTimer.NotifySignal | PosixTimer.NotifyThreadId:
                Task* thread = TaskList.Find(model->ThreadId);
                bool own = thread != null && thread->Group == Cpu.CurrentTask->Group;
                if (thread != null) TaskList.Put(thread);
                if (!own) return -Errno.EINVAL;
                break;
            case PosixTimer.NotifySignal:
            case PosixTimer.NotifyThread:
                break;
            default:
                return -Errno.EINVAL;
        }
        return model->Signal <= 0 || model->Signal > Signal.Max ? -Errno.EINVAL : 0;
    }

    private static PosixTimer* Find(int id)
    {
        ProcessTimers* timers = (ProcessTimers*)Cpu.CurrentTask->Group->TimeData;
        if (timers == null) return null;
        for (PosixTimer* t = timers->First; t != null; t = t->Next)
        {
            if (t->Id == id) return t;
        }
        return null;
    }

    /// <summary>timer_settime(id, flags, value, old). A zero value disarms; that is decided before any conversion.</summary>
    internal static long Settime(TrapFrame* f)
    {
        if (f->Rdx == 0) return -Errno.EINVAL;
        Itimerspec value;
        if (UserMemory.CopyFrom(&value, f->Rdx, (ulong)sizeof(Itimerspec)) != 0) return -Errno.EFAULT;
        if (!value.IsValid) return -Errno.EINVAL;
        PosixTimer* timer = Find((int)f->Rdi);
        if (timer == null) return -Errno.EINVAL;
        long interval = timer->Interval, left = Left(timer);
        Arm(timer, ((int)f->Rsi & TimerAbstime) != 0, value.Interval.ToKtime(), value.Value.ToKtime());
        return f->R10 == 0 ? 0 : WriteValue(f->R10, interval, left);
    }

    private static void Arm(PosixTimer* timer, bool absolute, long interval, long value)
    {
        Hrtimers.Cancel(&timer->Timer);
        timer->CpuExpires = 0;
        timer->Interval = 0;
        timer->Overrun = timer->LastOverrun = 0;
        timer->Generation++;
        if (value == 0) return;
        timer->Interval = interval;
        if (timer->IsCpu)
        {
            ulong used = 0;
            if (!absolute) CpuClocks.Read(timer->Clock, out used);
            timer->CpuExpires = used + (ulong)value;
            return;
        }
        // A relative timer on the wall clock is not moved by setting it.
        int clock = !absolute && timer->Clock is ClockId.Realtime or ClockId.Tai ? ClockId.Monotonic : timer->Clock;
        timer->Timer.Base = HrtimerBase.OfClock(clock);
        timer->Nominal = Time.Deadline(clock, absolute, value);
        Hrtimers.Start(&timer->Timer, timer->Nominal);
    }

    /// <summary>timer_gettime(id, value).</summary>
    internal static long Gettime(TrapFrame* f)
    {
        PosixTimer* timer = Find((int)f->Rdi);
        return timer == null ? -Errno.EINVAL : WriteValue(f->Rsi, timer->Interval, Left(timer));
    }

    /// <summary>
    /// Nanoseconds to the next expiry; 0 when disarmed, 1 when due and not yet noticed. With SIGEV_NONE Linux 6.1 only looks at the expiry
    /// (common_timer_get), which disarming leaves where it was.
    /// </summary>
    private static long Left(PosixTimer* timer)
    {
        if (timer->IsCpu)
        {
            if (timer->CpuExpires == 0) return 0;
            // An ended thread's timer has nothing left.
            ulong used;
            if (CpuClocks.Read(timer->Clock, out used) != 0) return 0;
            return timer->CpuExpires > used ? (long)(timer->CpuExpires - used) : 1;
        }
        bool silent = timer->Notify == PosixTimer.NotifyNone;
        if (!timer->Timer.Queued && !silent) return 0;
        long left = timer->Nominal - Clocks.ReadBase(timer->Timer.Base);
        return left > 0 ? left : silent ? 0 : 1;
    }

    private static long WriteValue(ulong user, long interval, long left)
    {
        if (UserTime.WriteNsec(user, interval) != 0) return -Errno.EFAULT;
        return UserTime.WriteNsec(user + 16, left);
    }

    /// <summary>timer_getoverrun(id).</summary>
    internal static long Getoverrun(TrapFrame* f)
    {
        PosixTimer* timer = Find((int)f->Rdi);
        return timer == null ? -Errno.EINVAL : timer->LastOverrun;
    }

    /// <summary>A signal reaches the program. That of a timer brings the overruns up to now, unless the timer was armed anew.</summary>
    internal static void SignalTaken(SigInfo* info)
    {
        if (SigInfo.Number(info) == Signal.ALRM) ItimerCalls.SignalTaken(Cpu.CurrentTask->Group);
        if (SigInfo.Code(info) != SignalCode.Timer) return;
        PosixTimer* timer = Find(((int*)info)[4]);
        if (timer != null && timer->Generation == SigInfo.Private(info))
        {
            CountToNow(timer);
            timer->LastOverrun = timer->Overrun;
            timer->Overrun = 0;
            SigInfo.SetTimer(info, timer->Id, timer->LastOverrun, timer->Value);
        }
        SigInfo.SetPrivate(info, 0);
    }

    /// <summary>Counts the expiries that nobody has looked at yet: CPU time is looked at by ticks only, and so is a timer whose signal waits.</summary>
    private static void CountToNow(PosixTimer* timer)
    {
        if (timer->Interval == 0) return;
        ulong interval = (ulong)timer->Interval;
        if (timer->IsCpu)
        {
            ulong used;
            if (timer->CpuExpires == 0 || CpuClocks.Read(timer->Clock, out used) != 0 || used < timer->CpuExpires) return;
            ulong passed = ((used - timer->CpuExpires) / interval) + 1;
            timer->CpuExpires += passed * interval;
            timer->AddOverruns(passed);
            return;
        }
        long late = Clocks.ReadBase(timer->Timer.Base) - timer->Nominal;
        if (late < 0 || !timer->Timer.Queued) return;
        Hrtimers.Cancel(&timer->Timer);
        ulong missed = ((ulong)late / interval) + 1;
        timer->Nominal += (long)(missed * interval);
        timer->AddOverruns(missed);
        Hrtimers.Start(&timer->Timer, timer->Nominal);
    }

    /// <summary>timer_delete(id).</summary>
    internal static long Delete(TrapFrame* f)
    {
        PosixTimer* timer = Find((int)f->Rdi);
        if (timer == null) return -Errno.EINVAL;
        Remove((ProcessTimers*)Cpu.CurrentTask->Group->TimeData, timer);
        return 0;
    }

    /// <summary>Stops a timer, takes it off the list and frees it.</summary>
    internal static void Remove(ProcessTimers* timers, PosixTimer* timer)
    {
        Hrtimers.Cancel(&timer->Timer);
        ulong flags = timers->Lock.AcquireIrqSave();
        for (PosixTimer** link = &timers->First; *link != null; link = &(*link)->Next)
        {
            if (*link != timer) continue;
            *link = timer->Next;
            break;
        }
        timers->Lock.ReleaseIrqRestore(flags);
        Heap.Free(timer);
    }

    /// <summary>The tick's look at timers on CPU-time clocks.</summary>
    internal static void CheckCpu(ProcessTimers* timers)
    {
        ulong flags = timers->Lock.AcquireIrqSave();
        for (PosixTimer* t = timers->First; t != null; t = t->Next)
        {
            ulong used;
            if (t->CpuExpires == 0 || CpuClocks.Read(t->Clock, out used) != 0 || used < t->CpuExpires) continue;
            ulong passed = 1;
            if (t->Interval == 0) t->CpuExpires = 0;
            else
            {
                passed += (used - t->CpuExpires) / (ulong)t->Interval;
                t->CpuExpires += passed * (ulong)t->Interval;
            }
            PosixTimer.Notice(t, passed);
        }
        timers->Lock.ReleaseIrqRestore(flags);
    }
}
