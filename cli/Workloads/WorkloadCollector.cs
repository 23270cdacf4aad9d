using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Os.Programs.Workload;

namespace CoSim.Cli.Workloads;

/// <summary>
/// Turns markers, page tables, waiting and retirements of the cores into measurements. A call's cycles are those of its core from the begin to the end
/// marker, without those in which another process's page table is loaded or the core waits. The kernel keeps the page table of the thread that
/// went to sleep while nothing else runs, so that the interrupt which wakes it counts too.
/// </summary>
public sealed class WorkloadCollector : IExecutionProbe
{
    /// <summary>CR3's bits that name the page table (AMD APM vol. 2, 5.3.2).</summary>
    private const ulong PageTableMask = 0x000F_FFFF_FFFF_F000;

    private const uint NanosecondsPerMicrosecond = 1000;

    private readonly Workload _workload;
    private readonly uint _megahertz;
    private readonly bool _attributes;
    private readonly CoreView[] _cores;
    private readonly Dictionary<uint, OpenCall> _open = [];
    private readonly Dictionary<uint, ulong> _lives = [];
    private readonly Dictionary<WorkloadRow, RowMeasurements> _rows = [];
    private readonly ThreadMeasurements?[] _threads;

    /// <summary>Makes a collector.</summary>
    /// <param name="workload">What is replayed.</param>
    /// <param name="cores">Number of cores.</param>
    /// <param name="megahertz">Their clock.</param>
    /// <param name="attributes">Whether the engine charges cycles to causes.</param>
    public WorkloadCollector(Workload workload, int cores, uint megahertz, bool attributes)
    {
        _workload = workload;
        _megahertz = megahertz;
        _attributes = attributes;
        _cores = [.. Enumerable.Range(0, cores).Select(_ => new CoreView())];
        _threads = new ThreadMeasurements?[workload.Threads.Count];
    }

    /// <summary>Calls that were measured.</summary>
    public int Completed { get; private set; }

    /// <summary>Calls that were given up: their ends were on other cores, or never came.</summary>
    public int Abandoned { get; private set; }

    /// <summary>The rows, those that kept cores busy longest first.</summary>
    public IReadOnlyList<RowMeasurements> Rows =>
        [.. _rows.Values.OrderByDescending(r => r.TotalBusy).ThenBy(r => r.Row.Call, StringComparer.Ordinal).ThenBy(r => r.Row.Clock).ThenBy(r => r.Row.End).ThenBy(r => r.Row.Library)];

    /// <summary>The threads that came to their ends.</summary>
    public IReadOnlyList<ThreadMeasurements> Threads => [.. _threads.OfType<ThreadMeasurements>()];

    /// <summary>A begin marker.</summary>
    public void Begin(int core, ulong span, ulong cycle)
    {
        if (span == WorkloadSpan.Silent)
            return;
        (uint thread, uint row) = ((uint)(span >> 32), (uint)span);
        if (row == WorkloadSpan.Life)
        {
            _lives[thread] = cycle;
            return;
        }

        CoreView view = _cores[core];
        Advance(view, cycle);
        if (_open.ContainsKey(thread))
            Abandoned++;
        _open[thread] = view.Current = new OpenCall(row, core, view.PageTable, cycle, new ulong[_attributes ? CycleCauses.Count : 0]);
    }

    /// <summary>An end marker.</summary>
    public void End(int core, ulong span, ulong cycle)
    {
        if (span == WorkloadSpan.Silent)
            return;
        (uint thread, uint row) = ((uint)(span >> 32), (uint)span);
        if (thread >= _threads.Length)
            return;
        WorkloadThread of = _workload.Threads[(int)thread];
        if (row == WorkloadSpan.Life)
        {
            if (_lives.Remove(thread, out ulong start))
                _threads[thread] = new ThreadMeasurements(of.Id, of.Name, of.Measured, cycle - start);
            return;
        }

        CoreView view = _cores[core];
        Advance(view, cycle);
        if (!_open.Remove(thread, out OpenCall? call))
            return;
        if (view.Current == call)
            view.Current = null;
        if (call.Core != core || call.Row != row || row >= of.Steps.Count)
        {
            Abandoned++;
            return;
        }

        Complete(of.Steps[(int)row], call, cycle - call.Start);
    }

    /// <summary>Cycles of a core were charged, and an instruction retired or was not executed.</summary>
    public void Charge(int core, in CycleCounts cycles, bool retired)
    {
        if (_cores[core].Current is not { } call)
            return;
        for (int i = 0; i < call.Causes.Length; i++)
        {
            call.Causes[i] += cycles[i];
            call.Busy += i == (int)CycleCause.Halted ? 0 : cycles[i];
        }

        call.Instructions += retired ? 1UL : 0;
    }

    /// <inheritdoc/>
    public void OnAddressSpace(CoreContext core, ulong rip, ulong cycle, ulong cr3)
    {
        CoreView view = _cores[core.Index];
        Advance(view, cycle);
        view.PageTable = cr3 & PageTableMask;
        view.Current = null;
        if (_open.Count == 0)
            return;
        foreach (OpenCall call in _open.Values)
        {
            if (call.Core == core.Index && call.PageTable == view.PageTable)
                view.Current = call;
        }
    }

    /// <inheritdoc/>
    public void OnActivity(CoreContext core, ulong cycle)
    {
        CoreView view = _cores[core.Index];
        Advance(view, cycle);
        unsafe
        {
            view.Waits = core.State->Activity != ActivityState.Active;
        }
    }

    /// <inheritdoc/>
    public void OnClockRead(CoreContext core, ulong rip, ulong cycle, ClockKind clock, ulong value)
    {
    }

    /// <inheritdoc/>
    public void OnInterrupt(CoreContext core, ulong rip, ulong cycle, byte vector)
    {
    }

    /// <inheritdoc/>
    public void OnException(CoreContext core, ulong rip, ulong cycle, uint vector, uint errorCode)
    {
    }

    /// <inheritdoc/>
    public void OnSystemCall(CoreContext core, ulong rip, ulong cycle)
    {
    }

    /// <inheritdoc/>
    public void OnUserReturn(CoreContext core, ulong rip, ulong cycle, bool byInterruptReturn)
    {
    }

    /// <inheritdoc/>
    public void OnMsr(CoreContext core, ulong rip, ulong cycle, uint number, ulong value, bool isWrite)
    {
    }

    /// <inheritdoc/>
    public void OnDeviceAccess(CoreContext core, ulong rip, ulong cycle, in DeviceAccess access)
    {
    }

    /// <summary>On an engine without attribution the busy cycles are those between the changes of page table and activity.</summary>
    private void Advance(CoreView view, ulong cycle)
    {
        if (!_attributes && view.Current is { } call && !view.Waits)
            call.Busy += cycle - view.Since;
        view.Since = cycle;
    }

    private void Complete(WorkloadStep step, OpenCall call, ulong elapsed)
    {
        if (!_rows.TryGetValue(step.Row, out RowMeasurements? row))
            _rows.Add(step.Row, row = new RowMeasurements(step.Row, call.Causes.Length));
        row.Add(call.Busy, elapsed, call.Instructions, call.Causes);
        if (step.Recorded is { } recorded)
            row.Recorded.Add(recorded);
        ulong nanoseconds = (ulong)((UInt128)elapsed * NanosecondsPerMicrosecond / _megahertz);
        bool isDistance = (step.Operation.Flags & OperationFlags.Absolute) == 0 && step.Operation.Timeout != Operation.Never;
        if (step.Row.End == CallEnd.Expired && isDistance && nanoseconds >= step.Operation.Timeout)
            row.Late.Add(nanoseconds - step.Operation.Timeout);
        Completed++;
    }

    private sealed class CoreView
    {
        public ulong PageTable { get; set; }

        public ulong Since { get; set; }

        public bool Waits { get; set; }

        public OpenCall? Current { get; set; }
    }

    private sealed class OpenCall(uint row, int core, ulong pageTable, ulong start, ulong[] causes)
    {
        public uint Row { get; } = row;

        public int Core { get; } = core;

        public ulong PageTable { get; } = pageTable;

        public ulong Start { get; } = start;

        public ulong[] Causes { get; } = causes;

        public ulong Busy { get; set; }

        public ulong Instructions { get; set; }
    }
}
