namespace CoSim.Traces.Import.Tracepoints;

/// <summary>
/// Finds the periods of timers, which stand behind pointers: a timer with a period is started again when it has expired, by whole periods later. The
/// shortest distance between two starts is the best that can be known.
/// </summary>
internal sealed class PeriodicTimers
{
    private readonly Dictionary<ulong, (TimerStart Set, long Expiry)> _running = [];
    private readonly Dictionary<TimerStart, long> _periods = [];

    /// <summary>A call has set a timer.</summary>
    public void Set(TimerStart start) => _running[start.Timer] = (start, start.Expiry);

    /// <summary>A timer is started that no call sets now.</summary>
    public void Again(TimerStart start)
    {
        if (!_running.TryGetValue(start.Timer, out (TimerStart Set, long Expiry) running) || start.Expiry <= running.Expiry)
            return;
        long distance = start.Expiry - running.Expiry;
        _periods[running.Set] = _periods.TryGetValue(running.Set, out long known) ? Math.Min(known, distance) : distance;
        _running[start.Timer] = (running.Set, start.Expiry);
    }

    /// <summary>The period of a timer that a call has set, in nanoseconds; 0 when it was never started again.</summary>
    public ulong Of(TimerStart set) => _periods.TryGetValue(set, out long period) ? (ulong)period : 0;
}
