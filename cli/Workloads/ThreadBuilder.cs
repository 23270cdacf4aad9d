using CoSim.Cli.Study;
using CoSim.Os.Programs.Workload;
using CoSim.Traces.Import;

namespace CoSim.Cli.Workloads;

/// <summary>Makes the steps of one thread.</summary>
internal sealed class ThreadBuilder(ulong id, ulong start, WorkloadChoice choice, DescriptorTables tables, AbsoluteTimes times, SortedDictionary<string, long> left)
{
    /// <summary>A call that may wait and took longer than this has waited: 50 us is more than such a call computes.</summary>
    private const ulong ShortestWait = 50_000;

    /// <summary>What came sooner than this after a call's beginning was there already: 20 us, which strace itself takes.</summary>
    private const ulong ReadyAtOnce = 20_000;

    private const int Monotonic = 1;

    private readonly List<WorkloadStep> _steps = [];
    private readonly Dictionary<int, int> _slots = [];
    private string _name = "";
    private readonly ulong _start = start;
    private ulong _last = start;
    private int _measured;
    private bool _ended;

    /// <summary>The thread has a name, from now on.</summary>
    public void Named(string name) => _name = name.Length > 0 ? name : _name;

    /// <summary>The thread ends.</summary>
    public void End(ulong time)
    {
        if (!_ended && _measured < choice.MostCalls)
            _steps.Add(Silent(new Operation { Kind = OperationKind.End, Gap = GapUntil(time) }));
        _ended = true;
    }

    /// <summary>The thread makes a call.</summary>
    public void Add(RecordedCall call)
    {
        if (_measured >= choice.MostCalls)
            return;
        if (call.Name == "close")
        {
            Close(call);
            return;
        }

        bool unfinished = (call.Flags & CallFlags.Unfinished) != 0;
        Operation? operation = unfinished || call.Failed ? null : CallOperations.Of(call, tables.Of(id));
        if (operation is { } known && Complete(call, known) is { } complete)
            Step(call, complete);
        else if (CallOperations.IsTimed(call))
            Leave(call, unfinished ? "did not return" : call.Failed ? "failed" : "its time or timer is not in the recording");
        else if ((call.Flags & CallFlags.Waits) != 0 && call.Duration >= ShortestWait)
            Wait(call);
    }

    /// <summary>The finished thread.</summary>
    public WorkloadThread Build() => new(id, _name, _start, _slots.Count, _steps);

    private void Step(RecordedCall call, Operation operation)
    {
        operation.Gap = GapUntil(call.Start);
        CallEnd end = EndOf(call, operation.Kind);
        bool hasClock = operation.Kind is OperationKind.ClockGettime or OperationKind.ClockGetres or OperationKind.ClockNanosleep or OperationKind.TimerfdCreate or OperationKind.TimerCreate;
        bool library = (operation.Flags & OperationFlags.Library) != 0;
        _steps.Add(new WorkloadStep(new WorkloadRow(call.Name, hasClock ? operation.Clock : -1, library, end), operation, call.Duration));
        _measured++;
        _last = Math.Max(_last, call.End);
    }

    /// <summary>How a call ended; a timeout of zero only asks.</summary>
    private static CallEnd EndOf(RecordedCall call, OperationKind kind) => kind switch
    {
        _ when call.Timeout == 0 => CallEnd.AtOnce,
        >= OperationKind.Nanosleep and <= OperationKind.SignalTimedWait => call.Expired ? CallEnd.Expired : CallEnd.Woken,
        OperationKind.TimerfdRead when call.Duration >= ShortestWait => CallEnd.Expired,
        _ => CallEnd.AtOnce,
    };

    /// <summary>Brings a call's times and timer into the form of the table; null when one is missing.</summary>
    private Operation? Complete(RecordedCall call, Operation operation)
    {
        if (operation.Kind <= OperationKind.ClockGetres)
        {
            bool library = choice.Path is { } path ? path == CallPath.Vdso : (call.Flags & CallFlags.Library) != 0;
            operation.Flags = library ? OperationFlags.Library : OperationFlags.None;
            return operation;
        }

        if (call.Timeout >= 0)
        {
            bool absolute = (call.Flags & CallFlags.Absolute) != 0;
            ulong? distance = absolute && (call.Flags & CallFlags.Inferred) == 0 ? times.Distance(call) ?? (call.Expired ? call.Duration : null) : (ulong)call.Timeout;
            if (distance == null)
                return null;
            operation.Timeout = distance.Value;
            operation.Flags |= absolute ? OperationFlags.Absolute : OperationFlags.None;
        }

        operation.Interval = call.Interval;
        if (operation.Kind >= OperationKind.TimerfdCreate)
            return operation.Kind < OperationKind.Setitimer ? WithTimer(call, operation) : operation;
        return call.Expired || operation.Kind == OperationKind.Wait ? operation : Woken(call, operation);
    }

    /// <summary>A wait that something else ended. What only a signal or another thread could end is cut to the time that it took.</summary>
    private static Operation? Woken(RecordedCall call, Operation operation)
    {
        if (call.Duration is not { } duration)
            return null;
        operation.Woken = duration < ReadyAtOnce ? 0 : duration;
        if (operation.Kind is >= OperationKind.Poll and <= OperationKind.EpollPwait2)
            return operation.Timeout == 0 || operation.Timeout > operation.Woken ? operation : operation with { Timeout = operation.Woken + ReadyAtOnce };
        if (operation.Kind is OperationKind.FutexWait or OperationKind.FutexWaitBitset && call.FoundChange)
            return operation with { Woken = 0 };
        operation.Woken = Operation.Never;
        return operation with { Timeout = Math.Min(operation.Timeout, duration) };
    }

    private Operation? WithTimer(RecordedCall call, Operation operation)
    {
        DescriptorTables.Timers known = tables.Of(id);
        bool isDescriptor = operation.Kind <= OperationKind.TimerfdClose;
        Dictionary<long, DescriptorTables.Timer> timers = isDescriptor ? known.Descriptors : known.Ids;
        if (call.Object < 0)
            return null;
        bool creates = operation.Kind is OperationKind.TimerfdCreate or OperationKind.TimerCreate;
        if (creates)
            timers[call.Object] = new DescriptorTables.Timer(tables.Next(), call.Clock);
        // A timer from before the recording: it is made when it is first used.
        else if (!timers.ContainsKey(call.Object))
            timers[call.Object] = new DescriptorTables.Timer(tables.Next(), Monotonic);
        if (operation.Kind is OperationKind.TimerfdSettime or OperationKind.TimerSettime && call.Timeout < 0)
            return null;
        DescriptorTables.Timer timer = timers[call.Object];
        operation.Clock = (short)timer.Clock;
        operation.Object = Slot(timer, isDescriptor, creates);
        if (operation.Kind == OperationKind.TimerDelete)
            _ = timers.Remove(call.Object);
        return operation;
    }

    /// <summary>The place of a timer among this thread's; what another thread made is made here too, unmeasured.</summary>
    private int Slot(DescriptorTables.Timer timer, bool isDescriptor, bool creates)
    {
        if (_slots.TryGetValue(timer.Number, out int slot))
            return slot;
        slot = _slots.Count;
        _slots.Add(timer.Number, slot);
        if (!creates)
            _steps.Add(Silent(new Operation { Kind = isDescriptor ? OperationKind.TimerfdCreate : OperationKind.TimerCreate, Clock = (short)timer.Clock, Object = slot }));
        return slot;
    }

    private void Close(RecordedCall call)
    {
        Dictionary<long, DescriptorTables.Timer> descriptors = tables.Of(id).Descriptors;
        if (descriptors.Remove(call.Object, out DescriptorTables.Timer timer) && _slots.TryGetValue(timer.Number, out int slot))
            _steps.Add(Silent(new Operation { Kind = OperationKind.TimerfdClose, Object = slot }));
    }

    private void Wait(RecordedCall call)
    {
        ulong wait = Math.Min(call.Duration!.Value, choice.LongestGap);
        _steps.Add(Silent(new Operation { Kind = OperationKind.Wait, Gap = GapUntil(call.Start), Timeout = wait }));
        _last = Math.Max(_last, call.End);
    }

    private void Leave(RecordedCall call, string reason)
    {
        string key = $"{call.Name}: {reason}";
        left[key] = left.GetValueOrDefault(key) + 1;
        if (call.Duration >= ShortestWait)
            Wait(call);
    }

    private ulong GapUntil(ulong time) => Math.Min(time > _last ? time - _last : 0, choice.LongestGap);

    private static WorkloadStep Silent(Operation operation)
    {
        operation.Flags |= OperationFlags.Silent;
        operation.Woken = Operation.Never;
        if (operation.Kind != OperationKind.Wait)
            operation.Timeout = Operation.Never;
        return new WorkloadStep(default, operation, null);
    }
}
