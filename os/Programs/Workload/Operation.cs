namespace CoSim.Os.Programs.Workload;

/// <summary>What a thread of a workload does next. The numbers stand in tables; the calls are those of Linux (syscalls(2)).</summary>
public enum OperationKind : byte
{
    /// <summary>Waits for something that is not a timer: sleeps as long as the recording did, unmeasured.</summary>
    Wait = 0,
    ClockGettime = 1,
    Gettimeofday = 2,
    Time = 3,
    ClockGetres = 4,
    Nanosleep = 5,
    ClockNanosleep = 6,
    Poll = 7,
    Ppoll = 8,
    Select = 9,
    Pselect = 10,
    EpollWait = 11,
    EpollPwait = 12,
    EpollPwait2 = 13,
    FutexWait = 14,
    FutexWaitBitset = 15,
    SignalTimedWait = 16,
    TimerfdCreate = 17,
    TimerfdSettime = 18,
    TimerfdGettime = 19,
    TimerfdRead = 20,
    TimerfdClose = 21,
    TimerCreate = 22,
    TimerSettime = 23,
    TimerGettime = 24,
    TimerGetoverrun = 25,
    TimerDelete = 26,
    Setitimer = 27,
    Getitimer = 28,
    Alarm = 29,

    /// <summary>Nothing: the computation before a thread's end.</summary>
    End = 30,
}

/// <summary>How it is done.</summary>
[System.Flags]
public enum OperationFlags : byte
{
    /// <summary>As a system call, measured.</summary>
    None = 0,

    /// <summary>Through the vDSO.</summary>
    Library = 1,

    /// <summary>The time is one of the clock, not a distance.</summary>
    Absolute = 2,

    /// <summary>Not measured: the recorded thread did not make this call, but its calls need it.</summary>
    Silent = 4,
}

/// <summary>One row of a workload's table: 40 bytes, little-endian. Times are in nanoseconds; all ones stands for none.</summary>
public struct Operation
{
    /// <summary>Bytes of a row.</summary>
    public const int Size = 40;

    /// <summary>No time.</summary>
    public const ulong Never = ulong.MaxValue;

    /// <summary>Computation since the call before.</summary>
    public ulong Gap;

    /// <summary>The timeout, or a timer's first expiry.</summary>
    public ulong Timeout;

    /// <summary>A timer's period.</summary>
    public ulong Interval;

    /// <summary>How long after its beginning something else ends the call; 0: before it begins.</summary>
    public ulong Woken;

    /// <summary>What to do.</summary>
    public OperationKind Kind;

    /// <summary>How.</summary>
    public OperationFlags Flags;

    /// <summary>Clock id.</summary>
    public short Clock;

    /// <summary>Place of the timer among the thread's, number of descriptors, or which interval timer.</summary>
    public int Object;
}

/// <summary>The beginning of a workload's table: 16 bytes. For each thread follow a <see cref="ThreadHeader"/>, and then the rows of all threads.</summary>
public struct TableHeader
{
    /// <summary>"CoSimWL1".</summary>
    public const ulong Magic = 0x314C576D69536F43;

    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Must be <see cref="Magic"/>.</summary>
    public ulong Signature;

    /// <summary>Threads, at least one.</summary>
    public uint Threads;

    /// <summary>Ticks of the TSC in a microsecond.</summary>
    public uint TicksPerMicrosecond;
}

/// <summary>What a table says of a thread: 16 bytes.</summary>
public struct ThreadHeader
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Its first event, in nanoseconds from the recording's.</summary>
    public ulong Start;

    /// <summary>Its rows.</summary>
    public uint Count;

    /// <summary>Its timers.</summary>
    public uint Objects;
}

/// <summary>The numbers that mark spans: the thread in bits 63-32, the row in bits 31-0.</summary>
public static class WorkloadSpan
{
    /// <summary>The row number that stands for a thread's whole life.</summary>
    public const uint Life = 0xFFFF_FFFF;

    /// <summary>A call that is not measured: all ones.</summary>
    public const ulong Silent = ulong.MaxValue;
}
