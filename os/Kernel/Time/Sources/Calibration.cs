using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// Finding the TSC's frequency on a CPU without CPUID leaf 15h: quickly against the 8254, else slowly with the HPET or PM
/// timer as reference (timekeeping reference, section 7). Interrupts are off.
/// </summary>
internal static unsafe class Calibration
{
    /// <summary>50 ms worth of high-byte steps of the 8254.</summary>
    private const int MaxQuickIterations = (int)(50 * Pit.Hz / 1000 / 256);
    private const ulong Failed = ulong.MaxValue;

    // One measurement of the slow path: 10 ms, and 50 ms when the machine is too disturbed for that.
    private const uint ShortMs = 10, ShortLatch = Pit.Hz / (1000 / ShortMs), ShortLoops = 1000;
    private const uint LongMs = 50, LongLatch = Pit.Hz / (1000 / LongMs), LongLoops = 5000;

    /// <summary>Frequency in kHz, or 0.</summary>
    internal static uint Quick()
    {
        Pit.StartChannel2(0xFFFF);
        // The first read may see the count before the load.
        Pit.MsbIs(0);
        ulong start, first;
        if (Expect(0xFF, out start, out first))
        {
            for (int i = 1; i <= MaxQuickIterations; i++)
            {
                ulong now, last;
                if (!Expect((byte)(0xFF - i), out now, out last)) break;
                ulong delta = now - start;
                // The two edges are each known to within one read. Give up at once if 50 ms will not make that 500 ppm.
                if (i == 1 && first + last >= (delta * MaxQuickIterations) >> 11) return 0;
                if (first + last >= delta >> 11) continue;
                // The edge just seen must still be the present one: otherwise a long interruption spoilt it.
                if (!Pit.MsbIs((byte)(0xFE - i))) break;
                Log.Print("tsc: Fast TSC calibration using PIT"u8);
                return (uint)(delta * Pit.Hz / ((ulong)i * 256 * 1000));
            }
        }
        Log.Print("tsc: Fast TSC calibration failed"u8);
        return 0;
    }

    /// <summary>Waits while the high byte is <paramref name="msb"/>: the last TSC value inside, and the uncertainty of its end.</summary>
    private static bool Expect(byte msb, out ulong tsc, out ulong uncertainty)
    {
        ulong previous = 0;
        tsc = 0;
        int count = 0;
        while (count < 50000 && Pit.MsbIs(msb))
        {
            previous = tsc;
            tsc = Machine.Rdtsc();
            count++;
        }
        uncertainty = Machine.Rdtsc() - previous;
        return count > 5;
    }

    /// <summary>The slow path: frequency in kHz, or 0.</summary>
    internal static uint Slow()
    {
        bool hpet = Hpet.Present;
        ulong bestPit = Failed, bestReference = Failed;
        uint latch = ShortLatch, ms = ShortMs, loops = ShortLoops;
        bool haveReference = hpet || PmTimer.Present;
        for (int i = 0; i < 3; i++)
        {
            uint ref1, ref2;
            ulong tsc1 = ReadWithReference(hpet, out ref1);
            ulong pit = MeasurePit(latch, ms, loops);
            ulong tsc2 = ReadWithReference(hpet, out ref2);
            if (pit < bestPit) bestPit = pit;
            if (!haveReference || ref1 == ref2) continue;
            if (tsc1 == Failed || tsc2 == Failed) continue;
            ulong reference = KhzOf(tsc2 - tsc1, hpet, ref1, ref2);
            if (reference < bestReference) bestReference = reference;
            if (bestPit != Failed && bestReference != 0)
            {
                ulong percent = bestPit * 100 / bestReference;
                if (percent >= 90 && percent <= 110)
                {
                    LogReference(hpet);
                    return (uint)reference;
                }
            }
            if (i == 1 && bestPit == Failed)
            {
                latch = LongLatch;
                ms = LongMs;
                loops = LongLoops;
            }
        }
        return Decide(bestPit, bestReference, haveReference, hpet);
    }

    private static uint Decide(ulong pit, ulong reference, bool haveReference, bool hpet)
    {
        if (pit == Failed)
        {
            Log.Print("tsc: Unable to calibrate against PIT"u8);
            if (!haveReference)
            {
                Log.Print("tsc: No reference (HPET/PMTIMER) available"u8);
                return 0;
            }
            if (reference == Failed)
            {
                Log.Print("tsc: HPET/PMTIMER calibration failed"u8);
                return 0;
            }
            LogReference(hpet);
            return (uint)reference;
        }
        if (!haveReference)
        {
            Log.Print("tsc: Using PIT calibration value"u8);
            return (uint)pit;
        }
        if (reference == Failed)
        {
            Log.Print("tsc: HPET/PMTIMER calibration failed. Using PIT calibration."u8);
            return (uint)pit;
        }
        Log.Print("tsc: PIT calibration deviates from %s: %llu %llu"u8,
            (ulong)(hpet ? Text.Literal("HPET"u8) : Text.Literal("PMTIMER"u8)), pit, reference);
        Log.Print("tsc: Using PIT calibration value"u8);
        return (uint)pit;
    }

    private static void LogReference(bool hpet) =>
        Log.Print("tsc: using %s reference calibration"u8, (ulong)(hpet ? Text.Literal("HPET"u8) : Text.Literal("PMTIMER"u8)));

    /// <summary>TSC cycles per millisecond over one countdown; Failed when too few polls fit in or one took far too long.</summary>
    private static ulong MeasurePit(uint latch, uint ms, uint loopMin)
    {
        Pit.StartChannel2(latch);
        ulong start = Machine.Rdtsc(), last = start, now = start;
        ulong min = Failed, max = 0;
        uint count = 0;
        while (!Pit.Channel2Expired)
        {
            now = Machine.Rdtsc();
            ulong delta = now - last;
            last = now;
            if (delta < min) min = delta;
            if (delta > max) max = delta;
            count++;
        }
        if (count < loopMin || max > 10 * min) return Failed;
        return (now - start) / ms;
    }

    /// <summary>A TSC value and the reference counter read with it; Failed when five reads in a row were disturbed.</summary>
    internal static ulong ReadWithReference(bool hpet, out uint reference)
    {
        // About 31 us when the frequency is known; while it is not, a number of cycles that no undisturbed read takes.
        ulong threshold = Tsc.Khz != 0 ? Tsc.Khz >> 5 : 0x20000;
        for (int i = 0; i < 5; i++)
        {
            ulong before = Machine.Rdtsc();
            reference = hpet ? Hpet.ReadCounter() : PmTimer.Present ? PmTimer.ReadCounter() : 0;
            ulong after = Machine.Rdtsc();
            if (after - before < threshold) return after;
        }
        reference = 0;
        return Failed;
    }

    /// <summary>Frequency in kHz from TSC cycles between two reference readings less than a wrap apart.</summary>
    internal static ulong KhzOf(ulong cycles, bool hpet, uint ref1, uint ref2)
    {
        ulong nsec = hpet
            ? (ulong)(ref2 - ref1) * Hpet.PeriodFs / 1_000_000
            : ((ref2 - ref1) & PmTimer.Mask) * (ulong)TimeUnits.NsecPerSec / PmTimer.Hz;
        return nsec == 0 ? Failed : cycles * 1_000_000 / nsec;
    }
}
