using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>What executes only when nothing older is left: locked operations, fences, device accesses, microcode.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>The oldest instruction has begun something that cannot be undone.</summary>
    private bool _oldestBusy;

    /// <summary>Cycles that devices charged for the access under way.</summary>
    private ulong _charged;

    private void BeginOldest(int slot, RobEntry* e)
    {
        if (e->Info->Route == OpRoute.Store)
        {
            _active = true;
            CommitTranslation(slot, e);
            return;
        }

        if (e->Info->Route == OpRoute.Load)
        {
            if (e->Device && StoresDrained)
            {
                _active = true;
                _blockedLoads.Remove(slot);
                ReadDevice(slot, e);
            }

            return;
        }

        switch (e->Info->Class)
        {
            case MicroOpClass.Atomic:
                BeginAtomic(slot, e);
                break;
            case MicroOpClass.FullFence:
                e->WaitCause = CycleCause.StoreBuffer;
                if (StoresDrained)
                {
                    e->WaitCause = CycleCause.Serialisation;
                    At(_now + (ulong)_p.FullFence, slot, e, Stage.Complete);
                }

                break;
            case MicroOpClass.LoadFence:
                e->WaitCause = CycleCause.Serialisation;
                At(_now + 1, slot, e, Stage.Complete);
                break;
            case MicroOpClass.ReadClock:
                e->WaitCause = CycleCause.Serialisation;
                Execute(slot, e);
                break;
            default:
                e->WaitCause = e->Instruction->MicrocodeCause;
                _oldestBusy = true;
                At(Math.Max(_now, _againAt) + Math.Max(1, (ulong)e->Instruction->MicrocodeCycles), slot, e, Stage.Microcode);
                _againAt = 0;
                break;
        }

        _active = true;
    }

    private void ContinueOldest(int slot, RobEntry* e)
    {
        switch ((Stage)e->Stage)
        {
            case Stage.Atomic:
                PerformAtomic(slot, e);
                break;
            case Stage.Microcode:
                RunMicrocode(slot, e);
                break;
            default:
                throw new InvalidOperationException($"stage {e->Stage} has no continuation");
        }
    }

    private void BeginAtomic(int slot, RobEntry* e)
    {
        e->WaitCause = CycleCause.StoreBuffer;
        if (!StoresDrained)
        {
            return;
        }

        if (TProbe.FollowsRecording && !HasRecordedOperand(e))
        {
            At(_now + e->Info->Latency, slot, e, Stage.Complete);
            return;
        }

        ulong baseValue = General(e->Producer[SourceRole.Base], e->Info->Source[SourceRole.Base]);
        ulong indexValue = General(e->Producer[SourceRole.Index], e->Info->Source[SourceRole.Index]);
        if (!AddressOf(e->Op, e, UseOrZero(e, SourceRole.Base, baseValue), UseOrZero(e, SourceRole.Index, indexValue))
            || !TranslateOperand(e, true, commit: true, out int extra))
        {
            FinishFaulted(slot, e);
            return;
        }

        e->Issued = _now;
        e->WaitCause = CycleCause.Serialisation;
        if (e->Device)
        {
            PerformAtomic(slot, e);
            return;
        }

        AccessResult owned = OwnOperand(e);
        ulong latency = e->Info->Latency;
        if ((e->Op->Marks & MicroOpMarks.Locked) != 0 && CrossesLine(e))
        {
            // No cache line can be locked with another: the whole machine's memory is.
            latency += _clock.Span((ulong)_p.SplitLock);
        }

        At(Math.Max(owned.ReadyAt, _now + (ulong)extra) + latency, slot, e, Stage.Atomic);
    }

    private static bool CrossesLine(RobEntry* e) => (LastByte(e) ^ e->Physical) >> CacheArray.LineShift != 0;

    /// <summary>Asks for the line of an operand, and for the second when it is in two: the answer is that of the later one.</summary>
    private AccessResult OwnOperand(RobEntry* e)
    {
        AccessResult first = Own(e->Physical);
        if (!CrossesLine(e) || first.Retry)
            return first;
        AccessResult second = Own(LastByte(e));
        return second.Retry || second.ReadyAt > first.ReadyAt ? second : first;
    }

    /// <summary>Reads, computes and writes in one step, with the line owned.</summary>
    private void PerformAtomic(int slot, RobEntry* e)
    {
        int size = e->Op->AccessSize;
        if (!e->Device)
        {
            AccessResult owned = OwnOperand(e);
            if (owned.Retry || owned.ReadyAt > _now)
            {
                At(Math.Max(owned.ReadyAt, _now + 1), slot, e, Stage.Atomic);
                return;
            }
        }

        if (TProbe.FollowsRecording)
        {
            PerformRecordedAtomic(slot, e);
            return;
        }

        Gather(e, _args);
        if (e->Device)
        {
            _oldestBusy = true;
            _context.AccessRip = e->Op->Rip;
            _args->A = _context.ReadDevice(e->Physical, Math.Min(size, 8), 0);
        }
        else
        {
            ReadOperand(e, size);
        }

        Evaluate(slot, e, _args);
        if (e->FaultVector == RobEntry.NoFault)
        {
            StoreEntry store = new()
            {
                Physical = e->Physical,
                PhysicalSecond = e->PhysicalSecond,
                Size = (byte)size,
                Data = _args->Result,
                Wide = _args->VResult,
            };
            if (e->Device)
            {
                _context.WriteDevice(e->Physical, Math.Min(size, 8), _args->Result, 0);
            }
            else
            {
                // From here on it cannot be thrown away: an interrupt that comes before it retires waits until it has.
                _oldestBusy = true;
                WriteStore(&store);
                _codeStore |= _codeChanged;
            }
        }

        // A locked operation's first result is what memory gets; the register's new value is the second.
        e->Result = _args->Result2;
        if (e->Device)
            NoteDevice(e->Op->Rip, PathDeviceAccess.Read, _charged);
        FinishCharged(slot, e);
    }

    private void ReadDevice(int slot, RobEntry* e)
    {
        int size = e->Op->AccessSize;
        e->Issued = _now;
        e->WaitCause = CycleCause.Device;
        _oldestBusy = true;
        if (TProbe.FollowsRecording)
        {
            _charged = _path[e->Step].Details?.DeviceRead ?? 0;
            _loads[e->LoadNumber & MemoryMask].Performed = true;
            FinishCharged(slot, e);
            return;
        }

        Gather(e, _args);
        _charged = 0;
        _context.AccessRip = e->Op->Rip;
        ulong low = _context.ReadDevice(e->Physical, Math.Min(size, 8), 0);
        _args->A = low;
        _args->VA = System.Runtime.Intrinsics.Vector256.CreateScalar(low);
        for (int i = 8; i < size; i += 8)
        {
            _args->VA = System.Runtime.Intrinsics.Vector256.WithElement(
                _args->VA, i >> 3, _context.ReadDevice(e->Physical + (ulong)i, Math.Min(size - i, 8), 0));
        }

        LimitToNextEvent();
        NoteDevice(e->Op->Rip, PathDeviceAccess.Read, _charged);
        _loads[e->LoadNumber & MemoryMask].Performed = true;
        Evaluate(slot, e, _args);
        FinishCharged(slot, e);
    }

    /// <summary>Completes after what the devices charged; an access that charges nothing is one to the core's own local APIC.</summary>
    private void FinishCharged(int slot, RobEntry* e)
    {
        ulong cycles = e->Device && _charged == 0 ? (ulong)_p.LocalDevice : _charged;
        _charged = 0;
        if (cycles == 0)
        {
            Complete(slot, e);
        }
        else
        {
            At(_now + cycles, slot, e, Stage.Complete);
        }
    }

    private void WriteDevice(StoreEntry* store)
    {
        _charged = 0;
        if (TProbe.FollowsRecording)
        {
            _drainAt = _now + Math.Max(_path.NextDrain(), (ulong)_p.DeviceWrite);
            _storeHead++;
            _active = true;
            return;
        }

        _context.AccessRip = store->Rip;
        byte* data = store->Size <= 8 ? (byte*)&store->Data : (byte*)&store->Wide;
        for (int i = 0; i < store->Size; i += 8)
        {
            _context.WriteDevice(store->Physical + (ulong)i, Math.Min(store->Size - i, 8), *(ulong*)(data + i), 0);
        }

        _drainAt = _now + Math.Max(_charged, (ulong)_p.DeviceWrite);
        NoteDevice(store->Rip, PathDeviceAccess.Drain, _charged);
        _charged = 0;
        _storeHead++;
        _active = true;
        LimitToNextEvent();
    }

    /// <summary>Runs a whole microcoded instruction, by the functional engine's handlers, on the precise state.</summary>
    private void RunMicrocode(int slot, RobEntry* e)
    {
        Decoded* d = e->Instruction;
        CpuState* s = _state;
        if (d->MicrocodeDrains)
        {
            ForceDrain();
        }

        if (TProbe.FollowsRecording)
        {
            RunRecordedMicrocode(slot, e);
            return;
        }

        bool stepping = _context.NeedsSingleStep;
        _context.BeginStep();
        _charged = 0;
        ulong before = s->Executed;
        ulong salt = s->Host.JumpSalt;
        byte mode = s->ModeKey;
        ulong counter = s->Gpr[Reg.Rcx / 8];
        ulong source = s->Gpr[Reg.Rsi / 8];
        ulong destination = s->Gpr[Reg.Rdi / 8];
        s->Rip = d->Rip;
        s->Host.Limit = ulong.MaxValue;
        MicroOp* op = d->Ops;
        while (true)
        {
            bool last = (op->Marks & MicroOpMarks.Last) != 0;
            MicroOp* next = op->Handler(s, op);
            if (next == null)
            {
                break;
            }

            if (last)
            {
                // A branch that was taken has counted itself. (Where its target's micro-ops lie says nothing.)
                bool taken = s->Executed != before;
                s->Executed += taken ? 0u : 1u;
                s->Rip = taken ? next->Rip : op->NextRip & ModeKeys.InstructionPointerMask(mode);
                break;
            }

            op = next;
        }

        s->Host.PendingLink = null;
        LookAtUppers();
        bool device = _charged > 0;
        ulong charged = _charged;
        _blockerChangedState = salt != s->Host.JumpSalt || mode != s->ModeKey;
        bool isString = DescribeString(d->Ops, counter, source, destination, out bool writes, out StringRange range);
        if (isString)
        {
            device = false;
            ChargeString(in range, writes);
        }

        if (TProbe.WatchesRetirement)
        {
            NoteMicrocode(d, (device ? MicrocodeFlags.Device : 0) | (isString ? MicrocodeFlags.IsString : 0) | (writes ? MicrocodeFlags.Writes : 0)
                | (s->Executed == before ? MicrocodeFlags.GoesOn : 0) | (_assisted ? MicrocodeFlags.Assisted : 0), isString ? 0 : charged, in range);
        }

        _assisted = false;
        LimitToNextEvent();
        if (s->Host.FaultVector != HostState.NoFault)
        {
            e->FaultVector = s->Host.FaultVector;
            e->FaultError = s->Host.FaultError;
            e->FaultAddress = s->Host.FaultAddress;
            s->Host.FaultVector = HostState.NoFault;
            s->Rip = d->Rip;
            _oldestBusy = false;
        }
        else if (s->Executed == before)
        {
            // A repeated string instruction stopped in between: interrupts may come in, then it goes on.
            _oldestBusy = false;
            s->Rip = d->Rip;
            if (stepping && EndStep(d->Next & ModeKeys.InstructionPointerMask(d->ModeKey)))
            {
                return;
            }

            e->State = OpState.Waiting;
            _againAt = _now + _charged;
            _charged = 0;
            _active = true;
            return;
        }

        e->WaitCause = device ? CycleCause.Device : e->WaitCause;
        FinishCharged(slot, e);
    }

    private bool _blockerChangedState;

    /// <summary>When a string instruction that stopped in between has spent what it did so far.</summary>
    private ulong _againAt;

    /// <summary>The instruction behind which nothing could dispatch has retired.</summary>
    private void FinishBlocker(Decoded* d, ulong next, bool whole)
    {
        _blocker = -1;
        _oldestBusy = false;
        if (!whole)
        {
            return;
        }

        if (next != d->Next || _blockerChangedState || QueueIsStale())
        {
            Squash(_head);
            Redirect(next, CycleCause.Microcode, 0);
            if (TProbe.FollowsRecording)
                FollowFrom(_retireStep);
        }

        if (_state->Activity != ActivityState.Active)
        {
            Squash(_head);
            ForceDrain();
            _fetchStopped = true;
        }
    }

    private bool QueueIsStale()
    {
        for (int i = 0; i < _queueCount; i++)
        {
            if (!_decode.IsValid(_queue[(_queueHead + i) & QueueMask].Instruction))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A device may have scheduled something: the engine must not run past it.</summary>
    private void LimitToNextEvent()
    {
        SimTime next = _context.Events.NextTime;
        if (next == SimTime.Never)
        {
            return;
        }

        ulong cycle = _context.Clock.TicksAt(next);
        _until = Math.Min(_until, Math.Max(_clock.At(cycle), _now) + 1);
    }
}
