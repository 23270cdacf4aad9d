using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The clocks and timers across suspend to RAM. Both halves run on the boot CPU, alone, interrupts off.</summary>
public static unsafe partial class Time
{
    /// <summary>Stops the clocks; the persistent clock remembers when.</summary>
    public static void SuspendClocks()
    {
        Tick.TakeDuty();
        Clocks.Suspend(Rtc.ReadSeconds());
        Tsc.HoldSchedClock();
    }

    /// <summary>
    /// Starts devices and clocks again. CLOCK_MONOTONIC goes on where it stood; CLOCK_BOOTTIME and the wall clock have the time slept added, and
    /// timers on them that have expired meanwhile expire now.
    /// </summary>
    public static void ResumeClocks()
    {
        Tsc.ResumeSchedClock();
        Hpet.Resume();
        Broadcast.Resume();
        CpuTime* c = CpuTime.Local;
        LapicTimer.Resume(c->OneShot);
        Clocks.Resume(Rtc.ReadSeconds());
        Watchdog.Resume();
        Hrtimers.ClockWasSet();
    }

    /// <summary>Takes the timers of a CPU that does not run any more; it starts its tick anew when it comes back.</summary>
    public static void TakeTimersOf(int cpu) => Hrtimers.TakeFrom(cpu);
}
