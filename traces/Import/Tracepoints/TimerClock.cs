namespace CoSim.Traces.Import.Tracepoints;

/// <summary>
/// Relates the times of hrtimers (nanoseconds of their clock) to the recording's own clock: hrtimer_expire_entry shows a timer's clock at a
/// known time (include/trace/events/timer.h). Without one an expiry cannot be turned into a distance.
/// </summary>
internal sealed class TimerClock
{
    private const int Monotonic = 1;

    private readonly Dictionary<ulong, int> _clocks = [];
    private readonly Dictionary<int, long> _offsets = [];

    /// <summary>hrtimer_init (hrtimer_setup from Linux 6.15 on): which clock a timer counts.</summary>
    public void Init(string fields)
    {
        int clock = LinuxClocks.Parse(TracepointFields.Find(fields, "clockid"));
        if (clock >= 0)
            _clocks[Timer(fields)] = clock;
    }

    /// <summary>hrtimer_expire_entry: the timer's clock now.</summary>
    public void Expire(string fields, ulong time)
    {
        if (NumberText.TryInteger(TracepointFields.Find(fields, "now"), out long now))
            _ = _offsets.TryAdd(ClockOf(Timer(fields)), unchecked(now - (long)time));
    }

    /// <summary>hrtimer_start: which clock the timer counts and when it expires; null when the line does not tell.</summary>
    public TimerStart? Start(string fields, ulong time)
    {
        ReadOnlySpan<char> soft = TracepointFields.Find(fields, "softexpires");
        ReadOnlySpan<char> expiry = soft.IsEmpty ? TracepointFields.Find(fields, "expires") : soft;
        return NumberText.TryInteger(expiry, out long value) ? new TimerStart(Timer(fields), ClockOf(Timer(fields)), value, time) : null;
    }

    /// <summary>Nanoseconds from a timer's start to its expiry; null when its clock was never seen.</summary>
    public long? Distance(TimerStart start) =>
        _offsets.TryGetValue(start.Clock, out long offset) ? unchecked(start.Expiry - ((long)start.Time + offset)) : null;

    private int ClockOf(ulong timer) => _clocks.GetValueOrDefault(timer, Monotonic);

    private static ulong Timer(string fields) => NumberText.TryHex(TracepointFields.Find(fields, "hrtimer"), out ulong timer) ? timer : 0;
}

/// <summary>A timer that was started.</summary>
/// <param name="Timer">Its address.</param>
/// <param name="Clock">The clock that it counts.</param>
/// <param name="Expiry">When it expires, in nanoseconds of that clock.</param>
/// <param name="Time">When it was started, in nanoseconds of the recording's clock.</param>
internal readonly record struct TimerStart(ulong Timer, int Clock, long Expiry, ulong Time);
