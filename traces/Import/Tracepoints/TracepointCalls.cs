using CoSim.Traces.Import.Strace;

namespace CoSim.Traces.Import.Tracepoints;

/// <summary>
/// Reads clocks, timeouts and timers out of the numbers that tracepoints of system calls have. What stands behind a pointer is not there: such a
/// timeout comes from the timer that the call started, or else from how long the call took.
/// </summary>
internal static class TracepointCalls
{
    private const long Millisecond = 1_000_000, Second = 1_000_000_000;
    private const ulong AbsoluteTime = 1, FutexCommandMask = 0x7F, FutexClockRealtime = 0x100;

    /// <summary>What a call asks of the clock.</summary>
    /// <param name="name">Its name, canonical.</param>
    /// <param name="a">Its arguments.</param>
    /// <param name="result">What it returned.</param>
    public static ImportedCall Decode(string name, ulong[] a, long result)
    {
        ImportedCall call = new(name) { Result = result, Flags = CallNames.Waits(name) ? CallFlags.Waits : CallFlags.None };
        return name switch
        {
            "clock_gettime" or "clock_getres" or "clock_settime" or "clock_adjtime" or "timer_create" => call with { Clock = Clock(a, 0) },
            "timerfd_create" => call with { Clock = Clock(a, 0), Object = result },
            "nanosleep" => call with { Clock = 1 },
            "clock_nanosleep" => call with { Clock = Clock(a, 0), Flags = call.Flags | Absolute(a, 1) },
            "poll" => call with { Object = (long)At(a, 1), Timeout = Milliseconds(a, 2) },
            "ppoll" => call with { Object = (long)At(a, 1) },
            "select" or "pselect6" => call with { Object = (long)At(a, 0) },
            "epoll_wait" or "epoll_pwait" => call with { Object = (long)At(a, 0), Timeout = Milliseconds(a, 3) },
            "futex" => Futex(call, a),
            "alarm" => call with { Timeout = (long)Math.Min(At(a, 0), uint.MaxValue) * Second },
            "timerfd_settime" or "timer_settime" => call with { Object = (long)At(a, 0), Flags = call.Flags | Absolute(a, 1) },
            "timerfd_gettime" or "timer_gettime" or "timer_getoverrun" or "timer_delete" or "setitimer" or "getitimer" or "read" or "close" or "epoll_pwait2"
                or "dup" or "dup2" or "dup3" or "fcntl" => call with { Object = (long)At(a, 0) },
            _ => call,
        };
    }

    /// <summary>Whether the call has a timeout behind a pointer that is not null.</summary>
    public static bool HasHiddenTimeout(string name, ulong[] a) => name switch
    {
        "nanosleep" => true,
        "clock_nanosleep" or "ppoll" or "rt_sigtimedwait" => At(a, 2) != 0,
        "select" or "pselect6" => At(a, 4) != 0,
        "epoll_pwait2" => At(a, 3) != 0,
        "futex" => IsFutexWait(At(a, 1)) && At(a, 3) != 0,
        "timerfd_settime" or "timer_settime" => At(a, 2) != 0,
        "setitimer" => At(a, 1) != 0,
        _ => false,
    };

    /// <summary>Whether a call sets a timer.</summary>
    public static bool Sets(string name) => name is "timerfd_settime" or "timer_settime" or "setitimer" or "alarm";

    /// <summary>Completes a call whose timeout is behind a pointer.</summary>
    /// <param name="call">The call, with its duration.</param>
    /// <param name="started">Nanoseconds from the start of the call's timer to its expiry; null when no timer was seen.</param>
    public static ImportedCall WithHiddenTimeout(ImportedCall call, long? started)
    {
        if (started is { } distance)
            return call with { Timeout = Math.Max(0, distance) };
        bool known = !Sets(call.Name) && call.Duration != ImportedCall.UnknownDuration;
        return call with { Timeout = known ? (long)Math.Min(call.Duration, long.MaxValue) : -1, Flags = call.Flags | CallFlags.Inferred };
    }

    /// <summary>Notes that a signal came in between.</summary>
    public static ImportedCall WithInterruption(ImportedCall call) =>
        StraceResult.IsInterrupted(call.Result) ? call with { Flags = call.Flags | CallFlags.Interrupted } : call;

    private static ImportedCall Futex(ImportedCall call, ulong[] a)
    {
        ulong operation = At(a, 1);
        if (!IsFutexWait(operation))
            return call with { Flags = CallFlags.None };
        bool relative = (operation & FutexCommandMask) == 0;
        return call with { Clock = (operation & FutexClockRealtime) != 0 ? 0 : 1, Flags = call.Flags | (relative ? CallFlags.None : CallFlags.Absolute) };
    }

    /// <summary>FUTEX_WAIT 0, LOCK_PI 6, WAIT_BITSET 9, WAIT_REQUEUE_PI 11, LOCK_PI2 13 (futex(2)).</summary>
    private static bool IsFutexWait(ulong operation) => (operation & FutexCommandMask) is 0 or 6 or 9 or 11 or 13;

    private static ulong At(ulong[] a, int index) => index < a.Length ? a[index] : 0;

    private static int Clock(ulong[] a, int index) => LinuxClocks.OfNumber(unchecked((int)(uint)At(a, index)));

    private static long Milliseconds(ulong[] a, int index)
    {
        int value = unchecked((int)(uint)At(a, index));
        return value < 0 ? -1 : value * Millisecond;
    }

    private static CallFlags Absolute(ulong[] a, int index) => (At(a, index) & AbsoluteTime) != 0 ? CallFlags.Absolute : CallFlags.None;
}
