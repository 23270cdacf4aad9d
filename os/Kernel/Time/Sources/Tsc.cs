using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>The time stamp counter: the frequency found, and the cheap clock for log stamps and accounting made from it.</summary>
internal static unsafe class Tsc
{
    /// <summary>Frequency in kHz; 0 until calibrated, or when calibration failed.</summary>
    internal static uint Khz;

    /// <summary>Found to run at different values on different CPUs, or against the watchdog; not used as clocksource.</summary>
    internal static bool Unstable;

    private static ulong s_base;
    private static uint s_mult;
    private static int s_shift;

    /// <summary>Counter value, not before any earlier load (LFENCE; RDTSC).</summary>
    internal static ulong ReadOrdered() => Machine.RdtscOrdered();

    /// <summary>Starts the cheap clock at zero for the counter value at which the kernel was entered.</summary>
    internal static void StartSchedClock(ulong atEntry)
    {
        s_mult = MultShift.Calculate(Khz, 1_000_000, 0, out s_shift);
        s_base = atEntry;
    }

    /// <summary>Changes the frequency without a step.</summary>
    internal static void RefineSchedClock(uint khz)
    {
        ulong now = Machine.Rdtsc();
        ulong ns = SchedClockAt(now);
        Khz = khz;
        s_mult = MultShift.Calculate(khz, 1_000_000, 0, out s_shift);
        // The base moves so that the new slope goes through the present point.
        s_base = now - ns * khz / 1_000_000;
    }

    private static ulong s_heldNs;

    /// <summary>The machine falls asleep, and the counter will start at zero when it wakes up.</summary>
    internal static void HoldSchedClock() => s_heldNs = SchedClock();

    /// <summary>The cheap clock goes on where it was held.</summary>
    internal static void ResumeSchedClock()
    {
        ulong milliseconds = s_heldNs / 1_000_000, rest = s_heldNs % 1_000_000;
        s_base = Machine.Rdtsc() - (milliseconds * Khz + rest * Khz / 1_000_000);
    }

    /// <summary>Nanoseconds since the kernel was entered; 0 before calibration.</summary>
    internal static ulong SchedClock() => s_mult == 0 ? 0 : SchedClockAt(Machine.Rdtsc());

    private static ulong SchedClockAt(ulong cycles) => MultShift.MulAddShift(cycles - s_base, s_mult, 0, s_shift);
}
