using System.Globalization;

namespace CoSim.Cli.Options;

/// <summary>Lengths of time as people write them: "1042d", "3h", "90s", "1.5ms"; a number alone is in seconds.</summary>
public static class Duration
{
    private const int Decimals = 9;
    private const ulong LongestSeconds = Seconds.MaximumSeconds;

    /// <summary>Units and their lengths in nanoseconds; "ms" before "s", which it ends with.</summary>
    private static readonly (string Name, ulong Nanoseconds)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ];

    /// <summary>What is accepted, for messages to the user.</summary>
    public static string Syntax => "write a length of time such as 1042d, 3h, 90s, 20ms or 750us, at most 100 years and no finer than a nanosecond";

    /// <summary>Parses a length of time.</summary>
    /// <returns>Nanoseconds, or null when the text is none.</returns>
    public static long? TryParse(string text)
    {
        (string name, ulong unit) = Units.FirstOrDefault(u => text.EndsWith(u.Name, StringComparison.Ordinal), (Name: "", Nanoseconds: 1_000_000_000UL));
        string[] parts = text[..^name.Length].Split('.');
        string fraction = parts.Length == 2 ? parts[1] : "0";
        if (parts.Length > 2 || fraction.Length is 0 or > Decimals || !TryDigits(parts[0], out ulong whole) || !TryDigits(fraction.PadRight(Decimals, '0'), out ulong part))
            return null;
        UInt128 scaled = (UInt128)part * unit;
        UInt128 nanoseconds = (UInt128)whole * unit + scaled / 1_000_000_000;
        return scaled % 1_000_000_000 == 0 && nanoseconds <= (UInt128)LongestSeconds * 1_000_000_000 ? (long)nanoseconds : null;
    }

    private static bool TryDigits(string text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
