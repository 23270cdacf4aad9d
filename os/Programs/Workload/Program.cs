using System.Runtime;
using CoSim.Guest;

namespace CoSim.Os.Programs.Workload;

/// <summary>Replays the clock and timer calls of a recorded program: one process for each of its threads.</summary>
public static unsafe class Program
{
    private const int StatusUsage = 2, StatusFailed = 1, Monotonic = 1;

    /// <summary>From the last fork to the beginning of the replay: every process has its pages by then.</summary>
    private const long SettlingNanoseconds = 5_000_000;

    /// <summary>Entry point.</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        Options options = Options.Parse(stack);
        Table table = default;
        if (options.Path == null || !Table.Read(options.Path, &table))
        {
            Text.Complain(Linux.Text("workload: no table in "u8), options.Path == null ? Linux.Text("the arguments"u8) : options.Path, 0);
            return StatusUsage;
        }
        if (options.Source >= 0 && !Clocksource.Select((uint)options.Source, Linux.Text("workload"u8))) return StatusFailed;
        Calls.IgnoreTimerSignals();
        long* begin = (long*)Linux.AllocateShared(sizeof(long));
        int status = 0;
        for (uint thread = 1; thread < table.Header->Threads; thread++)
        {
            int child = Linux.Fork();
            if (child == 0) Linux.Exit(Replay.Run(&options, &table, thread, begin));
            if (child < 0) status = StatusFailed;
        }
        *begin = Linux.Clock(Monotonic) + SettlingNanoseconds;
        if (options.Detailed) Marker.Detailed(0);
        status |= Replay.Run(&options, &table, 0, begin);
        for (uint thread = 1; thread < table.Header->Threads; thread++)
        {
            long ended;
            int how;
            while ((ended = Linux.Wait(-1, out how)) == Linux.Interrupted) { }
            if (ended < 0 || how != 0) status = StatusFailed;
        }
        if (options.Detailed) Marker.Functional(0);
        return status;
    }
}
