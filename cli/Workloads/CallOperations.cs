using CoSim.Os.Programs.Workload;
using CoSim.Traces.Import;

namespace CoSim.Cli.Workloads;

/// <summary>Which operation of the guest replays a call.</summary>
internal static class CallOperations
{
    private const int Monotonic = 1, ProcessTime = 2, ThreadTime = 3;

    private static readonly Dictionary<string, OperationKind> Kinds = new(StringComparer.Ordinal)
    {
        ["clock_gettime"] = OperationKind.ClockGettime,
        ["gettimeofday"] = OperationKind.Gettimeofday,
        ["time"] = OperationKind.Time,
        ["clock_getres"] = OperationKind.ClockGetres,
        ["nanosleep"] = OperationKind.Nanosleep,
        ["clock_nanosleep"] = OperationKind.ClockNanosleep,
        ["poll"] = OperationKind.Poll,
        ["ppoll"] = OperationKind.Ppoll,
        ["select"] = OperationKind.Select,
        ["pselect6"] = OperationKind.Pselect,
        ["epoll_wait"] = OperationKind.EpollWait,
        ["epoll_pwait"] = OperationKind.EpollPwait,
        ["epoll_pwait2"] = OperationKind.EpollPwait2,
        ["rt_sigtimedwait"] = OperationKind.SignalTimedWait,
        ["timerfd_create"] = OperationKind.TimerfdCreate,
        ["timerfd_settime"] = OperationKind.TimerfdSettime,
        ["timerfd_gettime"] = OperationKind.TimerfdGettime,
        ["timer_create"] = OperationKind.TimerCreate,
        ["timer_settime"] = OperationKind.TimerSettime,
        ["timer_gettime"] = OperationKind.TimerGettime,
        ["timer_getoverrun"] = OperationKind.TimerGetoverrun,
        ["timer_delete"] = OperationKind.TimerDelete,
        ["setitimer"] = OperationKind.Setitimer,
        ["getitimer"] = OperationKind.Getitimer,
        ["alarm"] = OperationKind.Alarm,
    };

    /// <summary>Calls on clocks and timers that no operation replays: they would change the clocks, or need what the guest does not have.</summary>
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "clock_settime", "settimeofday", "adjtimex", "clock_adjtime", "semtimedop", "io_getevents", "io_pgetevents", "recvmmsg", "mq_timedsend", "mq_timedreceive", "futex_waitv",
        "restart_syscall", "times",
    };

    /// <summary>Whether a call asks something of a clock or timer.</summary>
    public static bool IsTimed(RecordedCall call) =>
        Kinds.ContainsKey(call.Name) || Others.Contains(call.Name) || (call.Name == "futex" && call.Timeout >= 0);

    /// <summary>The operation of a call without its times; null when there is none.</summary>
    public static Operation? Of(RecordedCall call, DescriptorTables.Timers timers)
    {
        OperationKind kind;
        if (call.Name == "futex")
        {
            // Without a timeout it is a lock, and no call on a timer.
            if (call.Timeout < 0)
                return null;
            kind = (call.Flags & CallFlags.Absolute) != 0 ? OperationKind.FutexWaitBitset : OperationKind.FutexWait;
        }
        else if (call.Name == "read")
        {
            if (!timers.Descriptors.ContainsKey(call.Object) || call.Result != sizeof(ulong))
                return null;
            kind = OperationKind.TimerfdRead;
        }
        else if (!Kinds.TryGetValue(call.Name, out kind))
        {
            return null;
        }

        int clock = call.Clock < 0 ? Monotonic : call.Clock;
        // A sleep by processor time would not end in a process that only replays.
        if (kind == OperationKind.ClockNanosleep && clock is ProcessTime or ThreadTime)
            clock = Monotonic;
        return new Operation { Kind = kind, Clock = (short)clock, Timeout = Operation.Never, Woken = Operation.Never, Object = (int)Math.Clamp(call.Object, -1, int.MaxValue) };
    }
}
