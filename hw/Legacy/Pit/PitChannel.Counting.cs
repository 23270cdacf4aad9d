namespace CoSim.Hw.Legacy;

/// <summary>The six modes as functions of elapsed clocks (231164-005, "Mode Definitions").</summary>
internal sealed partial class PitChannel
{
    private const ulong NoTick = ulong.MaxValue;

    /// <summary>The level of the OUT pin.</summary>
    public bool OutAt(ulong tick)
    {
        Synchronise(tick);
        if (!Counting(tick))
        {
            return _mode != 0 && !_retriggered;
        }

        ulong elapsed = ElapsedAt(tick);
        return _mode switch
        {
            0 => elapsed >= _count,
            1 => elapsed >= _count,
            2 => _count == 1 || elapsed % _count != _count - 1,
            3 => elapsed % _count < HighTicks(_count),
            _ => elapsed != _count,
        };
    }

    /// <summary>The count as a read would show it that is not latched.</summary>
    public ushort CountNow(ulong tick)
    {
        Synchronise(tick);
        return CountAt(tick);
    }

    /// <summary>The first tick after <paramref name="tick"/> at which OUT changes, or <see cref="NoTick"/>.</summary>
    public ulong NextChange(ulong tick)
    {
        Synchronise(tick);
        if (!_loaded || _frozen)
        {
            return NoTick;
        }

        if (tick < _loadTick)
        {
            // Mode 1 goes low when the trigger takes effect; the other modes hold their level until they have counted.
            return _mode == 1 && !_retriggered ? _loadTick : NextChangeFrom(_loadTick);
        }

        return NextChangeFrom(tick);
    }

    private static ulong HighTicks(uint count) => ((ulong)count + 1) / 2;

    private ulong NextChangeFrom(ulong tick)
    {
        ulong elapsed = ElapsedAt(tick);
        ulong inPeriod = elapsed % _count;
        ulong wait = _mode switch
        {
            0 or 1 => elapsed < _count ? _count - elapsed : NoTick,
            2 when _count == 1 => NoTick,
            2 => inPeriod < _count - 1 ? _count - 1 - inPeriod : 1,
            3 when _count == 1 => NoTick,
            3 => inPeriod < HighTicks(_count) ? HighTicks(_count) - inPeriod : _count - inPeriod,
            _ => elapsed < _count ? _count - elapsed : elapsed == _count ? 1 : NoTick,
        };
        return wait == NoTick ? NoTick : tick + wait;
    }

    private ushort CountAt(ulong tick)
    {
        if (!Counting(tick))
        {
            return Encode(_count % Modulus);
        }

        ulong elapsed = ElapsedAt(tick);
        switch (_mode)
        {
            case 2:
                return Encode((uint)(_count - (elapsed % _count)) % Modulus);
            case 3:
                ulong inPeriod = elapsed % _count;
                ulong inHalf = inPeriod < HighTicks(_count) ? inPeriod : inPeriod - HighTicks(_count);
                return Encode((uint)((_count & ~1U) - (2 * inHalf)) % Modulus);
            default:
                return Encode((uint)(((ulong)_count + ((ulong)Modulus << 32) - (elapsed % Modulus)) % Modulus));
        }
    }

    private bool Counting(ulong tick) => _loaded && tick >= _loadTick;

    private ulong ElapsedAt(ulong tick) => _frozen || tick < _loadTick ? _phase : tick - _loadTick + _phase;

    /// <summary>A complete count has been written.</summary>
    private void Load(ushort value, ulong tick)
    {
        bool first = !_reloadWritten;
        _reload = value;
        _reloadWritten = true;
        switch (_mode)
        {
            case 0 or 4:
                Begin(tick + 1, Divisor, 0);
                _frozen = !_gate;
                break;
            case 2 or 3 when first || !Counting(tick):
                if (_gate)
                {
                    Begin(tick + 1, Divisor, 0);
                }

                break;
            case 2 or 3:
                PlanSwitch(tick);
                break;
        }
    }

    /// <summary>Mode 2: the new count is used after the present period; mode 3: after the present half period.</summary>
    private void PlanSwitch(ulong tick)
    {
        ulong inPeriod = ElapsedAt(tick) % _count;
        bool high = _mode == 3 && inPeriod < HighTicks(_count);
        _switchDue = true;
        _switchCount = Divisor;
        _switchTick = tick + (high ? HighTicks(_count) - inPeriod : _count - inPeriod);
        _switchPhase = high ? HighTicks(_switchCount) : 0;
    }

    private void Begin(ulong tick, uint count, ulong phase)
    {
        _loaded = true;
        _frozen = false;
        _loadTick = tick;
        _count = count;
        _phase = phase;
    }

    private void Synchronise(ulong tick)
    {
        if (_switchDue && tick >= _switchTick)
        {
            _switchDue = false;
            Begin(_switchTick, _switchCount, _switchPhase);
        }
    }
}
