using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Rename and dispatch: from the micro-op queue into reorder buffer, schedulers and memory queues, in order.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private int _robMacroOps;
    private int _integerTargets;
    private int _vectorTargets;
    private uint _loadHead;
    private uint _loadTail;
    private uint _storeHead;
    private uint _storeTail;

    /// <summary>Nothing dispatches before this cycle, for <see cref="_holdCause"/>.</summary>
    private ulong _holdUntil;

    /// <summary>What kept dispatch from going on, last time it could not; <see cref="CycleCause.Retiring"/> when nothing did.</summary>
    private CycleCause _holdCause;

    /// <summary>Sequence number of the instruction in flight behind which nothing may dispatch, or -1.</summary>
    private long _blocker = -1;

    /// <summary>Locked operations and full fences in flight: loads younger than the oldest of them wait.</summary>
    private int _barriers;

    private void Dispatch()
    {
        _stalledBy = CycleCause.Retiring;
        if (_queueCount == 0)
        {
            return;
        }

        if (_now < _holdUntil)
        {
            _stalledBy = _holdCause;
            return;
        }

        if (_head == _tail)
            SyncStack();
        int instructions = 0;
        int macroOps = 0;
        while (_queueCount > 0)
        {
            FetchEntry* entry = _queue + (_queueHead & QueueMask);
            if (entry->Decodable > _now)
            {
                return;
            }

            Decoded* d = entry->Instruction;
            int queued = d->MacroOps;
            if (d->Whole != null && RunsWhole(d))
                d = d->Whole;
            bool fused = _fusible && d->Branch == BranchKind.Conditional;
            int cost = fused ? 0 : d->MacroOps;
            if ((!fused && instructions == _p.DispatchInstructions) || (macroOps > 0 && macroOps + cost > _p.DispatchMacroOps))
            {
                // The width is used up: go on in the next cycle.
                _active = true;
                return;
            }

            _stalledBy = WhyNot(d, cost);
            if (_stalledBy != CycleCause.Retiring)
            {
                return;
            }

            Place(entry, d, cost);
            if (d->Microcoded)
                _assisted = _wholeNext && d->Rip == _wholeRip;
            _wholeNext = false;
            _queueHead++;
            _queueCount--;
            _queueMacroOps -= queued;
            _fusible = d->FusesWithBranch;
            _lastDelay = _recovering ? _recoveryCause : entry->Delay;
            _recovering = false;
            _active = true;
            instructions += fused ? 0 : 1;
            macroOps += cost;
            if (macroOps > _p.DispatchMacroOps)
            {
                // A long instruction keeps the dispatch stage for several cycles.
                ulong until = _now + (ulong)((macroOps + _p.DispatchMacroOps - 1) / _p.DispatchMacroOps);
                if (until > _holdUntil)
                {
                    _holdUntil = until;
                    _holdCause = CycleCause.Decode;
                }
            }

            if (_holdUntil > _now)
            {
                return;
            }
        }
    }

    private CycleCause _stalledBy;

    /// <summary>What the instruction dispatched last had been waiting for in the front end.</summary>
    private CycleCause _lastDelay = CycleCause.Decode;

    /// <summary>The instruction dispatched last was CMP or TEST.</summary>
    private bool _fusible;

    /// <summary>Which resource an instruction lacks; <see cref="CycleCause.Retiring"/> when it can go.</summary>
    private CycleCause WhyNot(Decoded* d, int cost)
    {
        if (_blocker >= 0 || (d->IsLoadFence && LoadFenceSerialises && _head != _tail))
        {
            return CycleCause.Serialisation;
        }

        // Stores are written before a PAUSE begins: a lock that is given up for its length is free for others as long.
        if (d->IsPause && _storeHead != _storeTail)
        {
            return CycleCause.StoreBuffer;
        }

        if (_robMacroOps + cost > _p.RobMacroOps || (int)(_tail - _head) + d->Count > Slots
            || _integerTargets + d->IntegerTargets > _p.IntegerRegisters || _vectorTargets + d->VectorTargets > _p.VectorRegisters)
        {
            return CycleCause.Dependency;
        }

        if (d->Loads != 0 && (int)(_loadTail - _loadHead) + d->Loads > _p.Loads)
        {
            return CycleCause.Dependency;
        }

        if (d->Stores != 0 && (int)(_storeTail - _storeHead) + d->Stores > _p.Stores)
        {
            return CycleCause.StoreBuffer;
        }

        if (d->AddressOps != 0 && _addressOccupied + d->AddressOps > _p.AddressEntries)
        {
            return CycleCause.ExecutionPort;
        }

        if (d->VectorOps != 0 && _vectorOccupied + d->VectorOps > _p.VectorEntries)
        {
            return CycleCause.ExecutionPort;
        }

        return d->AluOps != 0 && !HasAluRoom(d) ? CycleCause.ExecutionPort : CycleCause.Retiring;
    }

    /// <summary>DE_CFG bit 1: LFENCE stops dispatch until everything older has retired (AMD, "Software techniques for managing speculation").</summary>
    private bool LoadFenceSerialises => TProbe.FollowsRecording ? _fetchContext.LoadFenceSerialises : (MsrTable.Value(_state, MsrNumbers.DecodeConfiguration) & 2) != 0;

    private bool HasAluRoom(Decoded* d)
    {
        for (int i = 0; i < d->Count; i++)
        {
            OpInfo* info = d->Infos + i;
            if (info->Route == OpRoute.Alu && _aluOccupied[LeastOccupied(info->Pipes)] >= _p.AluEntries)
            {
                return false;
            }
        }

        return true;
    }

    private int LeastOccupied(int pipes)
    {
        int best = -1;
        for (int rest = pipes; rest != 0; rest &= rest - 1)
        {
            int alu = BitOperations.TrailingZeroCount(rest);
            if (best < 0 || _aluOccupied[alu] < _aluOccupied[best])
            {
                best = alu;
            }
        }

        return best;
    }

    private void Place(FetchEntry* entry, Decoded* d, int cost)
    {
        long first = _tail;
        _robMacroOps += cost;
        _integerTargets += d->IntegerTargets;
        _vectorTargets += d->VectorTargets;
        byte top = (d->Stack & StackUse.Mmx) != 0 ? (byte)0 : _stackTop;
        for (int i = 0; i < d->Count; i++)
        {
            int slot = (int)(_tail & Mask);
            RobEntry* e = _rob + slot;
            OpInfo* info = d->Infos + i;
            e->Op = d->Ops + i;
            e->Info = info;
            e->Instruction = d;
            e->Index = (byte)i;
            e->MacroOps = (byte)(i == 0 ? cost : 0);
            e->Stamp = ++_stamp;
            e->FirstWaiter = -1;
            e->FaultVector = RobEntry.NoFault;
            e->Mxcsr = 0;
            e->AddressWaits = 0;
            e->OtherWaits = 0;
            e->State = OpState.Waiting;
            e->OrderViolated = false;
            e->Device = false;
            e->DataReady = false;
            e->Branch = -1;
            e->Fetched = entry->Fetched;
            e->Decodable = entry->Decodable;
            if (TProbe.FollowsRecording)
                e->Step = entry->Step;
            e->Dispatched = _now;
            e->ReadyAt = _now;
            e->Issued = _now;
            e->WaitCause = CycleCause.Dependency;
            e->Top = top;
            Rename(slot, e, info);
            if (info->Stack != StackUse.Serial)
                AdvanceStack(e, info->Stack);
            _uppersInUse |= info->VectorTarget && e->Op->Width == 32;
            _tail++;
            if (e->Info->Class == MicroOpClass.Branch)
            {
                e->PredictedNext = entry->PredictedNext;
                e->Branch = entry->Branch;
            }

            if (i == 0 && entry->FaultVector != RobEntry.NoFault)
            {
                e->FaultVector = entry->FaultVector;
                e->FaultError = entry->FaultError;
                e->FaultAddress = entry->FaultAddress;
                e->State = OpState.Done;
                e->Completed = _now;
                break;
            }

            if (info->Hold != 0)
            {
                _holdUntil = Math.Max(_holdUntil, _now + info->Hold);
                _holdCause = e->Info->Class is MicroOpClass.ReadClock ? CycleCause.Microcode : CycleCause.Serialisation;
            }

            Route(slot, e, info);
        }

        if (d->IsLoadFence && LoadFenceSerialises)
        {
            _holdUntil = _now + (ulong)_p.LoadFence;
            _holdCause = CycleCause.Serialisation;
        }

        if (d->BlocksYounger)
        {
            _blocker = first;
        }
    }

    private void Rename(int slot, RobEntry* e, OpInfo* info)
    {
        for (int rest = info->Sources; rest != 0; rest &= rest - 1)
        {
            int role = BitOperations.TrailingZeroCount(rest);
            if (role == SourceRole.Old && info->VectorTarget && !_uppersInUse)
            {
                // Only its upper half matters, and that is zero: the register file says so without waiting.
                e->Producer[role] = RetiredLongAgo;
                continue;
            }

            long producer = _rename[Physical(e, info->Source[role])];
            e->Producer[role] = producer;
            if ((producer >> 1) < _head)
            {
                continue;
            }

            RobEntry* p = _rob + ((producer >> 1) & Mask);
            if (p->State == OpState.Done)
            {
                continue;
            }

            int waiter = (slot << RoleShift) | role;
            _nextWaiter[waiter] = p->FirstWaiter;
            p->FirstWaiter = waiter;
            if (((1 << role) & SourceRole.AddressMask) != 0)
            {
                e->AddressWaits++;
            }
            else
            {
                e->OtherWaits++;
            }
        }

        for (int rest = info->Targets; rest != 0; rest &= rest - 1)
        {
            int role = BitOperations.TrailingZeroCount(rest);
            ref long name = ref _rename[Physical(e, info->Target[role])];
            e->Previous[role] = name;
            name = (_tail << 1) | (role == TargetRole.Second ? 1L : 0L);
        }
    }

    private void Route(int slot, RobEntry* e, OpInfo* info)
    {
        switch (info->Route)
        {
            case OpRoute.Alu:
                e->Scheduler = (byte)LeastOccupied(info->Pipes);
                _aluOccupied[e->Scheduler]++;
                break;
            case OpRoute.Vector:
                _vectorOccupied++;
                break;
            case OpRoute.Load:
                _addressOccupied++;
                e->LoadNumber = _loadTail++;
                _loads[e->LoadNumber & MemoryMask] = new LoadEntry { Sequence = _tail - 1 };
                break;
            case OpRoute.Store:
                _addressOccupied++;
                e->StoreNumber = _storeTail++;
                StoreEntry* store = _stores + (e->StoreNumber & MemoryMask);
                *store = default;
                store->Sequence = _tail - 1;
                store->Rip = e->Op->Rip;
                break;
            case OpRoute.Oldest:
                if (e->Info->Class is MicroOpClass.Atomic or MicroOpClass.FullFence or MicroOpClass.LoadFence)
                {
                    _barriers++;
                }

                break;
            default:
                break;
        }

        SourcesChanged(slot, e);
    }
}
