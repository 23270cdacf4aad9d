namespace CoSim.Os;

/// <summary>Registration of the time code's system calls (numbers of the x86-64 ABI).</summary>
public static unsafe partial class Time
{
    /// <summary>When the kernel builds its system call table.</summary>
    public static void RegisterSystemCalls()
    {
        SystemCalls.SetLean(228, &ClockCalls.Gettime);
        SystemCalls.SetLean(229, &ClockCalls.Getres);
        SystemCalls.SetLean(96, &ClockCalls.Gettimeofday);
        SystemCalls.SetLean(201, &ClockCalls.TimeSeconds);
        SystemCalls.Set(227, &ClockCalls.Settime);
        SystemCalls.Set(164, &ClockCalls.Settimeofday);
        SystemCalls.Set(100, &ClockCalls.Times);
        SystemCalls.Set(159, &ClockCalls.AdjTimex);
        SystemCalls.Set(305, &ClockCalls.ClockAdjtime);
        SystemCalls.Set(35, &SleepCalls.Nanosleep);
        SystemCalls.Set(230, &SleepCalls.ClockNanosleep);

        SystemCalls.Set(36, &ItimerCalls.Getitimer);
        SystemCalls.Set(37, &ItimerCalls.Alarm);
        SystemCalls.Set(38, &ItimerCalls.Setitimer);

        SystemCalls.Set(222, &PosixTimerCalls.Create);
        SystemCalls.Set(223, &PosixTimerCalls.Settime);
        SystemCalls.Set(224, &PosixTimerCalls.Gettime);
        SystemCalls.Set(225, &PosixTimerCalls.Getoverrun);
        SystemCalls.Set(226, &PosixTimerCalls.Delete);

        SystemCalls.Set(283, &TimerFds.Create);
        SystemCalls.Set(286, &TimerFds.Settime);
        SystemCalls.Set(287, &TimerFds.Gettime);
    }
}
