namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Values that say less than another one.</summary>
internal static class HuntValues
{
    private static readonly long[] s_divisors = [16, 4, 2];

    /// <summary>Smaller values, the smallest first; of words those that stand before it.</summary>
    public static IReadOnlyList<long> Smaller(HuntParameter parameter, long value)
    {
        if (parameter.Spread == HuntSpread.Word)
            return [.. Enumerable.Range(0, (int)value).Select(w => (long)w)];
        long simplest = parameter.Simplest;
        IEnumerable<long> smaller = parameter.IsNumber ? s_divisors.Select(d => simplest + (value - simplest) / d).Prepend(simplest) : [simplest];
        return [.. smaller.Distinct().Where(v => v != value)];
    }

    /// <summary>Values near another one with fewer digits, those with the fewest first.</summary>
    public static IReadOnlyList<long> Rounder(HuntParameter parameter, long value)
    {
        List<long> rounder = [];
        long unit = 1;
        while (parameter.IsNumber && unit <= Math.Abs(value) / 10)
            unit *= 10;
        // One digit, then two; towards 0 first.
        for (int digits = 0; digits < 2 && unit > 1; digits++, unit /= 10)
        {
            long low = value / unit * unit;
            rounder.Add(low);
            rounder.Add(low + (value < 0 ? -unit : unit));
        }
        return [.. rounder.Distinct().Where(v => v != value && v >= parameter.Least && v <= parameter.Most && Digits(v) < Digits(value))];
    }

    /// <summary>Digits before the zeros at the end.</summary>
    private static int Digits(long value)
    {
        int digits = 0;
        bool counts = false;
        for (; value != 0; value /= 10)
        {
            counts |= value % 10 != 0;
            digits += counts ? 1 : 0;
        }
        return digits;
    }
}
