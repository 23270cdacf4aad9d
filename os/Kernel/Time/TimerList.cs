namespace CoSim.Os.Timekeeping;

/// <summary>/proc/timer_list: per CPU the bases with their first timers, and the event device's state.</summary>
internal static unsafe class TimerList
{
    internal static int Show(TextBuffer* text, Task* task, void* context)
    {
        text->Format("Timer List Version: v0.9\nHRTIMER_MAX_CLOCK_BASES: %d\nnow at %lld nsecs\n\n"u8, HrtimerBase.Count, (ulong)Time.MonotonicNs());
        for (int i = 0; i < Cpu.Possible; i++)
        {
            CpuTime* c = CpuTime.Of(i);
            if (c != null) ShowCpu(text, i, c);
        }
        text->Format("Tick Device: mode:     %d\nBroadcast device\nClock Event Device: lapic\n mult:           %llu\n rating:         %d\n"u8,
            CpuTime.Local->OneShot ? 1UL : 0, LapicTimer.Mult, (ulong)LapicTimer.Rating);
        return 0;
    }

    private static void ShowCpu(TextBuffer* text, int cpu, CpuTime* c)
    {
        text->Format("cpu: %d\n"u8, (ulong)cpu);
        for (int i = 0; i < HrtimerBase.Count; i++)
        {
            HrtimerQueue* queue = HrtimerCpu.Queue(&c->Timers, i);
            text->Format(" clock %d:\n  .offset:     %lld nsecs\n"u8, (ulong)i, (ulong)queue->Offset);
            Hrtimer* first = queue->First;
            if (first != null) text->Format(" #0: expires at %lld nsecs\n"u8, (ulong)first->Expires);
        }
        text->Format("  .expires_next   : %lld nsecs\n  .hres_active    : %d\n  .nr_events      : %u\n  .nr_retries     : %u\n  .nr_hangs       : %u\n"u8,
            (ulong)c->Timers.ExpiresNext, c->Timers.HresActive ? 1UL : 0, c->Timers.Events, c->Timers.Retries, c->Timers.Hangs);
        text->Format("  .tick_stopped   : %d\n  .idle_calls     : %llu\n  .idle_sleeps    : %llu\njiffies: %llu\n\n"u8,
            c->TickStopped ? 1UL : 0, c->IdleEntries, c->IdleStops, Tick.Jiffies);
    }
}
