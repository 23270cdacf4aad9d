using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Recovery: throws away what is younger than a point, youngest first, and puts names, queues and predictors back.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private uint _branchTail;

    /// <summary>The pipeline is being refilled after a redirect for <see cref="_recoveryCause"/>.</summary>
    private bool _recovering;
    private CycleCause _recoveryCause;

    /// <summary>Finds out whether fetch went the right way after a branch, and redirects it if not.</summary>
    private void ResolveBranch(int slot, RobEntry* e)
    {
        e->ActualNext = TProbe.FollowsRecording ? RecordedNext(e) : e->FaultVector == RobEntry.NoFault ? e->Result : e->PredictedNext;
        if (e->ActualNext == e->PredictedNext)
        {
            return;
        }

        Mispredictions++;
        Squash(_head + ((slot - _head) & Mask) + 1);
        ref BranchRecord record = ref _branches[e->Branch & BranchMask];
        _history = record.History;
        _returns.Restore(record.Returns);
        ApplyToHistory(e->Instruction, e->ActualNext);
        Redirect(e->ActualNext, CycleCause.BranchMisprediction, 0);
        if (TProbe.FollowsRecording)
            FollowFrom(e->Step + 1);
    }

    /// <summary>Notes in history and return stack that a branch was fetched and went to <paramref name="next"/>.</summary>
    private void ApplyToHistory(Decoded* d, ulong next)
    {
        switch (d->Branch)
        {
            case BranchKind.Call:
            case BranchKind.CallIndirect:
                _returns.Push(d->Next);
                break;
            case BranchKind.Return:
                _ = _returns.Pop();
                break;
            default:
                break;
        }

        if (d->Branch != BranchKind.Conditional || next != d->Next)
        {
            _history.Push(d->Rip, next);
        }
    }

    /// <summary>Fetch goes on somewhere else.</summary>
    private void Redirect(ulong rip, CycleCause cause, int delay)
    {
        _fetchRip = rip;
        _fetchStopped = false;
        _fetchReadyAt = _now + (ulong)delay;
        _fetchCause = cause;
        _fetchLine = NoLine;
        _recovering = true;
        _recoveryCause = cause;
        _fusible = false;
        EnterAtTarget(rip);
    }

    /// <summary>Throws away every micro-op from a sequence number on, and everything between fetch and dispatch.</summary>
    private void Squash(long from)
    {
        uint oldestBranch = _branchTail;
        for (int i = 0; i < _queueCount; i++)
        {
            int branch = _queue[(_queueHead + i) & QueueMask].Branch;
            if (branch >= 0)
            {
                oldestBranch = (uint)branch;
                break;
            }
        }

        _queueCount = 0;
        _queueMacroOps = 0;
        _noBarrierBefore = Math.Min(_noBarrierBefore, from);
        while (_tail > from)
        {
            _tail--;
            RobEntry* e = _rob + (_tail & Mask);
            if (e->Branch >= 0)
            {
                oldestBranch = (uint)e->Branch;
            }

            Remove((int)(_tail & Mask), e);
        }

        if (oldestBranch != _branchTail)
        {
            ref BranchRecord record = ref _branches[oldestBranch & BranchMask];
            _history = record.History;
            _returns.Restore(record.Returns);
            _branchTail = oldestBranch;
        }

        if (_blocker >= from)
        {
            _blocker = -1;
        }

        // What held dispatch back may have been thrown away with the rest.
        _holdUntil = Math.Min(_holdUntil, _now);
    }

    private void Remove(int slot, RobEntry* e)
    {
        Squashed++;
        OpInfo* info = e->Info;
        bool done = e->State == OpState.Done;
        for (int rest = info->Sources; rest != 0;)
        {
            // Descending, the reverse of the order in which they were linked: each is the first of its list.
            int role = BitOperations.Log2((uint)rest);
            rest &= ~(1 << role);
            long sequence = e->Producer[role] >> 1;
            if (sequence >= _head)
            {
                RobEntry* p = _rob + (sequence & Mask);
                int waiter = (slot << RoleShift) | role;
                if (p->FirstWaiter == waiter)
                {
                    p->FirstWaiter = _nextWaiter[waiter];
                }
            }
        }

        for (int rest = info->Targets; rest != 0;)
        {
            int role = BitOperations.Log2((uint)rest);
            rest &= ~(1 << role);
            _rename[Physical(e, info->Target[role])] = e->Previous[role];
        }

        if (info->Stack != StackUse.Serial)
        {
            _stackTop = e->TopBefore;
            _stackTags = e->TagsBefore;
        }

        bool scheduled = e->State is OpState.Waiting or OpState.Ready;
        switch (info->Route)
        {
            case OpRoute.Alu when scheduled:
                _aluOccupied[e->Scheduler]--;
                _aluReady[e->Scheduler].Remove(slot);
                break;
            case OpRoute.Vector when scheduled:
                _vectorOccupied--;
                _vectorReady.Remove(slot);
                break;
            case OpRoute.Load:
                if (scheduled)
                {
                    _addressOccupied--;
                    _loadsReady.Remove(slot);
                }

                _blockedLoads.Remove(slot);
                _loadTail--;
                break;
            case OpRoute.Store:
                if (scheduled)
                {
                    _addressOccupied--;
                    _storesReady.Remove(slot);
                }

                _blockedStores.Remove(slot);
                _storeTail--;
                break;
            case OpRoute.Oldest when !done && e->Info->Class is MicroOpClass.Atomic or MicroOpClass.FullFence or MicroOpClass.LoadFence:
                _barriers -= done ? 0 : 1;
                break;
            default:
                break;
        }

        if (e->Index == 0)
        {
            _robMacroOps -= e->MacroOps;
            _integerTargets -= e->Instruction->IntegerTargets;
            _vectorTargets -= e->Instruction->VectorTargets;
        }

        e->Stamp = 0;
        e->State = OpState.Done;
    }
}
