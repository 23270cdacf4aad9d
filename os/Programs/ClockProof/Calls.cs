namespace CoSim.Os.Programs.ClockProof;

/// <summary>The system calls of timers. Negative results are -errno.</summary>
public static unsafe class Calls
{
    /// <summary>Clocks.</summary>
    public const int Realtime = 0, Monotonic = 1, MonotonicRaw = 4, RealtimeCoarse = 5, MonotonicCoarse = 6, Boottime = 7, Tai = 11;

    /// <summary>Absolute times in clock_nanosleep, timer_settime and timerfd_settime.</summary>
    public const ulong Absolute = 1;

    /// <summary>SIGALRM; the first real-time signal that no library uses.</summary>
    public const int AlarmSignal = 14, TimerSignal = 40;

    private const uint SysPoll = 7, SysLseek = 8, SysSigProcMask = 14, SysPipe = 22, SysNanosleep = 35, SysSetitimer = 38, SysUnlink = 87, SysSigTimedWait = 128, SysFutex = 202,
        SysTimerCreate = 222, SysTimerSettime = 223, SysTimerGetoverrun = 225, SysClockNanosleep = 230, SysTimerfdCreate = 283, SysTimerfdSettime = 286;
    private const ulong FutexWaitPrivate = 128, FutexWaitBitsetPrivate = 9 | 128, AnyBit = 0xFFFF_FFFF;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static long* s_time;

    private static long* Time => s_time != null ? s_time : s_time = (long*)Linux.Allocate(256);

    /// <summary>A timespec at the start of the scratch memory.</summary>
    private static ulong Timespec(long nanoseconds)
    {
        Time[0] = nanoseconds / NanosecondsPerSecond;
        Time[1] = nanoseconds % NanosecondsPerSecond;
        return (ulong)Time;
    }

    /// <summary>An itimerspec: interval, then value.</summary>
    private static ulong Itimerspec(long interval, long value)
    {
        Timespec(interval);
        Time[2] = value / NanosecondsPerSecond;
        Time[3] = value % NanosecondsPerSecond;
        return (ulong)Time;
    }

    public static void Pipe(int* ends) => CoSim.Guest.SystemCall.Invoke(SysPipe, (ulong)ends);

    public static long Nanosleep(long nanoseconds) => CoSim.Guest.SystemCall.Invoke(SysNanosleep, Timespec(nanoseconds));

    public static long ClockNanosleep(int clock, ulong flags, long nanoseconds) =>
        CoSim.Guest.SystemCall.Invoke6(SysClockNanosleep, (ulong)clock, flags, Timespec(nanoseconds), 0, 0, 0);

    public static long FutexWait(uint* word, long nanoseconds) =>
        CoSim.Guest.SystemCall.Invoke6(SysFutex, (ulong)word, FutexWaitPrivate, *word, Timespec(nanoseconds), 0, 0);

    public static long FutexWaitUntil(uint* word, long deadline) =>
        CoSim.Guest.SystemCall.Invoke6(SysFutex, (ulong)word, FutexWaitBitsetPrivate, *word, Timespec(deadline), 0, AnyBit);

    public static long Poll(int descriptor, long milliseconds)
    {
        Time[0] = (uint)descriptor | 1L << 32; // POLLIN
        return CoSim.Guest.SystemCall.Invoke(SysPoll, (ulong)Time, 1, (ulong)milliseconds);
    }

    public static int TimerFile(int clock) => (int)CoSim.Guest.SystemCall.Invoke(SysTimerfdCreate, (ulong)clock, 0);

    public static long SetTimerFile(int file, ulong flags, long interval, long value) =>
        CoSim.Guest.SystemCall.Invoke6(SysTimerfdSettime, (ulong)file, flags, Itimerspec(interval, value), 0, 0, 0);

    /// <summary>A timer of timer_create that sends <see cref="TimerSignal"/>.</summary>
    public static int CreateTimer(int clock)
    {
        Time[0] = 0;
        Time[1] = TimerSignal; // sigev_signo; SIGEV_SIGNAL
        CoSim.Guest.SystemCall.Invoke(SysTimerCreate, (ulong)clock, (ulong)Time, (ulong)(Time + 16));
        return (int)Time[16];
    }

    public static long SetTimer(int timer, ulong flags, long interval, long value) =>
        CoSim.Guest.SystemCall.Invoke6(SysTimerSettime, (ulong)timer, flags, Itimerspec(interval, value), 0, 0, 0);

    public static long Overruns(int timer) => CoSim.Guest.SystemCall.Invoke(SysTimerGetoverrun, (ulong)timer);

    /// <summary>One SIGALRM after a time, in nanoseconds, whole microseconds.</summary>
    public static void Alarm(long nanoseconds)
    {
        Itimerspec(0, nanoseconds);
        Time[3] /= 1000;
        CoSim.Guest.SystemCall.Invoke(SysSetitimer, 0, (ulong)Time, 0);
    }

    public static void Block(int signal)
    {
        Time[0] = 1L << (signal - 1);
        CoSim.Guest.SystemCall.Invoke6(SysSigProcMask, 0, (ulong)Time, 0, 8, 0, 0);
    }

    /// <summary>Waits for a blocked signal; on after a call that was interrupted by nothing.</summary>
    public static long WaitFor(int signal, long nanoseconds)
    {
        ulong time = Timespec(nanoseconds);
        Time[4] = 1L << (signal - 1);
        long result;
        do result = CoSim.Guest.SystemCall.Invoke6(SysSigTimedWait, (ulong)(Time + 4), 0, time, 8, 0, 0);
        while (result == Linux.Interrupted);
        return result;
    }

    public static long Position(int file) => CoSim.Guest.SystemCall.Invoke(SysLseek, (ulong)file, 0, 1);

    public static long Rewind(int file) => CoSim.Guest.SystemCall.Invoke(SysLseek, (ulong)file, 0, 0);

    public static void Unlink(byte* path) => CoSim.Guest.SystemCall.Invoke(SysUnlink, (ulong)path);
}
