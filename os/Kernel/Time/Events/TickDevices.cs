namespace CoSim.Os.Timekeeping;

/// <summary>The tick devices' part of /proc/timer_list: the broadcast device, then each CPU's own.</summary>
internal static unsafe class TickDevices
{
    // States of a clock event device, by Linux's numbers.
    private const ulong Shutdown = 1, Periodic = 2, OneShot = 3;

    internal static void Show(TextBuffer* text)
    {
        ShowBroadcast(text);
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if (Cpu.At(i)->Online) ShowCpu(text, i, CpuTime.Of(i));
        }
    }

    private static void ShowBroadcast(TextBuffer* text)
    {
        bool hpet = LapicCalibration.TickDeviceIsHpet, ticks = LapicTimer.TicksPerJiffy == 0, oneShot = Broadcast.OneShot;
        uint hz = hpet ? Hpet.Frequency : Pit.Hz;
        text->Format("Tick Device: mode:     %d\nBroadcast device\nClock Event Device: %s\n"u8, oneShot ? 1UL : 0, (ulong)Text.Literal(hpet ? "hpet"u8 : "pit"u8));
        ulong state = ticks ? Periodic : oneShot && Broadcast.IsNeeded ? OneShot : Shutdown;
        Numbers(text, hpet ? 0x7FFFFFFFUL : 0x7FFF, hpet ? 192UL : 0xF, (uint)((((ulong)hz << 32) + TimeUnits.NsecPerSec / 2) / (ulong)TimeUnits.NsecPerSec), state, Broadcast.Next);
        text->Format(" set_next_event: %s\n shutdown:       %s\n periodic:       %s\n oneshot:        %s\n"u8,
            (ulong)Text.Literal(hpet ? "hpet_clkevt_set_next_event"u8 : "pit_next_event"u8),
            (ulong)Text.Literal(hpet ? "hpet_clkevt_set_state_shutdown"u8 : "pit_shutdown"u8),
            (ulong)Text.Literal(hpet ? "hpet_clkevt_set_state_periodic"u8 : "pit_set_periodic"u8),
            (ulong)Text.Literal(hpet ? "hpet_clkevt_set_state_oneshot"u8 : "pit_set_oneshot"u8));
        if (hpet) text->Put(" resume:         hpet_clkevt_legacy_resume\n"u8);
        text->Format(" event_handler:  %s\n\n retries:        %u\n\n"u8,
            (ulong)Text.Literal(oneShot ? "tick_handle_oneshot_broadcast"u8 : "tick_handle_periodic_broadcast"u8), Broadcast.Retries);
        ulong served = 0;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if (Cpu.At(i)->Online && (ticks ? i != 0 : Broadcast.IsNeeded)) served |= 1UL << i;
        }
        text->Format("tick_broadcast_mask: %llx\ntick_broadcast_oneshot_mask: %llx\n\n"u8, served, Broadcast.Sleeping);
    }

    private static void ShowCpu(TextBuffer* text, int cpu, CpuTime* c)
    {
        text->Format("Tick Device: mode:     %d\nPer CPU device: %d\nClock Event Device: lapic\n"u8, c->OneShot ? 1UL : 0, (ulong)cpu);
        bool none = LapicTimer.TicksPerJiffy == 0;
        Numbers(text, LapicTimer.MaxTicks, LapicTimer.MinTicks, none ? 1 : (uint)LapicTimer.Mult, none || (Broadcast.Sleeping >> cpu & 1) != 0 ? Shutdown : c->OneShot ? OneShot : Periodic, c->OneShot ? c->Timers.ExpiresNext : 0);
        text->Format(" set_next_event: lapic_next_event\n shutdown:       lapic_timer_shutdown\n periodic:       lapic_timer_set_periodic\n oneshot:        lapic_timer_set_oneshot\n"u8);
        text->Format(" oneshot stopped: lapic_timer_shutdown\n event_handler:  %s\n\n retries:        %u\nWakeup Device: <NULL>\n\n"u8,
            (ulong)Text.Literal(none ? "clockevents_handle_noop"u8 : c->OneShot ? "hrtimer_interrupt"u8 : "tick_handle_periodic"u8), c->Timers.Retries);
    }

    private static void Numbers(TextBuffer* text, ulong maxTicks, ulong minTicks, uint mult, ulong state, long next) =>
        text->Format(" max_delta_ns:   %llu\n min_delta_ns:   %llu\n mult:           %u\n shift:          32\n mode:           %llu\n next_event:     %lld nsecs\n"u8,
            Nsec(maxTicks, mult), Floor(Nsec(minTicks, mult)), mult, state, (ulong)next);

    private static ulong Nsec(ulong ticks, uint mult) => ((ticks << 32) + mult - 1) / mult;

    // No device is asked for less than a microsecond.
    private static ulong Floor(ulong nsec) => nsec < 1000 ? 1000 : nsec;
}
