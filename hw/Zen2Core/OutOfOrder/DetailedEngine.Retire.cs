using System.Numerics;
using System.Runtime.Intrinsics;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Retirement: whole instructions, in order, become architectural; faults and interrupts are taken between them.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>What is being delivered, once <see cref="_deliverAt"/> has come.</summary>
    private Delivery _delivery;
    private ulong _deliverAt;
    private uint _deliverVector;
    private uint _deliverError;
    private ulong _deliverAddress;

    /// <summary>The instruction that retired last stored to a page with decoded code: its store must be out before the next retires.</summary>
    private bool _codeStore;
    private bool _codeChanged;

    /// <summary>The instruction that retired last wrote to a device, and writes to devices are to settle (<see cref="CoreSpec.DeviceWriteSettling"/>).</summary>
    private bool _deviceStore;

    private bool _retiredNow;

    /// <summary>Interrupting counters are looked at every 64 instructions: their interrupts skid no further.</summary>
    private const ulong OverflowInterval = 63;

    private readonly ulong[] _events = new ulong[(int)CoreEvent.DataTlbMisses + 1];

    /// <inheritdoc/>
    public ulong EventCount(CoreEvent counted) => counted switch
    {
        CoreEvent.DataAccesses => _caches.DataAccesses,
        CoreEvent.DataMisses => _caches.DataMisses,
        CoreEvent.InstructionMisses => _caches.InstructionMisses,
        CoreEvent.DataTlbMisses => _translation.DataMisses,
        _ => _events[(int)counted],
    };

    private enum Delivery : byte
    {
        None,
        Fault,
        Signals,
    }

    private void Retire()
    {
        _retiredNow = false;
        if (_delivery != Delivery.None)
        {
            if (_now >= _deliverAt)
            {
                Deliver();
            }

            return;
        }

        if ((_codeStore && !FinishCodeStore()) || (_deviceStore && !FinishDeviceStore()))
        {
            return;
        }

        if (TProbe.FollowsRecording && DeliversRecorded())
        {
            return;
        }

        int budget = _p.RetireMacroOps;
        while (_head < _tail)
        {
            RobEntry* e = _rob + (_head & Mask);
            if (e->Dispatched == _now || (_retiredNow && budget < e->MacroOps))
            {
                return;
            }

            if (TProbe.FollowsRecording && (e->Step != _retireStep || DeliversRecorded()))
            {
                return;
            }

            if (_context.SignalsPending && !_oldestBusy)
            {
                BeginDelivery(Delivery.Signals, _p.Interrupt);
                return;
            }

            if (_context.DebugArmed && !_oldestBusy && _context.BreaksHere())
            {
                _deliverVector = _state->Host.FaultVector;
                _deliverError = 0;
                _state->Host.FaultVector = HostState.NoFault;
                BeginDelivery(Delivery.Fault, _p.Exception);
                return;
            }

            if (!InstructionDone(e, e->Instruction))
            {
                return;
            }

            budget -= e->MacroOps;
            CommitInstruction(e, e->Instruction);
            PassBoundary();
            _active = true;
            if (_stopNow || _codeStore || _deviceStore)
            {
                return;
            }
        }

        if (_head == _tail && _context.SignalsPending)
        {
            BeginDelivery(Delivery.Signals, _p.Interrupt);
        }
    }

    /// <summary>Whether every micro-op of the oldest instruction is done; starts what may only begin when it is the oldest.</summary>
    private bool InstructionDone(RobEntry* first, Decoded* d)
    {
        for (int i = 0; i < d->Count; i++)
        {
            int slot = (int)((_head + i) & Mask);
            RobEntry* e = _rob + slot;
            if (e->State != OpState.Done)
            {
                if (e->State == OpState.Blocked || (e->Info->Route == OpRoute.Oldest && e->State == OpState.Waiting))
                {
                    BeginOldest(slot, e);
                }

                return false;
            }

            if (e->Completed >= _now)
            {
                return false;
            }

            if (e->OrderViolated)
            {
                MemoryClears++;
                ulong rip = first->Op->Rip;
                Squash(_head);
                Redirect(rip, CycleCause.BranchMisprediction, _p.OrderClear);
                if (TProbe.FollowsRecording)
                    FollowFrom(_retireStep);
                _active = true;
                return false;
            }

            if (e->FaultVector == RobEntry.Assist)
            {
                BeginAssist(first);
                return false;
            }

            if (e->FaultVector == ExceptionVector.PageFault && FaultIsStale(e))
            {
                return false;
            }

            if (e->FaultVector != RobEntry.NoFault)
            {
                _deliverVector = e->FaultVector;
                _deliverError = e->FaultError;
                _deliverAddress = e->FaultAddress;

                // An unmasked SIMD exception leaves its status bits.
                _state->Mxcsr |= e->Mxcsr;
                BeginDelivery(Delivery.Fault, _p.Exception);
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The walk that faulted was speculative, and an older store may have mapped the page since: with every older store written,
    /// the tables are read again. Making a page present needs no INVLPG (AMD APM volume 2, section 5.5.3). True when the fault
    /// is not to be taken, or not yet.
    /// </summary>
    private bool FaultIsStale(RobEntry* e)
    {
        if (!StoresDrained)
        {
            return true;
        }

        const uint write = 2;
        const uint user = 4;
        const uint fetch = 16;
        AccessKind kind = AccessKind.Peek
            | ((e->FaultError & write) != 0 ? AccessKind.Write : AccessKind.Read)
            | ((e->FaultError & user) != 0 ? AccessKind.User : AccessKind.Read)
            | ((e->FaultError & fetch) != 0 ? AccessKind.Fetch : AccessKind.Read);
        if (!PageWalk.Translate(_state, _context.Memory, e->FaultAddress, kind, out _))
        {
            return false;
        }

        ulong rip = _state->Rip;
        Squash(_head);
        Redirect(rip, CycleCause.DataTlb, _p.OrderClear);
        _active = true;
        return true;
    }

    private void CommitInstruction(RobEntry* first, Decoded* d)
    {
        bool whole = d->Microcoded;
        bool stepping = _context.NeedsSingleStep || (whole && _context.StepTrapDue);
        ulong next = d->Next;
        if (whole)
        {
            next = _state->Rip;
        }
        else
        {
            if (stepping)
            {
                _context.BeginStep();
            }

            next &= ModeKeys.InstructionPointerMask(d->ModeKey);
        }

        _robMacroOps -= first->MacroOps;
        _integerTargets -= d->IntegerTargets;
        _vectorTargets -= d->VectorTargets;
        bool watched = _context.ExecutionProbe != null;
        for (int i = 0; i < d->Count; i++)
        {
            RobEntry* e = _rob + (_head & Mask);
            if (_context.WatchesData && !whole && e->Op->AccessSize != 0)
            {
                NoteAccess(e);
            }

            if (TProbe.WatchesRetirement && !whole)
            {
                NoteOperand(e);
            }

            Commit(e);
            if (watched && e->Info->Class == MicroOpClass.ReadClock)
            {
                _context.NoteClockRead(e->Op->Rip, _clock.ReferenceOf(e->Issued), (ClockKind)e->Op->Condition, e->Result | (e->Result2 << 32));
            }

            if (e->Info->Class == MicroOpClass.Branch && !whole)
            {
                next = e->ActualNext;
                _events[(int)CoreEvent.Mispredictions] += next != e->PredictedNext ? 1u : 0;
            }

            if (TProbe.WatchesMicroOps)
            {
                _probe.OnMicroOp(d->Rip, i, StagesOf(e));
            }

            _head++;
        }

        if (d->Transfers)
        {
            _events[(int)CoreEvent.Branches]++;
            _events[(int)CoreEvent.TakenBranches] += next != (d->Next & ModeKeys.InstructionPointerMask(d->ModeKey)) ? 1u : 0;
        }

        if (first->Branch >= 0 || d->Branch != BranchKind.None)
        {
            TrainBranch(d, next);
        }

        _state->Rip = next;
        if (!whole)
        {
            _state->Executed++;
        }

        _oldestBusy = false;
        Retired++;
        _events[(int)CoreEvent.MicroOps] += d->Count;
        if (_context.Counters.Interrupts && (Retired & OverflowInterval) == 0)
        {
            _context.Counters.Fold();
        }

        NoteRetirement(d->Rip);
        if (TProbe.FollowsRecording)
        {
            next = PassStep(d, next);
        }

        if (d->Marker != 0)
        {
            Marker((byte)(d->Marker - 1));
        }

        if (_blocker >= 0 && _blocker < _head)
        {
            FinishBlocker(d, next, whole);
        }

        if (stepping)
        {
            _ = EndStep(d->Next & ModeKeys.InstructionPointerMask(d->ModeKey));
        }
    }

    /// <summary>Ends an instruction that goes alone. True when a trap was delivered and fetch goes on at its handler.</summary>
    private bool EndStep(ulong next)
    {
        ForceDrain();
        ulong before = _state->Rip;
        ulong delivered = _context.ExceptionCounts[ExceptionVector.Debug];
        _context.EndStep(next);
        if (_state->Rip == before && delivered == _context.ExceptionCounts[ExceptionVector.Debug])
        {
            return false;
        }

        Squash(_head);
        Redirect(_state->Rip, CycleCause.Delivery, _p.Exception);
        return true;
    }

    /// <summary>Data breakpoints look at what a retiring micro-op read or wrote.</summary>
    private void NoteAccess(RobEntry* e)
    {
        MicroOpClass kind = e->Info->Class;
        if (kind is MicroOpClass.Load or MicroOpClass.Store or MicroOpClass.Atomic)
        {
            _context.NoteAccess(e->Linear, e->Op->AccessSize, write: kind != MicroOpClass.Load);
        }
    }

    private StageCycles StagesOf(RobEntry* e)
    {
        ExecutionPort port = e->Info->Route switch
        {
            OpRoute.Alu => ExecutionPort.Alu0 + e->Scheduler,
            OpRoute.Load => ExecutionPort.Agu0 + e->Scheduler,
            OpRoute.Store => ExecutionPort.Agu2,
            OpRoute.Vector => ExecutionPort.Fp0 + e->Scheduler,
            _ => ExecutionPort.None,
        };
        return new StageCycles(
            _clock.ReferenceOf(e->Fetched),
            _clock.ReferenceOf(e->Decodable),
            _clock.ReferenceOf(e->Dispatched),
            _clock.ReferenceOf(e->ReadyAt),
            _clock.ReferenceOf(e->Issued),
            _clock.ReferenceOf(e->Completed),
            NowCycles,
            port,
            e->MacroOps);
    }

    private void Commit(RobEntry* e)
    {
        OpInfo* info = e->Info;
        int targets = TProbe.FollowsRecording ? 0 : info->Targets;
        if ((targets & (1 << TargetRole.First)) != 0)
        {
            int name = info->Target[TargetRole.First];
            if (info->VectorTarget)
            {
                CommitVector(e, name);
            }
            else
            {
                _state->Gpr[name] = e->Result;
            }
        }

        if ((targets & (1 << TargetRole.Second)) != 0)
        {
            _state->Gpr[info->Target[TargetRole.Second]] = e->Result2;
        }

        if (!TProbe.FollowsRecording && info->FlagTargets != 0)
        {
            _state->Flags = (_state->Flags & ~info->FlagTargets) | (e->Flags & info->FlagTargets);
        }

        if (!TProbe.FollowsRecording && info->Stack != StackUse.Serial)
            CommitStack(e, info->Stack);
        _state->Mxcsr |= e->Mxcsr;
        switch (info->Route)
        {
            case OpRoute.Load:
                _events[(int)CoreEvent.Loads]++;
                _loadHead++;
                break;
            case OpRoute.Store:
                StoreEntry* store = _stores + (e->StoreNumber & MemoryMask);
                store->Retired = true;
                _events[(int)CoreEvent.Stores]++;
                _deviceStore |= store->Device && _settles;
                if (!TProbe.FollowsRecording)
                {
                    _codeStore |= !store->Device
                        && ((_pages.Flags(store->Physical) | _pages.Flags(store->PhysicalSecond)) & PageFlags.Code) != 0;
                }

                break;
            case OpRoute.Oldest when e->Info->Class is MicroOpClass.Atomic or MicroOpClass.FullFence or MicroOpClass.LoadFence:
                _barriers--;
                _retryLoads |= !_blockedLoads.IsEmpty;
                break;
            default:
                break;
        }
    }

    private void TrainBranch(Decoded* d, ulong next)
    {
        ref BranchRecord record = ref _branches[_branchHead & BranchMask];
        _branchHead++;
        bool taken = next != d->Next;
        if (record.HasDirection)
        {
            _direction.Train(d->Rip, ref record.Direction, taken);
        }

        if (taken || d->Branch != BranchKind.Conditional)
        {
            _btb.Learn(d->Rip, next);
        }

        if (d->Branch is BranchKind.Indirect or BranchKind.CallIndirect)
        {
            _indirect.Learn(d->Rip, in record.History, next);
        }
    }

    private uint _branchHead;

    /// <summary>Throws everything unretired away and spends the time that delivery takes.</summary>
    private void BeginDelivery(Delivery what, int cycles)
    {
        Squash(_head);
        _delivery = what;
        _deliverAt = _now + (ulong)cycles;
        _fetchStopped = true;
        _recovering = true;
        _recoveryCause = CycleCause.Delivery;
        _active = true;
    }

    private void Deliver()
    {
        Delivery what = _delivery;
        _delivery = Delivery.None;
        _active = true;
        ForceDrain();
        if (TProbe.FollowsRecording)
        {
            DeliverRecorded();
            return;
        }

        ulong rip = _state->Rip;
        if (what == Delivery.Fault)
        {
            _state->Host.FaultVector = _deliverVector;
            _state->Host.FaultError = _deliverError;
            _state->Host.FaultAddress = _deliverAddress;
            _context.DeliverFault();
        }
        else
        {
            _ = _context.TakeSignals();
        }

        NoteDelivery(rip);
        Redirect(_state->Rip, CycleCause.Delivery, 0);
        LimitDecoded();
        LimitToNextEvent();
        PassBoundary();
    }

    /// <summary>Waits until the store is out; if code in flight may have changed, fetches again.</summary>
    private bool FinishCodeStore()
    {
        if (!StoresDrained)
        {
            return false;
        }

        _codeStore = false;
        _active = true;
        NoteCodeStore(_codeChanged);
        if (_codeChanged)
        {
            _codeChanged = false;
            Squash(_head);
            Redirect(_state->Rip, CycleCause.Serialisation, _p.CodeResync);
            if (TProbe.FollowsRecording)
                FollowFrom(_retireStep);
            return false;
        }

        return true;
    }

    /// <summary>Waits until the store is out and its time has passed.</summary>
    private bool FinishDeviceStore()
    {
        if (!StoresDrained || _now < _drainAt)
        {
            return false;
        }

        _deviceStore = false;
        _active = true;
        return true;
    }

    /// <summary>Writes every retired store at once: what follows reads and writes memory past the store queue.</summary>
    private void ForceDrain()
    {
        while (!StoresDrained)
        {
            StoreEntry* store = _stores + (_storeHead & MemoryMask);
            if (store->Device)
            {
                WriteDevice(store);
            }
            else
            {
                WriteStore(store);
                _storeHead++;
            }
        }
    }
}
