using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// Measures the local APIC timer over a tenth of a second of ticks of the HPET or the 8254, with the TSC and the PM timer
/// as witnesses (timekeeping reference, section 7). The CPU halts between ticks.
/// </summary>
internal static unsafe class LapicCalibration
{
    private const int Loops = (int)TimeUnits.Hz / 10;
    private const uint Divisor = 16;

    /// <summary>PM timer counts in a tenth of a second, and the 1 percent by which it may differ.</summary>
    private const long PmTicks = PmTimer.Hz / 10, PmTolerance = PmTicks / 100;

    private static volatile int s_ticks;
    private static uint s_count1, s_count2, s_pm1, s_pm2;
    private static ulong s_tsc1, s_tsc2;
    private static bool s_done, s_hpet;

    /// <summary>The tick before, or instead of, the local timer's: the HPET's comparator 0; otherwise the 8254.</summary>
    internal static bool TickDeviceIsHpet => s_hpet;

    /// <summary>Handler of IRQ 0: samples while calibrating; afterwards the tick itself when there is no local timer.</summary>
    private static void TickHandler(TrapFrame* frame, void* context)
    {
        if (s_done)
        {
            if (LapicTimer.TicksPerJiffy != 0)
            {
                Broadcast.Interrupt(frame);
                return;
            }
            Tick.Interrupt(0, frame);
            TickOthers();
            return;
        }
        if (s_ticks == 0) Sample(out s_count1, out s_tsc1, out s_pm1);
        else if (s_ticks == Loops) Sample(out s_count2, out s_tsc2, out s_pm2);
        s_ticks++;
    }

    /// <summary>The tick of the CPUs whose own timer is off: the vector that it would have used.</summary>
    private static void TickOthers()
    {
        for (int i = 1; i < Cpu.Possible; i++)
        {
            if (Cpu.At(i)->Online) LocalApic.SendIpi(Cpu.At(i)->ApicId, Vectors.LocalTimer);
        }
    }

    private static void Sample(out uint count, out ulong tsc, out uint pm)
    {
        count = LapicTimer.ReadCount();
        tsc = Machine.Rdtsc();
        pm = PmTimer.Present ? PmTimer.ReadCounter() : 0;
    }

    /// <summary>Runs on the boot CPU with interrupts off, and returns with them off.</summary>
    internal static void Run()
    {
        Irq.RequestIsa(0, &TickHandler, null, "timer"u8);
        bool hpet = Hpet.Present && Hpet.StartPeriodic();
        if (!hpet || !FirstTickComes())
        {
            if (hpet)
            {
                Hpet.StopPeriodic();
                Hpet.EndLegacyReplacement();
                hpet = false;
            }
            Pit.StartPeriodic();
            if (!FirstTickComes())
            {
                Log.Print("..MP-BIOS bug: 8254 timer not connected to IO-APIC"u8);
                ByTscAlone();
                return;
            }
        }
        s_hpet = hpet;
        if (TimeOptions.NoLapicTimer)
        {
            Log.Print("Disabling APIC timer"u8);
            s_done = true;
            return;
        }
        LapicTimer.StartFreeRunning();
        s_ticks = 0;
        while (s_ticks <= Loops)
        {
            Machine.StiHlt();
            Machine.Cli();
        }
        s_done = true;
        Finish(hpet);
    }

    /// <summary>Waits for a tick for at most ten of them.</summary>
    private static bool FirstTickComes()
    {
        s_ticks = 1;
        ulong start = Machine.Rdtsc();
        // Without a calibrated TSC, 4 GHz is the fastest that it can be.
        ulong limit = (Tsc.Khz != 0 ? Tsc.Khz : 4_000_000) * 40UL;
        Machine.Sti();
        while (s_ticks == 1 && Machine.Rdtsc() - start < limit) Machine.Pause();
        Machine.Cli();
        return s_ticks != 1;
    }

    private static void Finish(bool hpet)
    {
        uint delta = s_count1 - s_count2;
        long pm = (long)((s_pm2 - s_pm1) & PmTimer.Mask);
        ulong tsc = s_tsc2 - s_tsc1;
        if (PmTimer.Present && pm != 0) CheckAgainstPmTimer(pm, tsc, ref delta);

        uint perJiffy = delta / (uint)Loops;
        uint period = perJiffy * Divisor;
        if (period < 1_000_000 / TimeUnits.Hz)
        {
            Log.Print("APIC frequency too slow, disabling apic timer"u8);
            return;
        }
        LapicTimer.SetFrequency(perJiffy);
        ulong bus = (ulong)period * TimeUnits.Hz;
        Log.Print("..... host bus clock speed is %u.%04u MHz."u8, bus / 1_000_000, bus % 1_000_000 / 100);
        if (hpet) Hpet.StopPeriodic();
        else Pit.Stop();
    }

    private static void CheckAgainstPmTimer(long pm, ulong tsc, ref uint delta)
    {
        if (Tsc.Khz != 0)
        {
            // The quick calibration had no second opinion: this is it. A TSC within 1 percent may carry the timers.
            ulong khz = Calibration.KhzOf(tsc, false, 0, (uint)pm);
            ulong off = khz > Tsc.Khz ? khz - Tsc.Khz : Tsc.Khz - khz;
            if (off <= Tsc.Khz / 100) Clocksources.TscVerified = true;
        }
        if (pm >= PmTicks - PmTolerance && pm <= PmTicks + PmTolerance) return;
        // Ticks came late or were lost: the PM timer says how much time has really passed.
        Log.Print("APIC calibration not consistent with PM-Timer: %ldms instead of 100ms"u8, (ulong)pm * 1000 / PmTimer.Hz);
        ulong corrected = (ulong)delta * PmTicks / (ulong)pm;
        Log.Print("APIC delta adjusted to PM-Timer: %llu (%u)"u8, corrected, delta);
        delta = (uint)corrected;
    }

    /// <summary>No tick interrupt reaches the CPU: a tenth of a second by the TSC.</summary>
    private static void ByTscAlone()
    {
        s_done = true;
        if (Tsc.Khz == 0) return;
        LapicTimer.StartFreeRunning();
        Sample(out s_count1, out s_tsc1, out s_pm1);
        while (Machine.Rdtsc() - s_tsc1 < Tsc.Khz * 100UL) Machine.Pause();
        Sample(out s_count2, out s_tsc2, out s_pm2);
        uint perJiffy = (s_count1 - s_count2) / (uint)Loops;
        if (perJiffy * Divisor >= 1_000_000 / TimeUnits.Hz) LapicTimer.SetFrequency(perJiffy);
    }
}
