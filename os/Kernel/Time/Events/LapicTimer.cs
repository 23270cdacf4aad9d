using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The local APIC's timer as clock event device: rating 150 with ARAT, else 100; divider 16; 15 to 7FFFFFFFh ticks
/// (timekeeping reference, sections 1, 7 and 9).
/// </summary>
internal static unsafe class LapicTimer
{
    private const uint DivideBy16 = 3;
    private const uint ModePeriodic = 1 << 17, Masked = 1 << 16;
    internal const uint MinTicks = 0xF, MaxTicks = 0x7FFFFFFF;
    private const int Shift = 32;
    private const long MinDeltaFloorNsec = 1000;

    /// <summary>Timer ticks (after the divider) in one tick of HZ; 0 before calibration.</summary>
    internal static uint TicksPerJiffy;
    private static ulong s_mult;
    private static long s_minDeltaNsec, s_maxDeltaNsec;

    /// <summary>Conversion to timer ticks, shifted left by 32.</summary>
    internal static ulong Mult => s_mult;

    /// <summary>Rating of the event device: 150 once the timer is known to run in deep idle states (ARAT).</summary>
    internal static int Rating = 100;

    /// <summary>
    /// Whether the timer runs in deep idle states (CPUID Fn0000_0006 EAX[2], or any family above 11h), and the rating that follows.
    /// </summary>
    /// <param name="arat">The processor says so.</param>
    /// <param name="family">The processor's family.</param>
    /// <param name="denied">The user says that it does not.</param>
    internal static void RateByArat(bool arat, uint family, bool denied) => Rating = !denied && (arat || family > 0x11) ? 150 : 100;

    /// <summary>Takes the calibration's result.</summary>
    internal static void SetFrequency(uint ticksPerJiffy)
    {
        TicksPerJiffy = ticksPerJiffy;
        s_mult = ((ulong)ticksPerJiffy << Shift) / (ulong)TimeUnits.TickNsec;
        s_minDeltaNsec = ToNsec(MinTicks);
        if (s_minDeltaNsec < MinDeltaFloorNsec) s_minDeltaNsec = MinDeltaFloorNsec;
        s_maxDeltaNsec = ToNsec(MaxTicks);
    }

    // Rounded so that converting back does not fall below the ticks that were meant.
    private static long ToNsec(ulong ticks) => (long)(((ticks << Shift) + s_mult - 1) / s_mult);

    /// <summary>Lets the timer of this CPU count down from the top, masked, for calibration.</summary>
    internal static void StartFreeRunning()
    {
        LocalApic.Write(LocalApic.Tdcr, DivideBy16);
        LocalApic.Write(LocalApic.LvtTimer, Masked | Vectors.LocalTimer);
        LocalApic.Write(LocalApic.Tmict, uint.MaxValue);
    }

    internal static uint ReadCount() => LocalApic.Read(LocalApic.Tmcct);

    /// <summary>Interrupts HZ times a second on this CPU.</summary>
    internal static void StartPeriodic()
    {
        LocalApic.Write(LocalApic.Tdcr, DivideBy16);
        LocalApic.Write(LocalApic.LvtTimer, ModePeriodic | Vectors.LocalTimer);
        LocalApic.Write(LocalApic.Tmict, TicksPerJiffy);
    }

    /// <summary>Goes to one-shot mode; nothing is programmed yet.</summary>
    internal static void StartOneShot()
    {
        LocalApic.Write(LocalApic.Tmict, 0);
        LocalApic.Write(LocalApic.LvtTimer, Vectors.LocalTimer);
    }

    /// <summary>The device has lost its state; timers program it anew.</summary>
    internal static void Resume(bool oneShot)
    {
        if (TicksPerJiffy == 0) return;
        LocalApic.Write(LocalApic.Tdcr, DivideBy16);
        if (oneShot) StartOneShot();
        else StartPeriodic();
    }

    internal static void Stop() => LocalApic.Write(LocalApic.Tmict, 0);

    /// <summary>Programs the next interrupt of this CPU.</summary>
    /// <param name="expires">Monotonic time; KTIME_MAX stops the timer.</param>
    /// <returns>False when the time has passed already, and nothing was programmed.</returns>
    internal static bool Program(long expires)
    {
        if (expires == TimeUnits.KtimeMax)
        {
            Stop();
            return true;
        }
        long delta = expires - Timekeeper.Monotonic(Clocks.Tk);
        if (delta <= 0) return false;
        SetDelta(delta);
        return true;
    }

    /// <summary>The same, but a time in the past gives the shortest delay that the device can.</summary>
    internal static void ProgramForced(long expires)
    {
        long delta = expires - Timekeeper.Monotonic(Clocks.Tk);
        SetDelta(delta > 0 ? delta : s_minDeltaNsec);
    }

    private static void SetDelta(long nsec)
    {
        if (nsec > s_maxDeltaNsec) nsec = s_maxDeltaNsec;
        if (nsec < s_minDeltaNsec) nsec = s_minDeltaNsec;
        // Rounded up: an interrupt before the time would find nothing to do and come again. The multiplier is below 2^32 for any
        // timer slower than 1 GHz.
        LocalApic.Write(LocalApic.Tmict, (uint)MultShift.MulAddShift((ulong)nsec, (uint)s_mult, uint.MaxValue, Shift));
    }
}
