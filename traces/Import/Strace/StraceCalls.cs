namespace CoSim.Traces.Import.Strace;

/// <summary>Reads clocks, timeouts and timers out of the arguments that strace prints.</summary>
internal static class StraceCalls
{
    private const long Microsecond = 1000, Millisecond = 1_000_000, Second = 1_000_000_000, Nanosecond = 1;

    /// <summary>What a call asks of the clock.</summary>
    /// <param name="name">Its name, canonical.</param>
    /// <param name="a">Its arguments.</param>
    /// <param name="result">What it returned.</param>
    /// <exception cref="LineException">An argument that matters is missing or cannot be read.</exception>
    public static ImportedCall Decode(string name, List<string> a, long result)
    {
        ImportedCall call = new(name) { Result = result, Flags = CallNames.Waits(name) ? CallFlags.Waits : CallFlags.None };
        switch (name)
        {
            case "clock_gettime" or "clock_getres" or "clock_settime" or "clock_adjtime":
                return call with { Clock = Clock(a, 0) };
            case "nanosleep":
                return call with { Clock = 1, Timeout = Time(a, 0, Nanosecond) };
            case "clock_nanosleep":
                return call with { Clock = Clock(a, 0), Timeout = Time(a, 2, Nanosecond), Flags = call.Flags | Absolute(a, 1) };
            case "poll":
                return call with { Object = StraceText.Number(At(a, 1)), Timeout = Milliseconds(a, 2) };
            case "ppoll":
                return call with { Object = StraceText.Number(At(a, 1)), Timeout = Time(a, 2, Nanosecond) };
            case "select":
                return call with { Object = StraceText.Number(At(a, 0)), Timeout = Time(a, 4, Microsecond) };
            case "pselect6":
                return call with { Object = StraceText.Number(At(a, 0)), Timeout = Time(a, 4, Nanosecond) };
            case "epoll_wait" or "epoll_pwait":
                return call with { Object = StraceText.Number(At(a, 0)), Timeout = Milliseconds(a, 3) };
            case "epoll_pwait2":
                return call with { Object = StraceText.Number(At(a, 0)), Timeout = Time(a, 3, Nanosecond) };
            case "futex":
                return Futex(call, a);
            case "rt_sigtimedwait":
                return call with { Timeout = Time(a, 2, Nanosecond) };
            case "alarm":
                return call with { Timeout = Math.Clamp(StraceText.Number(At(a, 0)), 0, uint.MaxValue) * Second };
            default:
                return Timer(call, a);
        }
    }

    private static ImportedCall Timer(ImportedCall call, List<string> a)
    {
        switch (call.Name)
        {
            case "timerfd_create":
                return call with { Clock = Clock(a, 0), Object = call.Result };
            case "timer_create":
                string id = At(a, 2);
                return call with { Clock = Clock(a, 0), Object = call.Result == 0 && id is ['[', .., ']'] ? StraceText.Number(id[1..^1]) : -1 };
            case "timerfd_settime" or "timer_settime":
                return WithValue(call, At(a, 2), Nanosecond) with { Object = StraceText.Number(At(a, 0)), Flags = call.Flags | Absolute(a, 1) };
            case "setitimer":
                return WithValue(call, At(a, 1), Microsecond) with { Object = IntervalTimer(At(a, 0)) };
            case "getitimer":
                return call with { Object = IntervalTimer(At(a, 0)) };
            case "timerfd_gettime" or "timer_gettime" or "timer_getoverrun" or "timer_delete" or "read" or "close":
                return call with { Object = StraceText.Number(At(a, 0)) };
            case "dup" or "dup2" or "dup3" or "fcntl":
                return call with { Object = StraceText.Number(At(a, 0)) };
            default:
                return call;
        }
    }

    private static ImportedCall Futex(ImportedCall call, List<string> a)
    {
        string operation = At(a, 1);
        if (!operation.Contains("FUTEX_WAIT", StringComparison.Ordinal) && !operation.Contains("FUTEX_LOCK_PI", StringComparison.Ordinal))
            return call with { Flags = CallFlags.None };
        bool absolute = !operation.StartsWith("FUTEX_WAIT", StringComparison.Ordinal) || operation.Contains("BITSET", StringComparison.Ordinal) || operation.Contains("REQUEUE", StringComparison.Ordinal);
        bool realtime = operation.Contains("FUTEX_CLOCK_REALTIME", StringComparison.Ordinal) || operation.StartsWith("FUTEX_LOCK_PI", StringComparison.Ordinal);
        long timeout = a.Count > 3 ? Time(a, 3, Nanosecond) : -1;
        return call with { Clock = realtime ? 0 : 1, Timeout = timeout, Flags = call.Flags | (absolute ? CallFlags.Absolute : CallFlags.None) };
    }

    /// <summary>A struct itimerspec or itimerval: the first expiry and the period.</summary>
    private static ImportedCall WithValue(ImportedCall call, string text, long unit)
    {
        if (text == "NULL")
            return call;
        long value = StraceText.Time(StraceText.Member(text, "it_value"), unit) ?? -1;
        long interval = StraceText.Time(StraceText.Member(text, "it_interval"), unit) ?? 0;
        return call with { Timeout = value, Interval = (ulong)Math.Max(0, interval) };
    }

    private static int IntervalTimer(string text) => text switch
    {
        "ITIMER_REAL" => 0,
        "ITIMER_VIRTUAL" => 1,
        "ITIMER_PROF" => 2,
        _ => throw new LineException("no such interval timer"),
    };

    private static string At(List<string> arguments, int index) => index < arguments.Count ? arguments[index] : throw new LineException("an argument is missing");

    private static int Clock(List<string> arguments, int index)
    {
        int clock = LinuxClocks.Parse(At(arguments, index));
        return clock >= 0 ? clock : throw new LineException("no such clock");
    }

    private static long Time(List<string> arguments, int index, long unit) => StraceText.Time(At(arguments, index), unit) is { } time ? Math.Max(0, time) : -1;

    private static long Milliseconds(List<string> arguments, int index)
    {
        long value = StraceText.Number(At(arguments, index));
        return value < 0 ? -1 : Math.Min(value, int.MaxValue) * Millisecond;
    }

    private static CallFlags Absolute(List<string> arguments, int index) => At(arguments, index).Contains("ABSTIME", StringComparison.Ordinal) ? CallFlags.Absolute : CallFlags.None;
}
