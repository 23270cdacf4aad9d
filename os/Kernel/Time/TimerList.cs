namespace CoSim.Os.Timekeeping;

/// <summary>
/// /proc/timer_list, "v0.9", in Linux's order and words: per CPU the clock bases with the timers that wait on them and the state of
/// idling without ticks, then the tick devices.
/// </summary>
internal static unsafe class TimerList
{
    /// <summary>Timers that are shown of one base; more are counted but not listed.</summary>
    private const int MostTimers = 32;

    internal static int Show(TextBuffer* text, Task* task, void* context)
    {
        long now = Time.MonotonicNs();
        text->Format("Timer List Version: v0.9\nHRTIMER_MAX_CLOCK_BASES: %d\nnow at %lld nsecs\n\n"u8, 2 * HrtimerBase.Count, (ulong)now);
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if (Cpu.At(i)->Online) ShowCpu(text, i, CpuTime.Of(i), now);
        }
        TickDevices.Show(text);
        return 0;
    }

    private static void ShowCpu(TextBuffer* text, int cpu, CpuTime* c, long now)
    {
        text->Format("cpu: %d\n"u8, (ulong)cpu);
        for (int i = 0; i < HrtimerBase.Count; i++) ShowBase(text, &c->Timers, i, now);
        // Linux has each base twice; the second is for timers that expire in its soft interrupt, which no timer here does.
        for (int i = 0; i < HrtimerBase.Count; i++) ShowHead(text, 0, HrtimerBase.Count + i, ClockName(i), HrtimerCpu.Queue(&c->Timers, i)->Offset);
        text->Format("  .expires_next   : %lld nsecs\n  .hres_active    : %d\n  .nr_events      : %u\n  .nr_retries     : %u\n  .nr_hangs       : %u\n  .max_hang_time  : %lld\n"u8,
            (ulong)c->Timers.ExpiresNext, c->Timers.HresActive ? 1UL : 0, c->Timers.Events, c->Timers.Retries, c->Timers.Hangs, (ulong)c->Timers.MaxHangNsec);
        TickSched* s = &c->Sched;
        text->Format("  .nohz_mode      : %d\n  .last_tick      : %lld nsecs\n  .tick_stopped   : %d\n  .idle_jiffies   : %llu\n  .idle_calls     : %llu\n  .idle_sleeps    : %llu\n"u8,
            c->OneShot && !TimeOptions.NoNohz ? 2UL : 0, (ulong)s->LastTick, c->TickStopped ? 1UL : 0, s->IdleJiffies, c->IdleEntries, c->IdleStops);
        text->Format("  .idle_entrytime : %lld nsecs\n  .idle_waketime  : %lld nsecs\n  .idle_exittime  : %lld nsecs\n  .idle_sleeptime : %lld nsecs\n  .iowait_sleeptime: 0 nsecs\n"u8,
            (ulong)s->IdleEntry, (ulong)s->IdleWake, (ulong)s->IdleExit, Cpu.At(cpu)->IdleNs);
        text->Format("  .last_jiffies   : %llu\n  .next_timer     : %lld\n  .idle_expires   : %lld nsecs\njiffies: %llu\n\n"u8,
            s->IdleJiffies, (ulong)s->NextTimer, (ulong)s->IdleExpires, Tick.Jiffies);
    }

    private static void ShowHead(TextBuffer* text, ulong address, int index, byte* clock, long offset) =>
        text->Format(" clock %d:\n  .base:       %016llx\n  .index:      %d\n  .resolution: %u nsecs\n  .get_time:   %s\n  .offset:     %llu nsecs\nactive timers:\n"u8,
            (ulong)index, address, (ulong)index, Hrtimers.Resolution, (ulong)clock, (ulong)offset);

    private static void ShowBase(TextBuffer* text, HrtimerCpu* cpu, int index, long now)
    {
        HrtimerQueue* queue = HrtimerCpu.Queue(cpu, index);
        ShowHead(text, (ulong)queue, index, ClockName(index), queue->Offset);
        HrtimerSnapshot* timers = stackalloc HrtimerSnapshot[MostTimers];
        ulong flags = cpu->Lock.AcquireIrqSave();
        int count = HrtimerQueue.Collect(queue, timers, MostTimers);
        cpu->Lock.ReleaseIrqRestore(flags);
        long clock = now + queue->Offset;
        for (int i = 0; i < count; i++)
        {
            text->Format(" #%d: <%016llx>, %s, S:01\n # expires at %lld-%lld nsecs [in %lld to %lld nsecs]\n"u8, (ulong)i, (ulong)timers[i].Timer,
                (ulong)HrtimerNames.Of(timers[i].Function), (ulong)timers[i].Expires, (ulong)timers[i].Expires,
                (ulong)(timers[i].Expires - clock), (ulong)(timers[i].Expires - clock));
        }
    }

    private static byte* ClockName(int index) => index switch
    {
        HrtimerBase.Realtime => Text.Literal("ktime_get_real"u8),
        HrtimerBase.Boottime => Text.Literal("ktime_get_boottime"u8),
        HrtimerBase.Tai => Text.Literal("ktime_get_clocktai"u8),
        _ => Text.Literal("ktime_get"u8),
    };
}
