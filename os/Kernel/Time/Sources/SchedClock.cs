using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The clock of log stamps and of accounting: the TSC as long as it is trusted, afterwards CLOCK_MONOTONIC with the TSC between the ticks
/// (<see cref="SchedClockData"/>), so that a TSC that jumps or stands moves no stamp by more than a tick.
/// </summary>
internal static unsafe class SchedClock
{
    /// <summary>The clocks run; before, only the counter can be asked.</summary>
    private static bool s_running;
    private static bool s_unstable;

    /// <summary>Nanoseconds that the clock is ahead of CLOCK_MONOTONIC; may be negative.</summary>
    private static ulong s_offset;

    /// <summary>CLOCK_MONOTONIC runs on this CPU: from now on an unreliable counter is checked by it.</summary>
    internal static void Start()
    {
        if (!s_running) NoteOffset();
        s_running = true;
        Begin(CpuTime.Local);
    }

    /// <summary>Nanoseconds since the kernel was entered, by this CPU. Any context; 0 until the TSC is calibrated.</summary>
    internal static ulong Read()
    {
        PerCpu* cpu = Cpu.Current;
        if (!s_running || !s_unstable || cpu->TimeData == null) return Tsc.SchedClock();
        ulong flags = Cpu.IrqSave();
        ulong now = SchedClockData.Read(&CpuTime.Local->CheapClock, Tsc.SchedClock(), s_offset);
        Cpu.IrqRestore(flags);
        return now;
    }

    /// <summary>A tick, or the end of an idle time without ticks; interrupts are off.</summary>
    internal static void Tick()
    {
        if (!s_unstable || !s_running) return;
        CpuTime* c = CpuTime.Local;
        Stamp(c);
        SchedClockData.Read(&c->CheapClock, c->CheapClock.TickRaw, s_offset);
    }

    /// <summary>The watchdog has found the counter good: a good moment to remember where it is (sched_clock_tick_stable).</summary>
    internal static void NoteGood()
    {
        if (!s_unstable) NoteOffset();
    }

    /// <summary>The counter has been found out before boot was over, which is told by others. Any context.</summary>
    internal static void DistrustEarly()
    {
        if (s_running && !s_unstable) GoOn();
        s_unstable = true;
    }

    /// <summary>The counter has been found out in a running system.</summary>
    internal static void Distrust()
    {
        if (s_unstable) return;
        Log.Print("TSC found unstable after boot, most likely due to broken BIOS. Use 'tsc=unstable'."u8);
        GoOn();
        CpuTime* own = CpuTime.Local;
        Log.Print("sched_clock: Marking unstable (%lld, %lld)<-(%lld, %lld)"u8, own->CheapClock.TickMonotonic, s_offset, own->CheapClock.TickRaw, 0);
    }

    /// <summary>All CPUs go on from where this one is.</summary>
    private static void GoOn()
    {
        ulong flags = Cpu.IrqSave();
        CpuTime* own = CpuTime.Local;
        Begin(own);
        for (int i = 0; i < Cpu.Possible; i++)
        {
            CpuTime* c = CpuTime.Of(i);
            if (c != null && c != own) c->CheapClock = own->CheapClock;
        }
        s_unstable = true;
        Cpu.IrqRestore(flags);
    }

    private static void NoteOffset()
    {
        ulong flags = Cpu.IrqSave();
        s_offset = Tsc.SchedClock() - (ulong)Timekeeper.Monotonic(Clocks.Tk);
        Cpu.IrqRestore(flags);
    }

    private static void Begin(CpuTime* c)
    {
        Stamp(c);
        c->CheapClock.Clock = c->CheapClock.TickMonotonic + s_offset;
    }

    private static void Stamp(CpuTime* c)
    {
        c->CheapClock.TickMonotonic = (ulong)Timekeeper.Monotonic(Clocks.Tk);
        c->CheapClock.TickRaw = Tsc.SchedClock();
    }
}
