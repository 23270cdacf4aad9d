namespace CoSim.Os.Timekeeping;

/// <summary>ITIMER_REAL: SIGALRM in real time.</summary>
internal unsafe struct RealItimer
{
    internal Hrtimer Timer;
    internal long Interval;
    internal ThreadGroup* Group;
}

/// <summary>ITIMER_VIRTUAL and ITIMER_PROF: nanoseconds of CPU time; 0 is off.</summary>
internal struct CpuItimer
{
    internal ulong Expires;
    internal ulong Interval;
}

/// <summary>getitimer, setitimer and alarm.</summary>
internal static unsafe class ItimerCalls
{
    private const int Real = 0, Virtual = 1, Profile = 2;

    internal static void Initialise(ProcessTimers* timers, ThreadGroup* group)
    {
        Hrtimers.Initialise(&timers->Real.Timer, HrtimerBase.Monotonic, &Expired, &timers->Real);
        timers->Real.Group = group;
    }

    internal static bool Expired(Hrtimer* timer)
    {
        RealItimer* itimer = (RealItimer*)timer->Context;
        SignalDelivery.SendToGroup(itimer->Group, Signal.ALRM);
        return false;
    }

    /// <summary>A SIGALRM reaches the running process: only then its interval goes on, and one that nobody takes stops it.</summary>
    internal static void SignalTaken(ThreadGroup* group)
    {
        ProcessTimers* timers = (ProcessTimers*)group->TimeData;
        if (timers == null || timers->Real.Interval == 0 || timers->Real.Timer.Queued) return;
        Hrtimer.Forward(&timers->Real.Timer, Time.MonotonicNs(), timers->Real.Interval);
        Hrtimers.Start(&timers->Real.Timer, timers->Real.Timer.Expires);
    }

    /// <summary>The tick's look at a timer of CPU time; the process is the running one.</summary>
    internal static void CheckCpu(CpuItimer* itimer, ThreadGroup* group, ulong used, int signal)
    {
        if (used < itimer->Expires) return;
        itimer->Expires = itimer->Interval == 0 ? 0 : itimer->Expires + itimer->Interval;
        SignalDelivery.SendToGroup(group, signal);
    }

    /// <summary>getitimer(which, value).</summary>
    internal static long Getitimer(TrapFrame* f)
    {
        int which = (int)f->Rdi;
        if ((uint)which > Profile) return -Errno.EINVAL;
        long interval, left;
        Get(which, out interval, out left);
        return Write(f->Rsi, interval, left);
    }

    /// <summary>setitimer(which, value, old); a null value stops the timer, as Linux has always taken it.</summary>
    internal static long Setitimer(TrapFrame* f)
    {
        int which = (int)f->Rdi;
        long* value = stackalloc long[4];
        value[0] = value[1] = value[2] = value[3] = 0;
        if (f->Rsi != 0)
        {
            if (UserMemory.CopyFrom(value, f->Rsi, 32) != 0) return -Errno.EFAULT;
            if (!IsValid(value[0], value[1]) || !IsValid(value[2], value[3])) return -Errno.EINVAL;
        }
        if ((uint)which > Profile) return -Errno.EINVAL;
        long interval, left;
        Get(which, out interval, out left);
        int error = Set(which, ToNsec(value[0], value[1]), ToNsec(value[2], value[3]));
        if (error != 0 || f->Rdx == 0) return error;
        return Write(f->Rdx, interval, left);
    }

    /// <summary>alarm(seconds): the seconds that the previous alarm had left, rounded to nearest but never down to 0.</summary>
    internal static long Alarm(TrapFrame* f)
    {
        long left;
        Get(Real, out _, out left);
        int error = Set(Real, 0, (uint)f->Rdi * TimeUnits.NsecPerSec);
        if (error != 0) return error;
        long sec = left / TimeUnits.NsecPerSec, rest = left % TimeUnits.NsecPerSec;
        if ((sec == 0 && rest != 0) || rest >= TimeUnits.NsecPerSec / 2) sec++;
        // The result is an unsigned int: what setitimer has set may be longer than that.
        return (uint)sec;
    }

    private static bool IsValid(long sec, long usec) => sec >= 0 && (ulong)usec < (ulong)TimeUnits.UsecPerSec;

    private static long ToNsec(long sec, long usec) => new Timespec(sec, usec * TimeUnits.NsecPerUsec).ToKtime();

    private static void Get(int which, out long interval, out long left)
    {
        interval = 0;
        left = 0;
        ThreadGroup* group = Cpu.CurrentTask->Group;
        ProcessTimers* timers = (ProcessTimers*)group->TimeData;
        if (timers == null) return;
        if (which == Real)
        {
            interval = timers->Real.Interval;
            left = Hrtimers.Remaining(&timers->Real.Timer);
            return;
        }
        CpuItimer* itimer = which == Virtual ? &timers->Virtual : &timers->Profile;
        interval = (long)itimer->Interval;
        if (itimer->Expires == 0) return;
        ulong used = Used(group, which);
        left = itimer->Expires > used ? (long)(itimer->Expires - used) : TimeUnits.TickNsec;
    }

    private static ulong Used(ThreadGroup* group, int which) =>
        CpuClocks.GroupTimes(group, true) + (which == Profile ? CpuClocks.GroupTimes(group, false) : 0);

    private static int Set(int which, long interval, long value)
    {
        ThreadGroup* group = Cpu.CurrentTask->Group;
        ProcessTimers* timers = ProcessTimers.Of(group);
        if (timers == null) return -Errno.ENOMEM;
        if (which == Real)
        {
            Hrtimers.Cancel(&timers->Real.Timer);
            timers->Real.Interval = value == 0 ? 0 : interval;
            if (value != 0) Hrtimers.Start(&timers->Real.Timer, Ktime.AddSafe(Time.MonotonicNs(), value));
            return 0;
        }
        CpuItimer* itimer = which == Virtual ? &timers->Virtual : &timers->Profile;
        itimer->Interval = (ulong)interval;
        // A tick more: the one that runs has begun already (set_cpu_itimer).
        itimer->Expires = value == 0 ? 0 : Used(group, which) + (ulong)value + (ulong)TimeUnits.TickNsec;
        return 0;
    }

    private static long Write(ulong user, long interval, long left)
    {
        if (UserTime.WriteTimeval(user, interval) != 0) return -Errno.EFAULT;
        return UserTime.WriteTimeval(user + 16, left);
    }
}
