using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Import;

/// <summary>
/// Collects the events of a recording and brings them into the order of time: a call is known when it returns but stands where it began. It
/// holds all of them in memory, about 150 bytes each.
/// </summary>
internal sealed class ProgramRecorder
{
    private readonly List<(ulong Time, TraceEvent Event)> _events = [];
    private readonly HashSet<long> _threads = [];

    /// <summary>Adds a call.</summary>
    /// <param name="time">When it began, in nanoseconds of the recording's clock.</param>
    /// <param name="thread">The thread that made it.</param>
    /// <param name="call">The call.</param>
    public void Call(ulong time, long thread, ImportedCall call)
    {
        TraceEvent e = new(ImportedEvents.Call, SimTime.Zero) { Text = call.Name };
        e.Values[1] = (ulong)thread;
        e.Values[2] = unchecked((ulong)(long)call.Clock);
        e.Values[3] = unchecked((ulong)call.Timeout);
        e.Values[4] = call.Interval;
        e.Values[5] = (ulong)call.Flags;
        e.Values[6] = unchecked((ulong)call.Object);
        e.Values[7] = unchecked((ulong)call.Result);
        e.Values[8] = call.Duration;
        Add(time, thread, e);
    }

    /// <summary>Adds a signal.</summary>
    public void Signal(ulong time, long thread, string name)
    {
        TraceEvent e = new(ImportedEvents.Signal, SimTime.Zero) { Text = name };
        e.Values[0] = (ulong)thread;
        Add(time, thread, e);
    }

    /// <summary>Adds the start of a thread, or its name.</summary>
    public void Start(ulong time, long thread, long parent, bool shares, string name)
    {
        TraceEvent e = new(ImportedEvents.ThreadStart, SimTime.Zero) { Text = name };
        e.Values[0] = (ulong)thread;
        e.Values[1] = (ulong)parent;
        e.Values[2] = shares ? 1UL : 0;
        Add(time, thread, e);
    }

    /// <summary>Adds the end of a thread.</summary>
    public void End(ulong time, long thread, long status, string how)
    {
        TraceEvent e = new(ImportedEvents.ThreadEnd, SimTime.Zero) { Text = how };
        e.Values[0] = (ulong)thread;
        e.Values[1] = unchecked((ulong)status);
        Add(time, thread, e);
    }

    /// <summary>Adds a tracepoint of the kernel.</summary>
    public void Kernel(ulong time, long thread, int cpu, string name, ulong subject, long value)
    {
        TraceEvent e = new(ImportedEvents.Kernel, SimTime.Zero) { Text = name };
        e.Values[1] = (ulong)cpu;
        e.Values[2] = (ulong)thread;
        e.Values[3] = subject;
        e.Values[4] = unchecked((ulong)value);
        Add(time, thread, e);
    }

    /// <summary>The events in order, counted from the first one.</summary>
    public IReadOnlyList<TraceEvent> Finish(ImportReport report)
    {
        if (_events.Count == 0)
            return [];
        List<(ulong Time, TraceEvent Event)> ordered = [.. _events.OrderBy(e => e.Time)];
        ulong first = ordered[0].Time;
        ulong last = 0;
        List<TraceEvent> events = new(ordered.Count);
        foreach ((ulong time, TraceEvent unplaced) in ordered)
        {
            TraceEvent e = unplaced;
            ulong since = time - first;
            e.Time = SimTime.FromFemtoseconds(since * (UInt128)SimDuration.FemtosecondsPerNanosecond);
            events.Add(e);
            bool isCall = e.Kind == ImportedEvents.Call;
            ulong duration = isCall && e.Values[8] != ImportedCall.UnknownDuration ? e.Values[8] : 0;
            last = Math.Max(last, Math.Min(since, long.MaxValue) + Math.Min(duration, long.MaxValue));
            string name = isCall ? $"{e.Kind.Name} {e.Text}" : e.Kind.Name;
            report.Events[name] = report.Events.GetValueOrDefault(name) + 1;
        }

        report.Threads = _threads.Count;
        report.Length = last;
        return events;
    }

    private void Add(ulong time, long thread, TraceEvent e)
    {
        if (e.Kind != ImportedEvents.Kernel)
            _ = _threads.Add(thread);
        _events.Add((time, e));
    }
}
