using CoSim.Os.Loader;
using CoSim.Traces.Format;
using CoSim.Traces.Import;

namespace CoSim.Cli.Workloads;

/// <summary>How a recording becomes a workload.</summary>
/// <param name="Path">The way of clock_gettime, gettimeofday, time and clock_getres; null for the recorded one.</param>
/// <param name="LongestGap">Longer computations and waits between calls are cut to this many nanoseconds.</param>
/// <param name="MostCalls">Calls of each thread that are replayed, from its first.</param>
public sealed record WorkloadChoice(Study.CallPath? Path, ulong LongestGap, int MostCalls);

/// <summary>
/// Makes a workload of an imported trace: the calls on clocks and timers, with what lies between them. A call of another kind is computation, or, when it
/// took long and may wait, a wait.
/// </summary>
public static class WorkloadBuilder
{
    private const int MostThreads = 4096;

    /// <summary>Builds a workload.</summary>
    /// <param name="path">The trace's file, for messages.</param>
    /// <param name="trace">A trace that was imported.</param>
    /// <param name="choice">How.</param>
    /// <exception cref="BadInputException">The trace has no call on a clock or timer.</exception>
    public static Workload Build(string path, TraceReader trace, WorkloadChoice choice)
    {
        int call = Kind(trace, ImportedEvents.Call), start = Kind(trace, ImportedEvents.ThreadStart), end = Kind(trace, ImportedEvents.ThreadEnd);
        if (call < 0)
            throw new BadInputException(path, "not an imported trace (make one with 'cosim trace import')");
        SortedDictionary<string, long> left = new(StringComparer.Ordinal);
        DescriptorTables tables = new();
        AbsoluteTimes times = new();
        Dictionary<ulong, ThreadBuilder> threads = [];
        List<TraceEvent> events = [.. trace.Events()];
        foreach (TraceEvent e in events.Where(e => e.Kind.Id == call))
            times.Learn(RecordedCall.Of(in e));
        foreach (TraceEvent e in events)
        {
            if (e.Kind.Id == call)
            {
                RecordedCall recorded = RecordedCall.Of(in e);
                Thread(recorded.Thread, recorded.Start).Add(recorded);
            }
            else if (e.Kind.Id == start)
            {
                if (e.Values[1] != 0)
                    tables.Inherit(e.Values[0], e.Values[1], e.Values[2] != 0);
                Thread(e.Values[0], Nanoseconds(in e)).Named(e.Text ?? "");
            }
            else if (e.Kind.Id == end)
            {
                Thread(e.Values[0], Nanoseconds(in e)).End(Nanoseconds(in e));
            }
        }

        List<WorkloadThread> built = [.. threads.Values.Select(t => t.Build()).Where(t => t.Measured > 0).OrderBy(t => t.Start).ThenBy(t => t.Id)];
        return built.Count > 0 ? new Workload(built, left) : throw new BadInputException(path, "no call on a clock or timer that can be replayed");

        ThreadBuilder Thread(ulong id, ulong first)
        {
            if (threads.TryGetValue(id, out ThreadBuilder? known))
                return known;
            if (threads.Count == MostThreads)
                throw new BadInputException(path, $"more than {MostThreads} threads");
            ThreadBuilder made = new(id, first, choice, tables, times, left);
            threads.Add(id, made);
            return made;
        }
    }

    private static ulong Nanoseconds(in TraceEvent e) => (ulong)UInt128.Min(e.Time.WholeNanoseconds, long.MaxValue);

    /// <summary>The number of a kind in this trace; -1 when it does not have it, or another of that name.</summary>
    private static int Kind(TraceReader trace, EventKind kind)
    {
        foreach (EventKind known in trace.Header.Kinds)
        {
            if (known.Name == kind.Name && known.Fields.SequenceEqual(kind.Fields))
                return known.Id;
        }

        return -1;
    }
}
