using System;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// A counter's conversion to nanoseconds, ns = (cycles * Mult) >> Shift, with the limits inside which it does not overflow.
/// Rules and test vectors: Linux kernel/time/clocksource.c as described in the project's timekeeping reference, section 2.
/// </summary>
internal struct MultShift
{
    internal uint Mult;
    internal int Shift;

    /// <summary>How far NTP may move Mult either way: 11 percent.</summary>
    internal uint MaxAdj;

    /// <summary>The most cycles whose product with Mult + MaxAdj fits 64 bits, or the mask if that is smaller.</summary>
    internal ulong MaxCycles;

    /// <summary>How long an idle machine may leave the counter unread, in nanoseconds: half of what MaxCycles allows.</summary>
    internal long MaxIdleNsec;

    /// <summary>A longest sleep of ten minutes is enough; asking for more costs precision.</summary>
    private const ulong LongestSleepSec = 600;

    /// <summary>
    /// Finds the largest shift, 32 at most, at which <paramref name="maxSec"/> seconds of cycles times mult still fit 64 bits.
    /// </summary>
    /// <param name="from">Frequency of the counter, in units of <paramref name="to"/> per 10^9 (Hz with 10^9, kHz with 10^6).</param>
    /// <param name="to">Result units per second.</param>
    /// <param name="maxSec">The longest interval to convert, in the same scale as the frequencies.</param>
    /// <param name="shift">The shift found.</param>
    /// <returns>The multiplier.</returns>
    internal static uint Calculate(uint from, uint to, ulong maxSec, out int shift)
    {
        int room = 32 - BitLength((maxSec * from) >> 32);
        ulong mult = 0;
        for (shift = 32; shift > 0; shift--)
        {
            mult = (((ulong)to << shift) + from / 2) / from;
            if (mult >> room == 0) break;
        }
        return (uint)mult;
    }

    /// <summary>Conversion of a counter that runs at <paramref name="frequency"/> * <paramref name="scale"/> Hz.</summary>
    /// <param name="frequency">Frequency in units of <paramref name="scale"/> Hz; not zero.</param>
    /// <param name="scale">1 for Hz, 1000 for kHz.</param>
    /// <param name="mask">All ones in the counter's width.</param>
    internal static MultShift ForFrequency(uint frequency, uint scale, ulong mask)
    {
        ulong seconds = mask / frequency / scale;
        if (seconds == 0) seconds = 1;
        else if (seconds > LongestSleepSec && mask > uint.MaxValue) seconds = LongestSleepSec;

        MultShift result = default;
        result.Mult = Calculate(frequency, (uint)TimeUnits.NsecPerSec / scale, seconds * scale, out result.Shift);
        result.MaxAdj = (uint)((ulong)result.Mult * 11 / 100);
        while ((ulong)result.Mult + result.MaxAdj > uint.MaxValue)
        {
            result.Mult >>= 1;
            result.Shift--;
            result.MaxAdj = (uint)((ulong)result.Mult * 11 / 100);
        }
        result.SetLimits(mask);
        return result;
    }

    /// <summary>A conversion given by its constants, as jiffies has; no adjustment room is removed.</summary>
    internal static MultShift Fixed(uint mult, int shift, ulong mask)
    {
        MultShift result = default;
        result.Mult = mult;
        result.Shift = shift;
        result.MaxAdj = (uint)((ulong)mult * 11 / 100);
        result.SetLimits(mask);
        return result;
    }

    private void SetLimits(ulong mask)
    {
        ulong fits = ulong.MaxValue / ((ulong)Mult + MaxAdj);
        MaxCycles = fits < mask ? fits : mask;
        MaxIdleNsec = (long)((MaxCycles * (Mult - MaxAdj)) >> Shift) >> 1;
    }

    /// <summary>Nanoseconds for up to MaxCycles cycles.</summary>
    internal static ulong ToNsec(ulong cycles, uint mult, int shift) => (cycles * mult) >> shift;

    /// <summary>(a * mult + add) >> shift with a 96-bit product, for deltas beyond MaxCycles.</summary>
    internal static ulong MulAddShift(ulong a, uint mult, ulong add, int shift)
    {
        ulong low = (uint)a * (ulong)mult;
        ulong high = (a >> 32) * mult + (low >> 32);
        low = high << 32 | (uint)low;
        high >>= 32;
        ulong sum = low + add;
        if (sum < low) high++;
        return shift == 0 ? sum : sum >> shift | high << (64 - shift);
    }

    /// <summary>Number of the highest set bit plus one; 0 for 0.</summary>
    internal static int BitLength(ulong value)
    {
        int length = 0;
        if (value >> 32 != 0) { length += 32; value >>= 32; }
        if (value >> 16 != 0) { length += 16; value >>= 16; }
        if (value >> 8 != 0) { length += 8; value >>= 8; }
        while (value != 0) { length++; value >>= 1; }
        return length;
    }

    /// <summary>Position of the highest set bit; the value is not zero.</summary>
    internal static int Log2(ulong value) => BitLength(value) - 1;
}
