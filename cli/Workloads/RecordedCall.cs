using CoSim.Traces.Format;
using CoSim.Traces.Import;

namespace CoSim.Cli.Workloads;

/// <summary>A call as an imported trace has it (<see cref="ImportedEvents.Call"/>).</summary>
internal readonly record struct RecordedCall(string Name, ulong Start, ulong Thread, int Clock, long Timeout, ulong Interval, CallFlags Flags, long Object, long Result, ulong? Duration)
{
    /// <summary>-errno values that mean that the time was over, that there was nothing yet, or that a signal came.</summary>
    private const long TimedOut = -110, TryAgain = -11, Interrupted = -4, FirstRestart = -512, LastRestart = -516;

    /// <summary>When the call returned, in nanoseconds.</summary>
    public ulong End => Start + (Duration ?? 0);

    /// <summary>Whether the call failed so that replaying it means nothing.</summary>
    public bool Failed => Result < 0 && Result is not (TimedOut or TryAgain) && !WasInterrupted;

    /// <summary>Whether a signal ended it.</summary>
    public bool WasInterrupted => Result is Interrupted or (<= FirstRestart and >= LastRestart);

    /// <summary>Whether it found nothing to wait for.</summary>
    public bool FoundChange => Result == TryAgain;

    /// <summary>Whether it returned because its time was over: sleeps return 0 then, futexes and rt_sigtimedwait an error, polls no descriptor.</summary>
    public bool Expired => Timeout >= 0 && !WasInterrupted && Name switch
    {
        "futex" => Result == TimedOut,
        "rt_sigtimedwait" => Result == TryAgain,
        _ => Result == 0,
    };

    /// <summary>The call of an event of that kind.</summary>
    public static RecordedCall Of(in TraceEvent e)
    {
        ulong duration = e.Values[8];
        return new RecordedCall(
            e.Text ?? "",
            (ulong)UInt128.Min(e.Time.WholeNanoseconds, long.MaxValue),
            e.Values[1],
            (int)Math.Clamp(unchecked((long)e.Values[2]), -1, byte.MaxValue),
            unchecked((long)e.Values[3]),
            Math.Min(e.Values[4], long.MaxValue),
            (CallFlags)(e.Values[5] & int.MaxValue),
            unchecked((long)e.Values[6]),
            unchecked((long)e.Values[7]),
            duration == ImportedCall.UnknownDuration ? null : Math.Min(duration, long.MaxValue));
    }
}
