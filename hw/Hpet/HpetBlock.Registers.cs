using CoSim.Hw.Simulation;

namespace CoSim.Hw.Hpet;

/// <summary>What each register reads as, and what a write does.</summary>
public sealed partial class HpetBlock
{
    internal ulong CapabilityValue =>
        _spec.Revision | ((ulong)(_spec.Timers - 1) << 8) | (_wide ? 1UL << 13 : 0) | (1UL << 15) |
        ((ulong)_spec.VendorId << 16) | ((ulong)_spec.PeriodFemtoseconds << 32);

    internal ulong ConfigurationValue => _configuration | _spec.UnknownConfiguration;

    internal ulong StatusValue
    {
        get
        {
            ulong now = NowTick;
            ulong status = 0;
            foreach (HpetTimer timer in _timers)
            {
                status |= timer.Status || (timer.Level && HasMatched(timer, now)) ? 1UL << timer.Number : 0;
            }

            return status;
        }
    }

    internal void WriteConfiguration(ulong value)
    {
        CatchUpAll();
        ulong changed = _configuration ^ value;
        if ((changed & Enable) != 0)
        {
            // The counter starts or stops between two ticks; it keeps its value.
            _haltedCounter = Counter;
            _startTick = NowTick;
        }

        _configuration = value & (Enable | LegacyRouting);
        RescheduleAll();
        DriveLines();
    }

    internal void ClearStatus(ulong bits)
    {
        CatchUpAll();
        foreach (HpetTimer timer in _timers)
        {
            timer.Status &= (bits & (1UL << timer.Number)) == 0;
        }

        DriveLines();
    }

    internal void WriteCounter(ulong value)
    {
        if (Running)
        {
            _services.Log.Touched(StateName, "MAIN_CNT", "written while the counter runs: ignored (2.3.7)", value);
            return;
        }

        _haltedCounter = value & CounterMask;
    }

    internal void ReportCounterRead() => _services.Probe?.ClockRead("hpet", _services.Now, Counter);

    internal ulong TimerConfigValue(int number)
    {
        HpetTimer timer = _timers[number];
        return timer.Config | (CanBePeriodic(number) ? TimerConfig.PeriodicCapable : 0) | (_wide ? TimerConfig.SizeCapable : 0) |
               (_messagesAllowed ? TimerConfig.MessageCapable : 0) | ((ulong)_spec.RouteCapability << 32);
    }

    internal void WriteTimerConfig(int number, ulong value)
    {
        HpetTimer timer = _timers[number];
        CatchUp(timer, NowTick);
        ulong writable = TimerConfig.WritableAlways | (CanBePeriodic(number) ? TimerConfig.Periodic | TimerConfig.ValueSet : 0) |
                         (_wide ? TimerConfig.Mode32 : 0) | (_messagesAllowed ? TimerConfig.MessageEnable : 0);
        timer.Config = value & writable;
        if (!timer.Level)
        {
            timer.Status = false;
        }

        if (!timer.InterruptEnabled || timer.Level)
        {
            timer.Latched = false;
        }

        Reschedule(timer);
        DriveLines();
    }

    internal ulong ComparatorValue(int number)
    {
        HpetTimer timer = _timers[number];
        return timer.IsStale ? timer.Stale : AccumulatorAt(timer, NowTick);
    }

    /// <summary>A guest has read a comparator: what it shows is the present value from now on.</summary>
    internal void ComparatorWasRead(int number) => _timers[number].IsStale = false;

    /// <summary>
    /// 2.3.9.2: in periodic mode a write with VAL_SET sets the accumulator, one without sets the period; VAL_SET clears itself with
    /// the first write. A driver that writes once leaves the period as it was (AMD 24674, AMD-8111).
    /// </summary>
    internal void WriteComparator(int number, ulong value, ulong lanes)
    {
        HpetTimer timer = _timers[number];
        ulong now = NowTick;
        CatchUp(timer, now);
        ulong mask = MaskOf(timer);
        if (timer.Periodic && (timer.Config & TimerConfig.ValueSet) == 0)
        {
            timer.Period = ((timer.Period & ~lanes) | value) & mask;
        }
        else
        {
            timer.Stale = timer.Comparator;
            timer.IsStale = _spec.StaleReadBack;
            timer.Comparator = ((timer.Comparator & ~lanes) | value) & mask;
            timer.EarliestMatch = now + _spec.ComparatorLatchTicks;
        }

        timer.Config &= ~TimerConfig.ValueSet;
        Reschedule(timer);
        _services.Probe?.TimerProgrammed(timer.Expiry.Name, _services.Now, timer.Expiry.Time);
    }

    internal ulong MessageValue(int number) => _timers[number].Message;

    internal void WriteMessage(int number, ulong value) => _timers[number].Message = value;

    private bool CanBePeriodic(int number) => (_spec.PeriodicTimers & (1U << number)) != 0;
}
