using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Fetch: follows the predicted path, from the op cache or through the instruction cache and the decoders.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private const ulong NoLine = ulong.MaxValue;
    private const int LineBytes = 1 << CacheArray.LineShift;

    private ulong _fetchRip;

    /// <summary>Fetch waits for a redirect: it ran into a fault or an indirect branch that nobody can predict.</summary>
    private bool _fetchStopped;
    private ulong _fetchReadyAt;
    private CycleCause _fetchCause = CycleCause.Decode;
    private ulong _fetchLine = NoLine;
    private ulong _fetchPage = NoLine;
    private ulong _fetchFrame;
    private ulong _fetchEpoch = ulong.MaxValue;

    private uint _queueHead;
    private int _queueCount;
    private int _queueMacroOps;

    /// <summary>Instructions come from the op cache; otherwise from the decoders.</summary>
    private bool _opCacheRun;
    private int _opCacheLeft;
    private ulong _buildStart;
    private int _buildCount;

    private readonly FaultInstruction _fetchFault = new();

    private void Fetch()
    {
        if (_fetchStopped || _now < _fetchReadyAt || _queueMacroOps >= _p.QueueMacroOps)
        {
            return;
        }

        int width = _opCacheRun ? _p.OpCacheWidth : _p.DecodeWidth;
        ulong window = ulong.MaxValue;
        for (int i = 0; i < width && _queueMacroOps < _p.QueueMacroOps && _queueCount < QueueRing; i++)
        {
            if (!Locate(out ulong physical))
            {
                return;
            }

            if (_opCacheRun && _opCacheLeft == 0)
            {
                _opCacheLeft = _opCache.Lookup(_fetchRip);
                if (_opCacheLeft == 0)
                {
                    LeaveOpCache();
                    return;
                }
            }

            if (!_opCacheRun)
            {
                // One aligned window of bytes a cycle, from a line that the instruction cache must have.
                ulong start = physical / (uint)_p.FetchBytes;
                if (window != ulong.MaxValue && start != window)
                {
                    break;
                }

                window = start;
                if (!LineIsHere(physical >> CacheArray.LineShift))
                {
                    return;
                }
            }

            Decoded* d = _decode.Lookup(_fetchRip, physical);
            if (TProbe.FollowsRecording && d == null)
            {
                LeaveRecording();
                return;
            }

            if (d == null)
            {
                FaultAtFetch(_state->Host.FaultVector, _state->Host.FaultError, _state->Host.FaultAddress);
                _state->Host.FaultVector = HostState.NoFault;
                return;
            }

            if (!_opCacheRun && !LineIsHere((physical + d->Length - 1) >> CacheArray.LineShift))
            {
                return;
            }

            _active = true;
            if (Enqueue(d))
            {
                return;
            }
        }
    }

    /// <summary>Translates the fetch address. False: fetch waits, or a fault was put into the queue.</summary>
    private bool Locate(out ulong physical)
    {
        physical = 0;
        ulong linear;
        if (TProbe.FollowsRecording)
        {
            linear = RecordedLinear();
        }
        else if (!CodeAddress.Linear(_state, _fetchRip, out linear))
        {
            FaultAtFetch(_state->Host.FaultVector, _state->Host.FaultError, 0);
            _state->Host.FaultVector = HostState.NoFault;
            return false;
        }

        ulong page = linear >> 12;
        if (page != _fetchPage || _fetchEpoch != _state->Host.JumpSalt)
        {
            TranslationOutcome outcome = _translation.Fetch(linear, NowCycles, out ulong address, out int extra);
            if (TProbe.FollowsRecording && outcome != TranslationOutcome.Done)
            {
                LeaveRecording();
                return false;
            }

            if (outcome != TranslationOutcome.Done)
            {
                FaultAtFetch(_translation.FaultVector, _translation.FaultError, _translation.FaultAddress);
                return false;
            }

            _fetchPage = page;
            _fetchFrame = address & ~0xFFFUL;
            _fetchEpoch = _state->Host.JumpSalt;
            if (extra > 0)
            {
                _fetchReadyAt = _now + (ulong)extra;
                _fetchCause = CycleCause.InstructionTlb;
                return false;
            }
        }

        physical = _fetchFrame | (linear & 0xFFF);
        return true;
    }

    private bool LineIsHere(ulong line)
    {
        if (line == _fetchLine)
        {
            return true;
        }

        AccessResult result = InOwnCycles(_caches.Fetch(line, NowCycles));
        if (result.Retry || result.ReadyAt > _now)
        {
            _fetchReadyAt = Math.Max(result.ReadyAt, _now + 1);
            _fetchCause = CycleCause.InstructionCache;
            return false;
        }

        _fetchLine = line;
        return true;
    }

    /// <summary>Puts an instruction into the queue and goes on to the next predicted one. True: no more in this cycle.</summary>
    private bool Enqueue(Decoded* d)
    {
        FetchEntry* entry = _queue + ((_queueHead + (uint)_queueCount) & QueueMask);
        entry->Instruction = d;
        entry->Fetched = _now;
        entry->Decodable = _now + (ulong)(_opCacheRun ? _p.OpCacheDepth : _p.DecodeDepth);
        entry->FaultVector = RobEntry.NoFault;
        entry->Branch = -1;
        entry->Delay = _fetchCause;
        _fetchCause = CycleCause.Decode;
        _queueCount++;
        _queueMacroOps += d->MacroOps;
        ulong next = d->Next & ModeKeys.InstructionPointerMask(d->ModeKey);
        bool taken = false;
        if (d->Branch != BranchKind.None)
        {
            taken = PredictBranch(entry, d, ref next);
        }

        entry->PredictedNext = next;
        AdvanceOpCache(d, next, taken);
        _fetchRip = next;
        if (TProbe.FollowsRecording)
            FollowFetch(entry, next);
        return taken || _fetchStopped;
    }

    private bool PredictBranch(FetchEntry* entry, Decoded* d, ref ulong next)
    {
        entry->Branch = (int)(_branchTail & int.MaxValue);
        ref BranchRecord record = ref _branches[_branchTail & BranchMask];
        _branchTail++;
        record.History = _history;
        record.Returns = _returns.Save();
        record.HasDirection = false;
        ulong fallthrough = next;
        int bubbles = _btb.Lookup(d->Rip, out ulong remembered);
        bool taken = true;
        switch (d->Branch)
        {
            case BranchKind.Conditional:
                record.HasDirection = true;
                taken = _direction.Predict(d->Rip, in _history, out record.Direction) && bubbles >= 0;
                next = taken ? d->Target : fallthrough;
                break;
            case BranchKind.Direct:
            case BranchKind.Call:
                next = d->Target;
                break;
            case BranchKind.Return:
                next = PeekReturn();
                break;
            default:
                if (_indirect.Predict(d->Rip, in _history, out ulong target))
                {
                    next = target;
                    bubbles = Math.Max(bubbles, _p.IndirectBubble);
                }
                else if (bubbles >= 0)
                {
                    next = remembered;
                }
                else
                {
                    // Nobody knows where it goes: wait for it.
                    next = ulong.MaxValue;
                    _fetchStopped = true;
                }

                break;
        }

        if (taken)
        {
            _fetchReadyAt = _now + 1 + (ulong)(bubbles >= 0 ? bubbles : _p.DecoderResteer);
            _fetchCause = CycleCause.BranchBubble;
        }

        ApplyToHistory(d, next);
        return taken;
    }

    private ulong PeekReturn()
    {
        ReturnStack.Checkpoint top = _returns.Save();
        return top.Address;
    }

    /// <summary>Keeps the op cache in step: goes on in it, builds entries, enters it at branch targets.</summary>
    private void AdvanceOpCache(Decoded* d, ulong next, bool taken)
    {
        if (_opCacheRun)
        {
            _opCacheLeft--;
        }
        else
        {
            _buildCount++;
            if (taken || _buildCount == _p.OpCacheOps || (next ^ _buildStart) / LineBytes != 0)
            {
                _opCache.Insert(_buildStart, _buildCount);
                _buildStart = next;
                _buildCount = 0;
            }
        }

        if (taken)
        {
            EnterAtTarget(next);
        }
    }

    /// <summary>The op cache is entered only at branch targets (AMD 56305).</summary>
    private void EnterAtTarget(ulong target)
    {
        _opCacheLeft = _opCache.Lookup(target);
        _opCacheRun = _opCacheLeft > 0;
        _buildStart = target;
        _buildCount = 0;
    }

    private void LeaveOpCache()
    {
        _opCacheRun = false;
        _buildStart = _fetchRip;
        _buildCount = 0;
        _fetchReadyAt = _now + 1;
        _fetchCause = CycleCause.Decode;
        _fetchLine = NoLine;
    }

    /// <summary>The bytes cannot be had: a place holder carries the fault to retirement, if it gets there.</summary>
    private void FaultAtFetch(uint vector, uint error, ulong address)
    {
        FetchEntry* entry = _queue + ((_queueHead + (uint)_queueCount) & QueueMask);
        entry->Instruction = _fetchFault.At(_fetchRip, _state->ModeKey);
        entry->Fetched = _now;
        entry->Decodable = _now + (ulong)_p.DecodeDepth;
        entry->FaultVector = vector;
        entry->FaultError = error;
        entry->FaultAddress = address;
        entry->Branch = -1;
        entry->Delay = _fetchCause;
        entry->PredictedNext = _fetchRip;
        _queueCount++;
        _queueMacroOps++;
        _fetchStopped = true;
        _active = true;
    }
}
