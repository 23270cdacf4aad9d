using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// The pipeline driven by a <see cref="RecordedPath"/>: it fetches, predicts, dispatches, issues, reads caches and retires as ever, but asks the recording
/// for addresses and for where branches go. On a wrong path addresses are not known: loads there hit the first-level cache and leave no trace in it, and
/// branches go where they were predicted to.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>No operand's bytes are here: the place of stores whose address is not known.</summary>
    private const ulong Nowhere = 1UL << 62;

    private RecordedPath _path = null!;
    private PathContext _fetchContext;

    /// <summary>The step that fetch is at; -1 on a wrong path.</summary>
    private long _fetchStep;

    /// <summary>The step that retires next.</summary>
    private long _retireStep;

    /// <summary>The recorded cycle, and this engine's, at the end of the step before <see cref="_retireStep"/>.</summary>
    private ulong _recordedBefore, _cycleBefore;

    /// <summary>Whether the recorded path has come to its end.</summary>
    public bool PathEnded { get; private set; }

    /// <summary>Steps of the path that have been taken.</summary>
    public ulong StepsTaken => (ulong)_retireStep;

    /// <summary>Whether the core waits for an interrupt, and what ended the wait has not been read.</summary>
    public bool WaitsForStep => _state->Activity != ActivityState.Active && _blocker < 0 && !_path.IsRead(_retireStep);

    /// <summary>Whether an interrupt or exception comes next, however late.</summary>
    public bool AwaitsDelivery => _path.IsRead(_retireStep) && CostOfDelivery(_path[_retireStep].Kind) != null;

    /// <summary>Gives the engine, whose probe must be one that follows recordings, its path.</summary>
    public void Follow(RecordedPath path)
    {
        _path = path;
        _decode.Path = path;
        _translation.Path = path;
        path.BlockRead = _decode.Add;
    }

    /// <summary>Starts on the recorded path, at the cycle at which it began. Every engine that takes from the same recording must have been given its path.</summary>
    public void StartPath()
    {
        RecordedPath path = _path;
        PathEnded = !path.Has(0);
        if (PathEnded)
            return;
        _recordedBefore = _cycleBefore = path.Start;
        _state->Rip = path[0].Rip;
        _state->Activity = path[0].Kind == PathStepKind.Wake ? ActivityState.Halted : ActivityState.Active;
        Attach(path.Start);
    }

    /// <summary>Fetch goes on at a step, if that is an instruction.</summary>
    private void FollowFrom(long step)
    {
        _fetchStep = step >= 0 && _path.Has(step) && _path[step].Kind == PathStepKind.Instruction && _path[step].Rip == _fetchRip ? step : -1;
        if (_fetchStep >= 0)
            EnterContext(_fetchStep);
    }

    private void EnterContext(long step)
    {
        _fetchContext = _path.ContextOf(step);
        _path.Paging = _fetchContext.Paging;
    }

    private ulong RecordedLinear()
    {
        ulong linear = _fetchContext.CodeBase + _fetchRip;
        return _fetchContext.IsLong ? linear : (uint)linear;
    }

    /// <summary>Fetch is where the recording has no code: on a wrong path it waits for the right one.</summary>
    private void LeaveRecording()
    {
        if (_fetchStep >= 0)
            throw new PathException($"the recording lacks the code at {_fetchRip:x}");
        _fetchStopped = true;
    }

    private void FollowFetch(FetchEntry* entry, ulong next)
    {
        entry->Step = _fetchStep;
        long step = _fetchStep < 0 ? -1 : _fetchStep + 1;
        if (step >= 0 && _path.Has(step) && _path[step].Kind == PathStepKind.Instruction && _path[step].Rip == next)
        {
            _fetchStep = step;
            EnterContext(step);
        }
        else
        {
            _fetchStep = -1;
        }
    }

    /// <summary>Where the program went after a branch.</summary>
    private ulong RecordedNext(RobEntry* e) => e->Step >= 0 && _path.Has(e->Step + 1) && _path[e->Step + 1].Kind != PathStepKind.Wake
        ? _path[e->Step + 1].Rip
        : e->PredictedNext;

    /// <summary>Gives a micro-op the address of its operand. False: the recording does not tell it.</summary>
    private bool HasRecordedOperand(RobEntry* e)
    {
        int number = 0;
        for (int i = 0; i < e->Index; i++)
            number += e->Instruction->Infos[i].Class is MicroOpClass.Load or MicroOpClass.Store or MicroOpClass.Atomic or MicroOpClass.Prefetch ? 1 : 0;
        if (!_path.TryOperand(e->Step, number, out ulong linear))
        {
            _path.Unknown += e->Step >= 0 ? 1u : 0;
            return false;
        }

        e->Linear = linear;
        return true;
    }

    private bool IsRecordedDevice(RobEntry* e) => _path[e->Step].Details is { } details
        && (e->Info->Class == MicroOpClass.Store ? details.DeviceStore : details.DeviceRead != null);

    private void IssueUnknownLoad(int slot, RobEntry* e)
    {
        if (e->Op->Class == MicroOpClass.Prefetch)
        {
            At(_now + 1, slot, e, Stage.Complete);
            return;
        }

        LoadEntry* load = _loads + (e->LoadNumber & MemoryMask);
        load->Physical = load->PhysicalSecond = Nowhere;
        e->WaitCause = CycleCause.L1;
        At(_now + (ulong)_hierarchy.Parameters.L1Latency + e->Info->Latency, slot, e, Stage.LoadArrives);
    }

    private void PlaceUnknownStore(int slot, RobEntry* e)
    {
        StoreEntry* store = _stores + (e->StoreNumber & MemoryMask);
        store->Physical = store->PhysicalSecond = Nowhere;
        store->Size = 0;
        store->AddressKnown = true;
        store->Base = Reg.None;
        _retryLoads |= !_blockedLoads.IsEmpty;
        e->State = OpState.Executing;
        e->Stage = (byte)Stage.Complete;
        FinishStore(slot, e);
    }

    private void PerformRecordedAtomic(int slot, RobEntry* e)
    {
        if (e->Device)
        {
            _oldestBusy = true;
            _charged = _path[e->Step].Details?.DeviceRead ?? 0;
        }
        else
        {
            _hierarchy.Stored(_caches.Index, e->Physical, e->Op->AccessSize);
        }

        FinishCharged(slot, e);
    }

    private void RunRecordedMicrocode(int slot, RobEntry* e)
    {
        MicrocodeRun run = _path.NextMicrocode(_retireStep);
        _charged = run.Cycles;
        _uppersInUse = (run.Flags & MicrocodeFlags.UppersInUse) != 0;
        _blockerChangedState = (run.Flags & MicrocodeFlags.Refetches) != 0;
        if ((run.Flags & MicrocodeFlags.IsString) != 0)
            ChargeString(run.String, (run.Flags & MicrocodeFlags.Writes) != 0);
        if (_path[_retireStep].Details is { } details)
        {
            foreach (ulong? page in details.Flushes)
                _translation.OnFlushed(page);
            _fetchPage = details.Flushes.Count > 0 ? NoLine : _fetchPage;
            details.Flushes.Clear();
        }

        if ((run.Flags & MicrocodeFlags.GoesOn) != 0)
        {
            _oldestBusy = false;
            e->State = OpState.Waiting;
            _againAt = _now + _charged;
            _charged = 0;
            _active = true;
            return;
        }

        if ((run.Flags & MicrocodeFlags.Waits) != 0)
            _state->Activity = ActivityState.Halted;
        e->WaitCause = (run.Flags & MicrocodeFlags.Device) != 0 ? CycleCause.Device : e->WaitCause;
        FinishCharged(slot, e);
    }

    /// <summary>The step that retires next has retired. Gives where the recording goes on, which is not where the instruction does after a trap or a gap.</summary>
    private ulong PassStep(Decoded* d, ulong next)
    {
        ref PathStep step = ref _path[_retireStep];
        _recordedBefore = step.Cycle;
        _cycleBefore = _now;
        if (step.Details is { } details)
        {
            _codeStore |= details.Code.Stored;
            _codeChanged |= details.Code.Changed;
        }

        _retireStep++;
        if (!_path.Has(_retireStep))
        {
            PathEnded = true;
            _stopNow = true;
            return next;
        }

        _path.DropBefore(_retireStep - 1);
        ref PathStep after = ref _path[_retireStep];
        if (after.Kind == PathStepKind.Wake)
            return d->Next & ModeKeys.InstructionPointerMask(d->ModeKey);
        if (after.Rip != next && !d->Microcoded)
        {
            Squash(_head);
            _state->Rip = after.Rip;
            Redirect(after.Rip, CycleCause.Delivery, _p.Exception);
            FollowFrom(_retireStep);
        }

        _state->Rip = after.Rip;
        return after.Rip;
    }

    /// <summary>The cycle at which the delivery that comes next begins; never when an instruction does.</summary>
    private ulong NextRecordedDelivery() => _delivery == Delivery.None && _path.Has(_retireStep) && CostOfDelivery(_path[_retireStep].Kind) is { } cost
        ? _cycleBefore + (_path[_retireStep].Cycle - _recordedBefore - Math.Min(cost, _path[_retireStep].Cycle - _recordedBefore))
        : ulong.MaxValue;

    private ulong? CostOfDelivery(PathStepKind kind) => kind switch
    {
        PathStepKind.Interrupt => (ulong)_p.Interrupt,
        PathStepKind.Exception => (ulong)_p.Exception,
        _ => null,
    };

    /// <summary>Interrupts and exceptions come as long after the instruction before them as they did in the recording.</summary>
    private bool DeliversRecorded()
    {
        if (_oldestBusy || !_path.Has(_retireStep) || CostOfDelivery(_path[_retireStep].Kind) is not { } cost)
            return false;
        if (_now >= NextRecordedDelivery())
            BeginDelivery(_path[_retireStep].Kind == PathStepKind.Exception ? Delivery.Fault : Delivery.Signals, (int)cost);
        return true;
    }

    private void DeliverRecorded()
    {
        ref PathStep step = ref _path[_retireStep];
        NoteDelivery(step.Rip);
        _recordedBefore = step.Cycle;
        _cycleBefore = _now;
        if (step.Details is { } details)
        {
            foreach (ulong? page in details.Flushes)
                _translation.OnFlushed(page);
        }

        _retireStep++;
        _fetchPage = NoLine;
        if (!_path.Has(_retireStep))
        {
            PathEnded = true;
            _stopNow = true;
            return;
        }

        _state->Rip = _path[_retireStep].Rip;
        Redirect(_state->Rip, CycleCause.Delivery, 0);
        FollowFrom(_retireStep);
    }

    /// <summary>A core waits as long as it did in the recording.</summary>
    private bool WakeRecorded()
    {
        if (!_path.Has(_retireStep))
        {
            PathEnded = true;
            return false;
        }

        ref PathStep step = ref _path[_retireStep];
        int delay = 0;
        if (step.Kind == PathStepKind.Wake)
        {
            const ulong retirement = 1;
            ulong waited = step.Cycle - Math.Min(step.Cycle, _recordedBefore + retirement);
            ulong wake = _cycleBefore + (_retireStep == 0 ? 0 : retirement + waited);
            SkipTo(wake);
            delay = step.Delay;
            _recordedBefore = step.Cycle;
            _cycleBefore = _now;
            _retireStep++;
        }

        _state->Activity = ActivityState.Active;
        PathEnded = !_path.Has(_retireStep);
        if (PathEnded)
            return false;
        _fetchPage = NoLine;
        _state->Rip = _path[_retireStep].Rip;
        Redirect(_state->Rip, CycleCause.Delivery, delay);
        FollowFrom(_retireStep);
        return true;
    }
}
