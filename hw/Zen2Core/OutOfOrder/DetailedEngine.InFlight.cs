using System.Runtime.Intrinsics;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// The engine between two cycles with everything in flight, to go back to within the process: nothing is drained or dropped, so that a run
/// does not notice. Instructions in flight are kept by the block that they come from. Every field that lives from one cycle to the next and
/// is not written by <see cref="Save"/> stands here; event counts do not, because the counters start anew from them.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private const int FaultPlaceHolder = -1;

    /// <inheritdoc/>
    public bool CanHoldInFlight
    {
        get
        {
            if (TProbe.FollowsRecording || _passed != 0)
                return false;
            for (long n = _head; n < _tail; n++)
            {
                if (!_decode.IsValid(_rob[n & Mask].Instruction))
                    return false;
            }

            return !QueueIsStale();
        }
    }

    /// <inheritdoc/>
    public void SaveInFlight(StateWriter writer, IList<Block> blocks)
    {
        Save(writer);
        Exchange(new FieldExchange(writer));
        writer.Bool(_fetchEpoch == _state->Host.JumpSalt);
        _wheel.Save(writer);
        for (long n = _head; n < _tail; n++)
            SaveOrigin(writer, _rob[n & Mask].Instruction, blocks);
        for (int i = 0; i < _queueCount; i++)
            SaveOrigin(writer, _queue[(_queueHead + i) & QueueMask].Instruction, blocks);
    }

    /// <inheritdoc/>
    public void RestoreInFlight(StateReader reader, IReadOnlyList<Block> blocks)
    {
        RestoreLearnt(reader);
        Exchange(new FieldExchange(reader));
        _fetchEpoch = reader.Bool() ? _state->Host.JumpSalt : ulong.MaxValue;
        _passed = 0;
        _until = _now;
        _stopNow = false;
        _wheel.Restore(reader);
        for (long n = _head; n < _tail; n++)
        {
            RobEntry* e = _rob + (n & Mask);
            e->Instruction = ReadOrigin(reader, blocks);
            e->Op = e->Instruction->Ops + e->Index;
            e->Info = e->Instruction->Infos + e->Index;
        }

        for (int i = 0; i < _queueCount; i++)
            _queue[(_queueHead + i) & QueueMask].Instruction = ReadOrigin(reader, blocks);
    }

    private void SaveOrigin(StateWriter writer, Decoded* d, IList<Block> blocks)
    {
        if (d->Block < 0)
        {
            writer.Int32(FaultPlaceHolder);
            writer.UInt64(d->Rip);
            writer.Byte(d->ModeKey);
            return;
        }

        (Block block, int place) = _decode.OriginOf(d);
        if (blocks.Count == 0 || blocks[^1] != block)
            blocks.Add(block);
        writer.Int32(blocks.Count - 1);
        writer.Int32(place);
    }

    private Decoded* ReadOrigin(StateReader reader, IReadOnlyList<Block> blocks)
    {
        int block = reader.Int32();
        return block == FaultPlaceHolder
            ? _fetchFault.At(reader.UInt64(), reader.Byte())
            : _decode.At(_context.Code.Again(blocks[block]), reader.Int32());
    }

    private void Exchange(FieldExchange x)
    {
        x.Value(ref _head);
        x.Value(ref _tail);
        x.Value(ref _stamp);
        x.Value(ref _sinceRetirement);
        ExchangeFrontEnd(x);
        ExchangeSchedulers(x);
        ExchangeRetirement(x);
        ExchangeQueues(x);
    }

    private void ExchangeFrontEnd(FieldExchange x)
    {
        x.Value(ref _fetchRip);
        x.Value(ref _fetchStopped);
        x.Value(ref _fetchReadyAt);
        x.Value(ref _fetchCause);
        x.Value(ref _fetchLine);
        x.Value(ref _fetchPage);
        x.Value(ref _fetchFrame);
        x.Value(ref _queueHead);
        x.Value(ref _queueCount);
        x.Value(ref _queueMacroOps);
        x.Value(ref _opCacheRun);
        x.Value(ref _opCacheLeft);
        x.Value(ref _buildStart);
        x.Value(ref _buildCount);
        x.Value(ref _branchHead);
        x.Value(ref _branchTail);
        x.Value(ref _recovering);
        x.Value(ref _recoveryCause);
        x.Value(ref _stalledBy);
        x.Value(ref _lastDelay);
        x.Value(ref _fusible);
    }

    private void ExchangeSchedulers(FieldExchange x)
    {
        x.Value(ref _aluReady);
        x.Value(ref _loadsReady);
        x.Value(ref _storesReady);
        x.Value(ref _vectorReady);
        x.Items<int>(_aluOccupied);
        x.Items<ulong>(_aluFreeAt);
        x.Items<ulong>(_vectorFreeAt);
        x.Value(ref _addressOccupied);
        x.Value(ref _vectorOccupied);
        x.Value(ref _blockedLoads);
        x.Value(ref _blockedStores);
        x.Value(ref _retryLoads);
        x.Value(ref _operandNotDirty);
        x.Value(ref _noBarrierBefore);
        x.Value(ref _uppersInUse);
        x.Value(ref _stackTop);
        x.Value(ref _stackTags);
        x.Value(ref _wholeNext);
        x.Value(ref _wholeRip);
        x.Value(ref _assisted);
    }

    private void ExchangeRetirement(FieldExchange x)
    {
        x.Value(ref _robMacroOps);
        x.Value(ref _integerTargets);
        x.Value(ref _vectorTargets);
        x.Value(ref _loadHead);
        x.Value(ref _loadTail);
        x.Value(ref _storeHead);
        x.Value(ref _storeTail);
        x.Value(ref _holdUntil);
        x.Value(ref _holdCause);
        x.Value(ref _blocker);
        x.Value(ref _barriers);
        x.Value(ref _oldestBusy);
        x.Value(ref _charged);
        x.Value(ref _blockerChangedState);
        x.Value(ref _againAt);
        x.Value(ref _delivery);
        x.Value(ref _deliverAt);
        x.Value(ref _deliverVector);
        x.Value(ref _deliverError);
        x.Value(ref _deliverAddress);
        x.Value(ref _codeStore);
        x.Value(ref _codeChanged);
        x.Value(ref _deviceStore);
        x.Value(ref _retiredNow);
        x.Value(ref _active);
        x.Value(ref _drainAt);
    }

    /// <summary>Of the rings only what is in use.</summary>
    private void ExchangeQueues(FieldExchange x)
    {
        for (long n = _head; n < _tail; n++)
        {
            int slot = (int)(n & Mask);
            x.Value(ref _rob[slot]);
            x.Value(ref _vector[slot]);
            x.Items(new Span<int>(_nextWaiter + (slot << RoleShift), 1 << RoleShift));
        }

        x.Items(new Span<long>(_rename, Renamed.Count));
        x.Items(new Span<LoadEntry>(_loads, MemoryRing));
        x.Items(new Span<StoreEntry>(_stores, MemoryRing));
        for (int i = 0; i < _queueCount; i++)
            x.Value(ref _queue[(_queueHead + i) & QueueMask]);
        for (uint n = _branchHead; n != _branchTail; n++)
            x.Value(ref _branches[n & BranchMask]);
    }
}
