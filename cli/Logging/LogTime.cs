using System.Globalization;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Logging;

/// <summary>Points of simulated time as people write them: "1.5s", "20ms", "750us", "12ns"; a number alone is in seconds.</summary>
public static class LogTime
{
    private const int SecondsExponent = 15; // of femtoseconds
    private const ulong MaximumSeconds = Options.Seconds.MaximumSeconds;

    private static readonly (string Unit, int Exponent)[] Units = [("ns", 6), ("us", 9), ("ms", 12), ("s", SecondsExponent)];

    /// <summary>What is accepted, for messages to the user.</summary>
    public static string Syntax => "write a simulated time since reset such as 1.5s, 20ms, 750us or 12ns, at most 100 years and no finer than a femtosecond";

    /// <summary>Parses a time since reset.</summary>
    /// <returns>The point, or null when the text is none.</returns>
    public static SimTime? TryParse(string text)
    {
        (string unit, int exponent) = Units.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.Ordinal), (Unit: "", Exponent: SecondsExponent));
        string[] parts = text[..^unit.Length].Split('.');
        string fraction = parts.Length == 2 ? parts[1] : "0";
        if (parts.Length > 2 || fraction.Length == 0 || fraction.Length > exponent || !TryDigits(parts[0], out ulong whole) || !TryDigits(fraction.PadRight(exponent, '0'), out ulong part))
            return null;
        UInt128 femtoseconds = ((UInt128)whole * Power(exponent)) + part;
        return femtoseconds <= MaximumSeconds * Power(SecondsExponent) ? SimTime.FromFemtoseconds(femtoseconds) : null;
    }

    private static bool TryDigits(string text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static UInt128 Power(int exponent)
    {
        UInt128 power = 1;
        for (int i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}
