using System.Globalization;

namespace CoSim.Cli.Options;

/// <summary>A span of simulated time as people write it: seconds with up to nine decimals.</summary>
/// <param name="Nanoseconds">The span in nanoseconds.</param>
public readonly record struct Seconds(UInt128 Nanoseconds)
{
    private const int Decimals = 9;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The longest span: 100 years of 365.25 days.</summary>
    public const ulong MaximumSeconds = 3_155_760_000;

    /// <summary>Parses "90", "0.5" or "90028800.000000001"; null when the text is no such span.</summary>
    public static Seconds? TryParse(string text)
    {
        string[] parts = text.Split('.');
        if (parts.Length > 2 || !ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong whole) || whole > MaximumSeconds)
            return null;
        if (parts.Length == 1)
            return new Seconds((UInt128)whole * NanosecondsPerSecond);
        return parts[1].Length is > 0 and <= Decimals && ulong.TryParse(parts[1].PadRight(Decimals, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong fraction)
            ? new Seconds((UInt128)whole * NanosecondsPerSecond + fraction)
            : null;
    }

    /// <summary>Seconds with as many decimals as needed.</summary>
    public override string ToString()
    {
        string fraction = (Nanoseconds % NanosecondsPerSecond).ToString(CultureInfo.InvariantCulture).PadLeft(Decimals, '0').TrimEnd('0');
        string whole = (Nanoseconds / NanosecondsPerSecond).ToString(CultureInfo.InvariantCulture);
        return fraction.Length == 0 ? whole : whole + "." + fraction;
    }
}
