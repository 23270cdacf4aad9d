using CoSim.Hw.Simulation;

namespace CoSim.Hw.Hpet;

/// <summary>
/// When comparators match and what that does. A comparator matches at the tick that makes the counter equal to it, never on
/// "greater": a value that the counter has passed waits for the wrap (IA-PC HPET 1.0a, 2.3.9.2.1).
/// </summary>
public sealed partial class HpetBlock
{
    private const ulong NoTick = ulong.MaxValue;

    /// <summary>Longest distance to a match that is scheduled at all: 2^62 ticks are ten thousand years.</summary>
    private const ulong Horizon = 1UL << 62;

    private ulong MaskOf(HpetTimer timer) => _wide && (timer.Config & TimerConfig.Mode32) == 0 ? ulong.MaxValue : Low32;

    /// <summary>The first tick after <see cref="HpetTimer.CheckedTick"/> at which the comparator matches.</summary>
    private ulong NextMatch(HpetTimer timer)
    {
        if (!Running)
        {
            return NoTick;
        }

        ulong first = Math.Max(Math.Max(timer.CheckedTick, _startTick) + 1, timer.EarliestMatch);
        ulong distance = (timer.Comparator - CounterAt(first)) & MaskOf(timer);
        return distance < Horizon ? first + distance : NoTick;
    }

    private bool HasMatched(HpetTimer timer, ulong now) => NextMatch(timer) <= now;

    /// <summary>The comparator after all matches from <paramref name="match"/>, the first, to <paramref name="now"/>.</summary>
    private ulong AccumulatorAfter(HpetTimer timer, ulong match, ulong now)
    {
        ulong mask = MaskOf(timer);
        ulong period = timer.Period & mask;
        if (!timer.Periodic || period == 0)
        {
            return timer.Comparator;
        }

        ulong steps = ((now - match) / period) + 1;
        return (timer.Comparator + (period * steps)) & mask;
    }

    private ulong AccumulatorAt(HpetTimer timer, ulong now)
    {
        ulong match = NextMatch(timer);
        return match <= now ? AccumulatorAfter(timer, match, now) : timer.Comparator;
    }

    /// <summary>Deals with every match up to and including a tick.</summary>
    private void CatchUp(HpetTimer timer, ulong now)
    {
        ulong match = NextMatch(timer);
        if (match <= now)
        {
            timer.Comparator = AccumulatorAfter(timer, match, now);
            timer.CheckedTick = now;
            Matched(timer);
        }
        else
        {
            timer.CheckedTick = now;
        }
    }

    private void CatchUpAll()
    {
        ulong now = NowTick;
        foreach (HpetTimer timer in _timers)
        {
            CatchUp(timer, now);
        }
    }

    private void Expire(int number)
    {
        HpetTimer timer = _timers[number];
        _services.Probe?.TimerExpired(timer.Expiry.Name, _services.Now);
        CatchUp(timer, NowTick);
        Reschedule(timer);
    }

    private void Matched(HpetTimer timer)
    {
        timer.Status |= timer.Level;
        if (!timer.InterruptEnabled)
        {
            return;
        }

        if (_messagesAllowed && (timer.Config & TimerConfig.MessageEnable) != 0)
        {
            _messages.DeliverMessage(timer.Message >> 32, (uint)timer.Message);
            return;
        }

        if (!timer.Level)
        {
            // The line stays active until the next match, which makes a new edge: an 8259 then still finds the request at INTA.
            timer.Latched = false;
            DriveLines();
            timer.Latched = true;
        }

        DriveLines();
    }

    private void Reschedule(HpetTimer timer)
    {
        ulong match = timer.InterruptEnabled ? NextMatch(timer) : NoTick;
        if (match == NoTick)
        {
            _services.Events.Cancel(timer.Expiry);
        }
        else
        {
            _services.Events.Schedule(timer.Expiry, _spec.Clock.TimeOf(match));
        }
    }

    private void RescheduleAll()
    {
        foreach (HpetTimer timer in _timers)
        {
            Reschedule(timer);
        }
    }

    private bool UsesLegacy(HpetTimer timer) => timer.Number < 2 && (_configuration & LegacyRouting) != 0;

    private bool PinLevel(int pin)
    {
        bool level = false;
        foreach (HpetTimer timer in _timers)
        {
            level |= timer.Output && !UsesLegacy(timer) && timer.Route == pin && (timer.Config & TimerConfig.MessageEnable) == 0;
        }

        return level;
    }

    private void DriveLines()
    {
        bool legacy = (_configuration & LegacyRouting) != 0;
        _services.Drive(LegacyReplacement, legacy);
        _services.Drive(Legacy0, legacy && _timers[0].Output);
        _services.Drive(Legacy1, legacy && _timers.Length > 1 && _timers[1].Output);
        for (int pin = 0; pin < PinLines.Count; pin++)
        {
            if (PinLines[pin] is { } line)
            {
                _services.Drive(line, PinLevel(pin));
            }
        }
    }

    private void RestoreLines()
    {
        bool legacy = (_configuration & LegacyRouting) != 0;
        LegacyReplacement.RestoreLevel(legacy);
        Legacy0.RestoreLevel(legacy && _timers[0].Output);
        Legacy1.RestoreLevel(legacy && _timers.Length > 1 && _timers[1].Output);
        for (int pin = 0; pin < PinLines.Count; pin++)
        {
            PinLines[pin]?.RestoreLevel(PinLevel(pin));
        }
    }
}
