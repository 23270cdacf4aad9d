namespace CoSim.Cli.Stops;

/// <summary>
/// How far a binary counter has to count until its value passes a test: worked out bit by bit from the value, without counting. What a
/// test accepts is one interval of the masked bits, or two for "not equal".
/// </summary>
internal static class CounterSearch
{
    /// <summary>Counts until the test passes; 0 when it passes already, null when no value of the counter does.</summary>
    /// <param name="value">The counter now.</param>
    /// <param name="bits">Its width, 1 to 64; it wraps.</param>
    /// <param name="down">Whether it counts down.</param>
    /// <param name="test">The test.</param>
    public static ulong? CountsUntil(ulong value, int bits, bool down, ValueTest test)
    {
        ulong all = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        value &= all;
        ulong mask = test.Mask & all;
        ulong? best = null;
        foreach ((ulong low, ulong high) in Intervals(test, mask))
        {
            // A counter that counts down is the complement of one that counts up.
            (ulong from, ulong to) = down ? (mask - Math.Min(high, mask), mask - low) : (low, Math.Min(high, mask));
            ulong start = down ? ~value & all : value;
            ulong? found = Next(start, all, mask, from, to) ?? Next(0, all, mask, from, to);
            if (found is { } next)
                best = Math.Min(best ?? ulong.MaxValue, (next - start) & all);
        }

        return best;
    }

    private static IEnumerable<(ulong Low, ulong High)> Intervals(ValueTest test, ulong mask)
    {
        ulong value = test.Value;
        (ulong Low, ulong High, bool Any)[] all = test.Comparison switch
        {
            Comparison.Equal => [(value, value, true)],
            Comparison.NotEqual => [(0, value - 1, value > 0), (value + 1, ulong.MaxValue, value < ulong.MaxValue)],
            Comparison.Less => [(0, value - 1, value > 0)],
            Comparison.AtMost => [(0, value, true)],
            Comparison.Greater => [(value + 1, ulong.MaxValue, value < ulong.MaxValue)],
            _ => [(value, ulong.MaxValue, true)],
        };
        return all.Where(i => i.Any && i.Low <= mask).Select(i => (i.Low, i.High));
    }

    /// <summary>The smallest number from a start on whose masked bits lie in an interval; null when there is none up to the largest.</summary>
    private static ulong? Next(ulong start, ulong all, ulong mask, ulong low, ulong high)
    {
        if ((start & mask) >= low && (start & mask) <= high)
            return start;
        // The higher bits stay, one 0 becomes a 1, and the lower bits are as small as can be: the lowest such bit gives the smallest number.
        for (int bit = 0; bit < 64 && (all >> bit) != 0; bit++)
        {
            ulong one = 1UL << bit;
            if ((start & one) != 0)
                continue;
            ulong prefix = (start & ~(one - 1)) | one;
            if (Smallest(prefix, one - 1, mask, low) is { } candidate && (candidate & mask) <= high)
                return candidate;
        }

        return null;
    }

    /// <summary>The smallest number with a prefix, and free bits below it, whose masked bits are at least a bound; null when none is.</summary>
    private static ulong? Smallest(ulong prefix, ulong free, ulong mask, ulong low)
    {
        ulong fixedBits = prefix & mask;
        if (fixedBits >= low)
            return prefix;
        ulong usable = free & mask;
        if ((fixedBits | usable) < low)
            return null;
        // From the highest bit down: a bit is needed only if all lower ones together do not reach the bound.
        for (int bit = 63; bit >= 0; bit--)
        {
            ulong one = 1UL << bit;
            if ((usable & one) != 0 && (fixedBits | (usable & (one - 1))) < low)
            {
                fixedBits |= one;
                prefix |= one;
            }
        }

        return prefix;
    }
}
