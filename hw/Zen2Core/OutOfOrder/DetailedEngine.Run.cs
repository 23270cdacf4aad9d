using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>The engine as the board sees it: runs up to a cycle, cycle by cycle, jumping over cycles that change nothing.</content>
public sealed unsafe partial class DetailedEngine<TProbe> : IDetailedEngine
{
    /// <summary>What the cores of a machine together may hold of instructions as the pipeline needs them; forgetting costs no simulated time.</summary>
    private const long DecodedBytesOfAllCores = 128L << 20;

    private ulong _until;
    private bool _stopNow;

    /// <summary>Some stage did something in this cycle, so the next one must be looked at.</summary>
    private bool _active;

    /// <inheritdoc/>
    public ulong NowCycles => _clock.ReferenceOf(_now);

    /// <inheritdoc/>
    public void Attach(ulong nowCycles)
    {
        _now = nowCycles;
        (uint multiply, uint divide) = _context.Speed;
        _clock.Set(nowCycles, nowCycles, multiply, divide);
        _context.Engine = this;
        _context.RefreshMode();
        Restart();
    }

    /// <inheritdoc/>
    public void Stall(ulong cycles) => _charged += cycles;

    /// <inheritdoc/>
    public void StallTime(ulong ticks) => _charged += _clock.Span(ticks);

    /// <inheritdoc/>
    public void ChangeSpeed()
    {
        (uint multiply, uint divide) = _context.Speed;
        ulong until = _until == ulong.MaxValue ? _until : _clock.ReferenceOf(_until);
        _clock.Set(NowCycles, _now, multiply, divide);
        _until = _clock.At(until);
    }

    /// <inheritdoc/>
    public void RequestStop() => _stopNow = true;

    /// <inheritdoc/>
    public void EndTurn() => _until = Math.Min(_until, _now + 1);

    /// <inheritdoc/>
    public void NoteSignal() => ReturnToPresent();

    /// <summary>Ends the run at this instruction boundary if the core is to stop here.</summary>
    private void LookForStop()
    {
        if (_context.HasStops && _context.StopsHere())
        {
            _stopNow = true;
        }
    }

    /// <summary>The core has come to an instruction boundary: lets whoever wants to look at it, and ends the run here if it is to stop.</summary>
    private void PassBoundary()
    {
        LookForStop();
        if (_context.Places != null)
        {
            _context.PassPlace();
        }

        if (_state->Host.Boundaries != null && _context.PassBoundary() == BoundaryAction.Leave)
        {
            ForceDrain();
            Restart();
            _stopNow = true;
        }
    }

    /// <inheritdoc/>
    public void Quiesce()
    {
        ReturnToPresent();
        AccountPassed();
        // A device that has been read must be read once only: its instruction retires first.
        while (_oldestBusy)
        {
            _until = ulong.MaxValue;
            Cycle();
        }

        ForceDrain();
        Restart();
    }

    /// <inheritdoc/>
    public void Run(ulong untilCycle)
    {
        _until = _clock.At(untilCycle);
        _stopNow = false;
        LookForStop();
        while (_now < _until && !_stopNow)
        {
            if (_state->Activity != ActivityState.Active && _blocker < 0 && (!Wake() || _stopNow))
            {
                return;
            }

            Cycle();
        }
    }

    /// <inheritdoc/>
    public void SkipTo(ulong cycle)
    {
        if (cycle <= NowCycles)
        {
            return;
        }

        if (_head != _tail || !StoresDrained)
        {
            Quiesce();
        }

        ulong before = NowCycles;
        if (cycle > before)
        {
            ulong own = _clock.At(cycle);
            _wheel.Clear();
            Account(CycleCause.Halted, own - _now);
            _now = own;
            _state->HaltedCycles += NowCycles - before;
        }
    }

    /// <summary>One cycle, and all that follow in which nothing can change.</summary>
    private void Cycle()
    {
        RunStages();
        CountCycles(_active || _retiredNow ? 1 : IdleCycles());
    }

    private void RunStages()
    {
        _active = false;
        TakeEvents();
        Retire();
        DrainStores();
        if (_retryLoads)
        {
            RetryLoads();
            _active = true;
        }

        Issue();
        Dispatch();
        Fetch();
    }

    private void CountCycles(ulong cycles)
    {
        Account(_retiredNow ? CycleCause.Retiring : CauseOfStall(), cycles);
        _now += cycles;
    }

    /// <summary>How many cycles pass, this one included, before anything can change.</summary>
    private ulong IdleCycles()
    {
        ulong next = Math.Min(_until, _wheel.NextAfter(_now));
        if (TProbe.FollowsRecording)
        {
            next = Math.Min(next, NextRecordedDelivery());
        }

        if (_delivery != Delivery.None)
        {
            next = Math.Min(next, Math.Max(_deliverAt, _now + 1));
        }

        if (!_fetchStopped && _queueMacroOps < _p.QueueMacroOps)
        {
            next = Math.Min(next, Math.Max(_fetchReadyAt, _now + 1));
        }

        if (_queueCount > 0)
        {
            ulong decodable = _queue[_queueHead & QueueMask].Decodable;
            if (decodable > _now)
            {
                next = Math.Min(next, decodable);
            }
        }

        if (_holdUntil > _now)
        {
            next = Math.Min(next, _holdUntil);
        }

        if (!StoresDrained || _deviceStore)
        {
            next = Math.Min(next, Math.Max(_drainAt, _now + 1));
        }

        // A result that came in this cycle retires in the next.
        if (_head < _tail)
        {
            RobEntry* e = _rob + (_head & Mask);
            if (e->Dispatched == _now || CompletedNow(e))
            {
                next = _now + 1;
            }
        }

        return Math.Max(next, _now + 1) - _now;
    }

    private bool CompletedNow(RobEntry* first)
    {
        int count = first->Instruction->Count;
        for (int i = 0; i < count; i++)
        {
            RobEntry* e = _rob + ((_head + i) & Mask);
            if (e->State == OpState.Done && e->Completed >= _now)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends a halt if something does; otherwise time passes.</summary>
    private bool Wake()
    {
        if (TProbe.FollowsRecording)
            return WakeRecorded();
        if (_context.TakeSignals() || _context.WaitEnded(NowCycles))
        {
            if (_state->Activity == ActivityState.Active)
            {
                ulong exit = _context.TakeIdleExit();
                int delay = (int)_clock.Span(exit != 0 ? exit : (ulong)_p.Wake) + _p.Interrupt;
                NoteWake(delay);
                Redirect(_state->Rip, CycleCause.Delivery, delay);
                PassBoundary();
                return true;
            }
        }

        return _state->Activity == ActivityState.Active;
    }

    /// <summary>An empty pipeline at the architectural instruction pointer.</summary>
    private void Restart()
    {
        if (!TProbe.FollowsRecording)
            LookAtUppers();
        Squash(_head);
        _wholeNext = _assisted = false;
        _passed = 0;
        _wheel.Clear();
        _delivery = Delivery.None;
        _codeStore = false;
        _codeChanged = false;
        _deviceStore = false;
        _oldestBusy = false;
        _blocker = -1;
        _holdUntil = _now;
        _drainAt = _now;
        _charged = 0;
        _againAt = 0;
        Array.Clear(_aluFreeAt);
        Array.Clear(_vectorFreeAt);
        _lastDelay = CycleCause.Decode;
        _fetchCause = CycleCause.Decode;
        _fetchPage = NoLine;
        _barriers = 0;
        _retryLoads = false;
        _blockedLoads.Clear();
        _blockedStores.Clear();
        LimitDecoded();
        Redirect(_state->Rip, CycleCause.Decode, 0);
        if (TProbe.FollowsRecording && _path != null)
            FollowFrom(_retireStep);
    }

    /// <summary>Forgets decoded instructions when there are too many. Nothing may be in flight.</summary>
    private void LimitDecoded()
    {
        if (!TProbe.FollowsRecording && _decode.Bytes > DecodedBytesOfAllCores / _hierarchy.CoreCount)
        {
            _decode.Clear();
        }
    }
}
