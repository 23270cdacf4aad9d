namespace CoSim.Os.Timekeeping;

/// <summary>nanosleep and clock_nanosleep.</summary>
internal static unsafe class SleepCalls
{
    private const int TimerAbstime = 1;

    /// <summary>nanosleep(request, remaining): relative, on CLOCK_MONOTONIC.</summary>
    internal static long Nanosleep(TrapFrame* f)
    {
        Timespec request;
        if (UserTime.ReadTimespec(f->Rdi, &request) != 0) return -Errno.EFAULT;
        if (!request.IsValid) return -Errno.EINVAL;
        return Sleep(ClockId.Monotonic, false, request.ToKtime(), f->Rsi);
    }

    /// <summary>clock_nanosleep(clock, flags, request, remaining).</summary>
    internal static long ClockNanosleep(TrapFrame* f)
    {
        int clock = (int)f->Rdi;
        bool absolute = ((int)f->Rsi & TimerAbstime) != 0;
        switch (clock)
        {
            case ClockId.Realtime:
            case ClockId.Monotonic:
            case ClockId.Boottime:
            case ClockId.Tai:
            case ClockId.RealtimeAlarm:
            case ClockId.BoottimeAlarm:
            case ClockId.ProcessCpuTime:
                break;
            case ClockId.MonotonicRaw:
            case ClockId.RealtimeCoarse:
            case ClockId.MonotonicCoarse:
            case ClockId.ThreadCpuTime:
                return -Errno.EOPNOTSUPP;
            default:
                if (CpuClocks.IsDevice(clock)) return -Errno.EOPNOTSUPP;
                if (!CpuClocks.HasOperations(clock)) return -Errno.EINVAL;
                break;
        }
        Timespec request;
        if (UserTime.ReadTimespec(f->Rdx, &request) != 0) return -Errno.EFAULT;
        if (!request.IsValid) return -Errno.EINVAL;
        if (clock is ClockId.RealtimeAlarm or ClockId.BoottimeAlarm)
        {
            if (((int)f->Rsi & ~TimerAbstime) != 0) return -Errno.EINVAL;
            if (!Permission.Capable(Cap.WakeAlarm)) return -Errno.EPERM;
        }
        if (clock < 0 && (!CpuClocks.Is(clock) || CpuClocks.IsCaller(clock))) return -Errno.EINVAL;
        ulong remaining = absolute ? 0 : f->R10;
        if (CpuClocks.Is(clock)) return SleepOnCpuTime(clock, absolute, request.ToKtime());
        return Sleep(clock, absolute, request.ToKtime(), remaining);
    }

    private static long Sleep(int clock, bool absolute, long time, ulong remaining)
    {
        // A relative sleep on the wall clock is not moved by setting it.
        if (!absolute && clock is ClockId.Realtime or ClockId.Tai) clock = ClockId.Monotonic;
        long deadline = Time.Deadline(clock, absolute, time);
        if (Until(clock, deadline)) return 0;
        if (absolute) return -Errno.ERESTARTNOHAND;
        if (!WriteRemaining(clock, deadline, remaining, out long result)) return result;
        RestartBlock* restart = &Cpu.CurrentTask->Restart;
        restart->Function = &Restart;
        restart->A = (ulong)clock;
        restart->B = (ulong)deadline;
        restart->C = remaining;
        return -Errno.ERESTART_RESTARTBLOCK;
    }

    /// <summary>What a relative sleep's restart block runs: A is the clock, B the host deadline.</summary>
    internal static delegate*<RestartBlock*, long> Resume => &Restart;

    /// <summary>Goes on sleeping towards the same end after a stop or a signal without handler.</summary>
    private static long Restart(RestartBlock* restart)
    {
        int clock = (int)restart->A;
        long deadline = (long)restart->B;
        if (Until(clock, deadline)) return 0;
        return WriteRemaining(clock, deadline, restart->C, out long result) ? -Errno.ERESTART_RESTARTBLOCK : result;
    }

    /// <summary>True when the deadline was reached, false when a signal came before.</summary>
    private static bool Until(int clock, long deadline)
    {
        Task* self = Cpu.CurrentTask;
        for (; ; )
        {
            self->State = TaskState.Interruptible;
            if (SignalDelivery.Pending(self))
            {
                self->State = TaskState.Running;
                if (self->Group->Frozen) AlarmTimers.NoteFrozen(clock, deadline);
                return false;
            }
            if (Time.SleepUntil(clock, deadline) == -Errno.ETIMEDOUT) return true;
        }
    }

    /// <summary>Tells an interrupted sleeper what is left. False with a result when the call is over: nothing left, or a bad address.</summary>
    private static bool WriteRemaining(int clock, long deadline, ulong user, out long result)
    {
        result = 0;
        long left = deadline - Clocks.ReadBase(HrtimerBase.OfClock(clock));
        if (left <= 0) return false;
        // To the end of the timer's slack, within which it may come (hrtimer_expires_remaining).
        left = Ktime.AddSafe(left, (long)Bits.Min(Cpu.CurrentTask->TimerSlackNs, (ulong)TimeUnits.NsecPerSec));
        if (user == 0 || UserTime.WriteNsec(user, left) == 0) return true;
        result = -Errno.EFAULT;
        return false;
    }

    /// <summary>Sleeps while others of the process use CPU time; looked at once per tick, as that is how CPU timers expire.</summary>
    private static long SleepOnCpuTime(int clock, bool absolute, long time)
    {
        ulong used;
        int error = CpuClocks.Read(clock, out used);
        if (error != 0) return error;
        ulong end = absolute ? (ulong)time : used + (ulong)time;
        while (used < end)
        {
            if (!Until(ClockId.Monotonic, Time.MonotonicNs() + TimeUnits.TickNsec)) return absolute ? -Errno.ERESTARTNOHAND : -Errno.EINTR;
            error = CpuClocks.Read(clock, out used);
            if (error != 0) return error;
        }
        return 0;
    }
}
