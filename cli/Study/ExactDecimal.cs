using System.Globalization;

namespace CoSim.Cli.Study;

/// <summary>Fractions as decimal text by integer arithmetic, rounded half up.</summary>
public static class ExactDecimal
{
    /// <summary>The text of numerator/denominator.</summary>
    /// <param name="numerator">Any value.</param>
    /// <param name="denominator">Not zero.</param>
    /// <param name="decimals">Digits after the point, 0 to 9.</param>
    public static string Ratio(UInt128 numerator, UInt128 denominator, int decimals)
    {
        UInt128 scale = 1;
        for (int i = 0; i < decimals; i++)
            scale *= 10;
        UInt128 scaled = (numerator * scale * 2 + denominator) / (denominator * 2);
        string whole = (scaled / scale).ToString(CultureInfo.InvariantCulture);
        return decimals == 0 ? whole : whole + "." + (scaled % scale).ToString(CultureInfo.InvariantCulture).PadLeft(decimals, '0');
    }

    /// <summary>Nanoseconds of core cycles.</summary>
    /// <param name="cycles">Core cycles.</param>
    /// <param name="megahertz">Core clock in MHz.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Nanoseconds(ulong cycles, uint megahertz, int decimals) => Ratio((UInt128)cycles * 1000, megahertz, decimals);
}
