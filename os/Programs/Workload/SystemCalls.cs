namespace CoSim.Os.Programs.Workload;

/// <summary>Numbers and constants of the calls (Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi).</summary>
internal static class Number
{
    public const ulong Read = 0, Close = 3, Poll = 7, Select = 23, Nanosleep = 35, Getitimer = 36, Alarm = 37, Setitimer = 38, Gettimeofday = 96, SigTimedWait = 128, Time = 201, Futex = 202,
        TimerCreate = 222, TimerSettime = 223, TimerGettime = 224, TimerGetoverrun = 225, TimerDelete = 226, ClockGettime = 228, ClockGetres = 229, ClockNanosleep = 230, EpollWait = 232,
        EpollCtl = 233, Pselect = 270, Ppoll = 271, EpollPwait = 281, TimerfdCreate = 283, TimerfdSettime = 286, TimerfdGettime = 287, Eventfd2 = 290, EpollCreate1 = 291, EpollPwait2 = 441;

    public const ulong FutexWaitPrivate = 128, FutexWaitBitsetPrivate = 128 | 9, FutexClockRealtime = 256, AnyBit = 0xFFFF_FFFF;
    public const ulong AbsoluteTime = 1, PollIn = 1, EpollAdd = 1, NonBlocking = 0x800;
    public const long TryAgain = -11, Interrupted = -4, TimedOut = -110;
}
