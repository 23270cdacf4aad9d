namespace CoSim.Os;

/// <summary>Sleeping with a deadline.</summary>
public static unsafe partial class Time
{
    private struct Sleeper
    {
        internal Hrtimer Timer;
        internal Task* Task;
        internal bool Expired;
    }

    /// <summary>
    /// Gives the CPU away until somebody wakes the task or the deadline passes. The caller has set the task's state and then
    /// tested its condition.
    /// </summary>
    /// <param name="clock">Clock of the deadline.</param>
    /// <param name="deadlineNs">Host time of that clock in nanoseconds; long.MaxValue: none.</param>
    /// <returns>0 when woken, -ETIMEDOUT when the deadline passed.</returns>
    public static int SleepUntil(int clock, long deadlineNs)
    {
        if (deadlineNs == TimeUnits.KtimeMax)
        {
            Scheduler.Schedule();
            return 0;
        }
        byte basis = HrtimerBase.OfClock(clock);
        deadlineNs = Ktime.Saturated(deadlineNs);
        if (deadlineNs <= Clocks.ReadBase(basis))
        {
            // Over already, as for every poll with timeout 0: no timer, no switch.
            Cpu.CurrentTask->State = TaskState.Running;
            return -Errno.ETIMEDOUT;
        }
        Sleeper sleeper;
        sleeper.Task = Cpu.CurrentTask;
        sleeper.Expired = false;
        Hrtimers.Initialise(&sleeper.Timer, basis, &WakeSleeper, &sleeper);
        sleeper.Timer.Wakes = AlarmTimers.Wakes(clock);
        Hrtimers.Start(&sleeper.Timer, deadlineNs);
        Scheduler.Schedule();
        Hrtimers.Cancel(&sleeper.Timer);
        return ReadExpired(&sleeper) ? -Errno.ETIMEDOUT : 0;
    }

    internal static bool WakeSleeper(Hrtimer* timer)
    {
        Sleeper* sleeper = (Sleeper*)timer->Context;
        sleeper->Expired = true;
        Scheduler.Wake(sleeper->Task);
        return false;
    }

    // Not inlined: the timer's function wrote it behind the compiler's back.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static bool ReadExpired(Sleeper* sleeper) => sleeper->Expired;

    /// <summary>Reads a timespec of the caller and makes it a deadline of the host's clock.</summary>
    /// <param name="clock">Clock that the deadline counts in.</param>
    /// <param name="absolute">The timespec is a time, as the caller's namespace sees it; else a duration from now.</param>
    /// <param name="userTimespec">Address of struct timespec.</param>
    /// <param name="error">0, -EFAULT, or -EINVAL for nanoseconds out of range or a negative time.</param>
    public static long DeadlineFromUser(int clock, bool absolute, ulong userTimespec, out int error)
    {
        Timespec time;
        error = UserTime.ReadTimespec(userTimespec, &time);
        if (error != 0) return 0;
        if (!time.IsValid)
        {
            error = -Errno.EINVAL;
            return 0;
        }
        return Deadline(clock, absolute, time.ToKtime());
    }

    /// <summary>
    /// The same for futex(2): absolute monotonic times are those of the caller's namespace since 5.10 only (time namespace reference,
    /// section 5). What made them so took the deadline of FUTEX_LOCK_PI, which is one of CLOCK_REALTIME, for monotonic too, until 5.13.
    /// </summary>
    /// <param name="clock">Clock that the deadline counts in.</param>
    /// <param name="absolute">The timespec is a time; else a duration from now.</param>
    /// <param name="saysRealtime">The caller gave FUTEX_CLOCK_REALTIME.</param>
    /// <param name="userTimespec">Address of struct timespec.</param>
    /// <param name="error">0, -EFAULT, or -EINVAL.</param>
    public static long FutexDeadline(int clock, bool absolute, bool saysRealtime, ulong userTimespec, out int error)
    {
        Timespec time;
        error = UserTime.ReadTimespec(userTimespec, &time);
        if (error == 0 && !time.IsValid) error = -Errno.EINVAL;
        if (error != 0) return 0;
        if (absolute && TimeNamespaces.Semantics <= OsSemantics.Linux56) return time.ToKtime();
        if (TimeNamespaces.Semantics == OsSemantics.Linux510 && !saysRealtime) clock = ClockId.Monotonic;
        return Deadline(clock, absolute, time.ToKtime());
    }

    /// <summary>The same for a time already read and checked, in nanoseconds.</summary>
    internal static long Deadline(int clock, bool absolute, long time)
    {
        if (!absolute) return Ktime.AddSafe(Clocks.ReadBase(HrtimerBase.OfClock(clock)), time);
        return TimensConvert.ToHost(clock, time, &Cpu.CurrentTask->NsProxy->TimeNs->Offsets, TimeNamespaces.Semantics < OsSemantics.Linux612);
    }

    /// <summary>Monotonic deadline for a relative timeout of poll and its like, in milliseconds; negative: none.</summary>
    public static long DeadlineFromMilliseconds(int milliseconds) => milliseconds < 0
        ? TimeUnits.KtimeMax
        : Ktime.AddSafe(MonotonicNs(), milliseconds * TimeUnits.NsecPerMsec);
}
