namespace CoSim.Os.Timekeeping;

/// <summary>clock_gettime, clock_getres, clock_settime, gettimeofday, settimeofday, time, times.</summary>
internal static unsafe class ClockCalls
{
    /// <summary>
    /// clock_gettime(clock, timespec). Clocks of the timekeeper are read without a lock; the caller's namespace adds its
    /// offset (time namespace reference, section 5).
    /// </summary>
    internal static long Gettime(TrapFrame* f)
    {
        int clock = (int)f->Rdi;
        long nsec;
        if (Clocks.Read(clock, out nsec))
        {
            TimeNamespace* ns = Cpu.CurrentTask->NsProxy->TimeNs;
            if (ns->VvarPage != 0) nsec += NamespaceOffset(ns, clock);
            return UserTime.WriteNsec(f->Rsi, nsec);
        }
        if (!CpuClocks.Is(clock)) return -Errno.EINVAL;
        ulong used;
        int error = CpuClocks.Read(clock, out used);
        return error != 0 ? error : UserTime.WriteNsec(f->Rsi, (long)used);
    }

    // Offsets are checked when they are set, so these sums neither overflow nor become negative.
    private static long NamespaceOffset(TimeNamespace* ns, int clock)
    {
        if (clock is ClockId.Monotonic or ClockId.MonotonicRaw or ClockId.MonotonicCoarse)
            return Nanoseconds(ns->Offsets.Monotonic.Sec, ns->Offsets.Monotonic.Nsec);
        if (clock is ClockId.Boottime or ClockId.BoottimeAlarm)
            return Nanoseconds(ns->Offsets.Boottime.Sec, ns->Offsets.Boottime.Nsec);
        return 0;
    }

    // Negative nanoseconds can be there up to 6.1.190. Linux carries them second by second, each time that they are added.
    private static long Nanoseconds(long sec, long nsec)
    {
        for (; nsec < 0; sec--) nsec += TimeUnits.NsecPerSec;
        return sec * TimeUnits.NsecPerSec + nsec;
    }

    /// <summary>clock_getres(clock, timespec): 1 ns in high-resolution mode, a tick for coarse clocks. The pointer may be null.</summary>
    internal static long Getres(TrapFrame* f)
    {
        int clock = (int)f->Rdi;
        long resolution;
        switch (clock)
        {
            case ClockId.RealtimeCoarse:
            case ClockId.MonotonicCoarse:
                resolution = TimeUnits.TickNsec;
                break;
            case >= ClockId.Realtime and <= ClockId.BoottimeAlarm:
            case ClockId.Tai:
                resolution = clock is ClockId.ProcessCpuTime or ClockId.ThreadCpuTime ? 1 : Hrtimers.Resolution;
                break;
            default:
                if (!CpuClocks.Is(clock)) return -Errno.EINVAL;
                int error = CpuClocks.Read(clock, out _);
                if (error != 0) return error;
                resolution = CpuClocks.Resolution(clock);
                break;
        }
        return f->Rsi == 0 ? 0 : UserMemory.WritePair(f->Rsi, 0, (ulong)resolution);
    }

    /// <summary>clock_settime(clock, timespec): only CLOCK_REALTIME can be set.</summary>
    internal static long Settime(TrapFrame* f)
    {
        int clock = (int)f->Rdi;
        // The clocks of other processes have a set operation, which refuses; the caller's own have none.
        bool cpu = CpuClocks.HasOperations(clock);
        if (clock != ClockId.Realtime && !cpu) return -Errno.EINVAL;
        Timespec value;
        int error = UserTime.ReadTimespec(f->Rsi, &value);
        if (error != 0) return error;
        if (cpu) return !CpuClocks.Is(clock) || CpuClocks.Read(clock, out _) != 0 ? -Errno.EINVAL : -Errno.EPERM;
        if (!value.IsValidSettod) return -Errno.EINVAL;
        return !Permission.Capable(Cap.SysTime) ? -Errno.EPERM : Clocks.SetRealtime(value);
    }

    /// <summary>gettimeofday(timeval, timezone); either may be null.</summary>
    internal static long Gettimeofday(TrapFrame* f)
    {
        if (f->Rdi != 0 && UserTime.WriteTimeval(f->Rdi, Timekeeper.RealtimeNs(Clocks.Tk)) != 0) return -Errno.EFAULT;
        if (f->Rsi == 0) return 0;
        return UserMemory.Write64(f->Rsi, (uint)Clocks.TzMinutesWest | (ulong)(uint)Clocks.TzDstTime << 32);
    }

    /// <summary>settimeofday(timeval, timezone); either may be null.</summary>
    internal static long Settimeofday(TrapFrame* f)
    {
        Timespec value = default;
        if (f->Rdi != 0)
        {
            int error = UserTime.ReadTimespec(f->Rdi, &value);
            if (error != 0) return error;
            if (value.Nsec < 0 || value.Nsec >= TimeUnits.UsecPerSec) return -Errno.EINVAL;
            value.Nsec *= TimeUnits.NsecPerUsec;
        }
        ulong zone = 0;
        if (f->Rsi != 0 && UserMemory.Read64(f->Rsi, out zone) != 0) return -Errno.EFAULT;
        if (f->Rdi != 0 && !value.IsValidSettod) return -Errno.EINVAL;
        if (!Permission.Capable(Cap.SysTime)) return -Errno.EPERM;
        if (f->Rsi != 0)
        {
            int west = (int)zone;
            if (west > 15 * 60 || west < -15 * 60) return -Errno.EINVAL;
            Clocks.SetTimezone(west, (int)(zone >> 32));
        }
        return f->Rdi != 0 ? Clocks.SetRealtime(value) : 0;
    }

    /// <summary>time(result): seconds since 1970 at the last tick.</summary>
    internal static long TimeSeconds(TrapFrame* f)
    {
        long sec = Timekeeper.RealSeconds(Clocks.Tk);
        if (f->Rdi != 0 && UserMemory.Write64(f->Rdi, (ulong)sec) != 0) return -Errno.EFAULT;
        return sec;
    }

    /// <summary>times(tms): CPU times in USER_HZ, and jiffies, which no namespace changes, as result.</summary>
    internal static long Times(TrapFrame* f)
    {
        const ulong nsecPerUserTick = (ulong)(TimeUnits.NsecPerSec / TimeUnits.UserHz);
        if (f->Rdi != 0)
        {
            ThreadGroup* group = Cpu.CurrentTask->Group;
            ulong* tms = stackalloc ulong[4];
            tms[0] = CpuClocks.GroupTimes(group, true) / nsecPerUserTick;
            tms[1] = CpuClocks.GroupTimes(group, false) / nsecPerUserTick;
            tms[2] = group->ChildrenUserNs / nsecPerUserTick;
            tms[3] = group->ChildrenSystemNs / nsecPerUserTick;
            if (UserMemory.CopyTo(f->Rdi, tms, 32) != 0) return -Errno.EFAULT;
        }
        return (long)(Tick.Jiffies * (ulong)TimeUnits.UserHz / TimeUnits.Hz);
    }

    /// <summary>adjtimex(timex).</summary>
    internal static long AdjTimex(TrapFrame* f) => Adjust(f->Rdi, true);

    /// <summary>clock_adjtime(clock, timex): only CLOCK_REALTIME has it.</summary>
    internal static long ClockAdjtime(TrapFrame* f)
    {
        int clock = (int)f->Rdi;
        if (clock == ClockId.Realtime) return Adjust(f->Rsi, false);
        Timex txc;
        if (UserMemory.CopyFrom(&txc, f->Rsi, (ulong)sizeof(Timex)) != 0) return -Errno.EFAULT;
        bool known = clock is > ClockId.Realtime and <= ClockId.BoottimeAlarm or ClockId.Tai || CpuClocks.HasOperations(clock) && !CpuClocks.IsDevice(clock);
        return known ? -Errno.EOPNOTSUPP : -Errno.EINVAL;
    }

    /// <param name="user">The caller's struct timex.</param>
    /// <param name="always">adjtimex writes it back after an error too, where one that cannot be written hides the error.</param>
    private static long Adjust(ulong user, bool always)
    {
        Timex txc;
        if (UserMemory.CopyFrom(&txc, user, (ulong)sizeof(Timex)) != 0) return -Errno.EFAULT;
        int result = Clocks.AdjTimex(&txc, Permission.Capable(Cap.SysTime));
        if ((result >= 0 || always) && UserMemory.CopyTo(user, &txc, (ulong)sizeof(Timex)) != 0) return -Errno.EFAULT;
        return result;
    }
}
