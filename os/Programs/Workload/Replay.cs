using CoSim.Guest;

namespace CoSim.Os.Programs.Workload;

/// <summary>Replays one thread.</summary>
public static unsafe class Replay
{
    private const ulong NanosecondsPerMicrosecond = 1000;

    /// <summary>Replays a thread from its start to its end.</summary>
    /// <param name="options">The program's arguments.</param>
    /// <param name="table">The workload.</param>
    /// <param name="thread">Which thread.</param>
    /// <param name="begin">The time at which the recording begins, of the monotonic clock; 0 as long as it is not known.</param>
    /// <returns>The exit status.</returns>
    public static int Run(Options* options, Table* table, uint thread, long* begin)
    {
        ulong core = 1UL << (int)(thread % options->Cores);
        Linux.SetAffinity(&core);
        ThreadHeader* header = table->Threads + thread;
        Operation* rows = table->RowsOf(thread);
        Gap.Prepare();
        Calls calls = default;
        if (!calls.Prepare(options->Vdso, header->Objects))
        {
            Text.Complain(Linux.Text("workload: no memory or no descriptors for a thread"u8), Linux.Text(""u8), thread);
            return 1;
        }
        while (System.Threading.Volatile.Read(ref *begin) == 0) Linux.Sleep(1_000_000);
        Linux.SleepUntil(*begin + (long)header->Start);
        ulong life = (ulong)thread << 32 | WorkloadSpan.Life;
        Marker.SpanBegin(life);
        ulong end = Machine.Rdtsc();
        int status = 0;
        for (uint i = 0; i < header->Count; i++)
        {
            Operation* row = rows + i;
            calls.Arm(row);
            Gap.Until(end + Ticks(row->Gap, table->Header->TicksPerMicrosecond));
            bool silent = (row->Flags & OperationFlags.Silent) != 0;
            if (options->Cold && !silent) Marker.Cold(0);
            long result = calls.Make(row, silent ? WorkloadSpan.Silent : (ulong)thread << 32 | i);
            end = Machine.Rdtsc();
            if (!calls.Complete(row, result))
            {
                Text.Complain(Linux.Text("workload: a call failed: kind, row, error"u8), Linux.Text(""u8), (long)row->Kind);
                Text.Complain(Linux.Text("workload:"u8), Linux.Text(""u8), i);
                Text.Complain(Linux.Text("workload:"u8), Linux.Text(""u8), result);
                status = 1;
            }
        }
        Marker.SpanEnd(life);
        return status;
    }

    private static ulong Ticks(ulong nanoseconds, uint ticksPerMicrosecond) =>
        nanoseconds / NanosecondsPerMicrosecond * ticksPerMicrosecond + nanoseconds % NanosecondsPerMicrosecond * ticksPerMicrosecond / NanosecondsPerMicrosecond;
}
