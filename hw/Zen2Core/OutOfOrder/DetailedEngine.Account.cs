using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Attribution: each cycle goes to exactly one cause and to the instruction that retires next.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>The marker that empties what the core has cached and learnt.</summary>
    private const byte ColdMarker = 3;

    private CycleCounts _totals;

    /// <summary>Cycles since the last retirement, by cause.</summary>
    private CycleCounts _sinceRetirement;

    private void Account(CycleCause cause, ulong cycles)
    {
        _totals[cause] += cycles;
        if (TProbe.WatchesRetirement)
        {
            _sinceRetirement[cause] += cycles;
        }
    }

    /// <summary>
    /// Tells the probe of a retirement. The first instruction of a cycle gets the cycles since the last one, its own retiring
    /// cycle included; those that retire with it get none.
    /// </summary>
    private void NoteRetirement(ulong rip)
    {
        if (TProbe.WatchesRetirement)
        {
            if (!_retiredNow)
            {
                _sinceRetirement[CycleCause.Retiring]++;
                _probe.OnRetire(rip, NowCycles, in _sinceRetirement);
                _sinceRetirement = default;

                // This cycle is accounted for at its end like any other; it has been handed out already.
                _sinceRetirement[CycleCause.Retiring]--;
            }
            else
            {
                CycleCounts none = default;
                _probe.OnRetire(rip, NowCycles, in none);
            }
        }

        _retiredNow = true;
    }

    private void NoteDelivery(ulong rip)
    {
        if (TProbe.WatchesRetirement)
        {
            _probe.OnDeliver(rip, NowCycles, in _sinceRetirement);
            _sinceRetirement = default;
        }
    }

    private void Marker(byte code)
    {
        if (TProbe.FollowsRecording)
        {
            if (code == ColdMarker)
                Cold();
            return;
        }

        _context.Probe.OnMarker(_context, code, _state->Gpr[0]);
        _probe.OnMarker(code, _state->Gpr[0], NowCycles);
    }

    /// <summary>Why nothing retires in this cycle.</summary>
    private CycleCause CauseOfStall()
    {
        if (_delivery != Delivery.None)
        {
            return CycleCause.Delivery;
        }

        if (_codeStore)
        {
            return CycleCause.StoreBuffer;
        }

        if (_deviceStore)
        {
            return CycleCause.Device;
        }

        return _head < _tail ? CauseOfOldest() : CauseOfEmptiness();
    }

    private CycleCause CauseOfOldest()
    {
        RobEntry* first = _rob + (_head & Mask);
        int count = first->Instruction->Count;
        for (int i = 0; i < count; i++)
        {
            RobEntry* e = _rob + ((_head + i) & Mask);
            if (e->State == OpState.Done && e->Completed < _now)
            {
                continue;
            }

            return e->State switch
            {
                OpState.Ready => e->ReadyAt == _now || e->Dispatched >= _now ? FrontEndOr(e, CycleCause.Dependency) : CycleCause.ExecutionPort,
                OpState.Blocked => e->WaitCause,
                OpState.Executing or OpState.Done => e->Info->Route is OpRoute.Load or OpRoute.Oldest ? e->WaitCause : CycleCause.Dependency,
                _ => e->Info->Route == OpRoute.Oldest ? e->WaitCause : FrontEndOr(e, CycleCause.Dependency),
            };
        }

        return CycleCause.Dependency;
    }

    /// <summary>An instruction that has only just been dispatched waited for the front end, not for its sources.</summary>
    private CycleCause FrontEndOr(RobEntry* e, CycleCause cause) => e->Dispatched + 1 < _now ? cause : CauseOfDelivery();

    private CycleCause CauseOfDelivery() => _lastDelay;

    private CycleCause CauseOfEmptiness()
    {
        if (_stalledBy != CycleCause.Retiring && _queueCount > 0)
        {
            return _stalledBy;
        }

        if (_recovering)
        {
            return _recoveryCause;
        }

        if (_queueCount > 0)
        {
            return _queue[_queueHead & QueueMask].Delay;
        }

        return _now < _fetchReadyAt ? _fetchCause : CycleCause.Decode;
    }
}
