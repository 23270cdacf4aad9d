using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// Refines the TSC's frequency over one second against the HPET or the PM timer, in the background, and then registers the
/// final clocksource (timekeeping reference, section 7).
/// </summary>
internal static unsafe class RefinedCalibration
{
    private static Hrtimer s_timer;
    private static ulong s_start;
    private static uint s_reference;
    private static bool s_hpet;

    /// <summary>Takes the first sample and comes back after a second.</summary>
    internal static void Begin()
    {
        if (Tsc.Khz == 0 || Tsc.Unstable) return;
        s_hpet = Hpet.Present;
        s_start = Calibration.ReadWithReference(s_hpet, out s_reference);
        Hrtimer* timer = Text.Address(ref s_timer);
        Hrtimers.Initialise(timer, HrtimerBase.Monotonic, &Finish, null);
        Hrtimers.Start(timer, Timekeeper.Monotonic(Clocks.Tk) + TimeUnits.NsecPerSec);
    }

    internal static bool Finish(Hrtimer* timer)
    {
        if (Tsc.Unstable)
        {
            Clocksources.DropEarlyTsc();
            return false;
        }
        uint reference;
        ulong stop = Calibration.ReadWithReference(s_hpet, out reference);
        if (reference != s_reference)
        {
            if (stop == ulong.MaxValue || s_start == ulong.MaxValue)
            {
                // Disturbed: start over.
                s_start = Calibration.ReadWithReference(s_hpet, out s_reference);
                timer->Expires += TimeUnits.NsecPerSec;
                return true;
            }
            ulong khz = Calibration.KhzOf(stop - s_start, s_hpet, s_reference, reference);
            ulong off = khz > Tsc.Khz ? khz - Tsc.Khz : Tsc.Khz - khz;
            if (off <= Tsc.Khz / 100)
            {
                Tsc.RefineSchedClock((uint)khz);
                Log.Print("tsc: Refined TSC clocksource calibration: %u.%03u MHz"u8, khz / 1000, khz % 1000);
            }
        }
        Clocksources.RegisterRefinedTsc();
        return false;
    }
}
