using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// Cores in lock step: a core that waits passes over cycles, so that the others need not wait for it, and comes back when one of
/// them does something that it would have seen. Results are those of stepping every core through every cycle.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>After this many cycles without activity the cause of a stall depends on nothing recent.</summary>
    private const ulong CyclesUntilSteady = 3;

    /// <summary>Cycles before <see cref="_now"/> that have been passed over and are not accounted for.</summary>
    private ulong _passed;

    /// <inheritdoc/>
    public bool Step(ulong untilCycle)
    {
        AccountPassed();
        uint disturbances = _hierarchy.Disturbances;
        _hierarchy.NoteStep(_context.Index, NowCycles);
        _until = _now + 1;
        _stopNow = false;
        LookForStop();
        if (_stopNow || (_state->Activity != ActivityState.Active && _blocker < 0 && (!Wake() || _stopNow)))
        {
            return _hierarchy.Disturbances != disturbances;
        }

        RunStages();
        bool waits = !_active && !_retiredNow && !_stopNow && _state->Activity == ActivityState.Active;
        _until = Math.Max(_clock.At(untilCycle), _now + 1);
        ulong cycles = waits ? IdleCycles() : 1;
        CountCycles(1);
        _passed = cycles - 1;
        _now += _passed;
        return _hierarchy.Disturbances != disturbances;
    }

    /// <inheritdoc/>
    public void Settle(ulong cycle)
    {
        ReturnTo(_clock.At(cycle));
        AccountPassed();
    }

    /// <summary>
    /// Another core acts on this one: what was passed over from the other's present on is taken back. In a cycle the cores have their
    /// turns by number, so that those before the other have had theirs.
    /// </summary>
    private void ReturnToPresent()
    {
        _hierarchy.NoteDisturbance();
        ReturnTo(_clock.At(_hierarchy.SteppedCycle + (_context.Index > _hierarchy.SteppedCore ? 0UL : 1UL)));
    }

    private void ReturnTo(ulong cycle)
    {
        ulong back = Math.Min(_passed, _now - Math.Min(_now, cycle));
        _passed -= back;
        _now -= back;
    }

    /// <summary>Accounts for the cycles passed over, as if the core had been stepped through each.</summary>
    private void AccountPassed()
    {
        if (_passed == 0)
        {
            return;
        }

        ulong end = _now;
        ulong begin = end - _passed;
        _passed = 0;
        for (_now = begin; _now < end;)
        {
            CycleCause cause = CauseOfStall();
            ulong next = _now - begin < CyclesUntilSteady ? _now + 1 : _fetchReadyAt > _now && _fetchReadyAt < end ? _fetchReadyAt : end;
            Account(cause, next - _now);
            _now = next;
        }
    }
}
