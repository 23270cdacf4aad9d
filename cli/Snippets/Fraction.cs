using System.Globalization;
using System.Numerics;

namespace CoSim.Cli.Snippets;

/// <summary>An exact ratio in lowest terms.</summary>
internal readonly record struct Fraction
{
    /// <summary>Makes a ratio.</summary>
    /// <param name="numerator">Any value.</param>
    /// <param name="denominator">More than 0.</param>
    public Fraction(BigInteger numerator, BigInteger denominator)
    {
        BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        Numerator = numerator / divisor;
        Denominator = denominator / divisor;
    }

    /// <summary>The numerator.</summary>
    public BigInteger Numerator { get; }

    /// <summary>The denominator, more than 0.</summary>
    public BigInteger Denominator { get; }

    /// <summary>Difference.</summary>
    public static Fraction operator -(Fraction a, Fraction b) =>
        new((a.Numerator * b.Denominator) - (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    /// <summary>Quotient; the divisor is more than 0.</summary>
    public static Fraction operator /(Fraction a, Fraction b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    /// <summary>A quotient by a whole number.</summary>
    public static Fraction operator /(Fraction a, long b) => new(a.Numerator, a.Denominator * b);

    /// <summary>Compares values.</summary>
    public int CompareTo(Fraction other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <summary>Decimal text, rounded half away from zero.</summary>
    /// <param name="decimals">Digits behind the point, 1 or more.</param>
    public string ToDecimal(int decimals)
    {
        BigInteger scale = BigInteger.Pow(10, decimals);
        BigInteger scaled = ((BigInteger.Abs(Numerator) * scale * 2) + Denominator) / (Denominator * 2);
        string digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return $"{(Numerator.Sign < 0 && !scaled.IsZero ? "-" : "")}{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>For example <c>7/2</c>, or <c>3</c> for a whole number.</summary>
    public override string ToString() => Denominator.IsOne
        ? Numerator.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
}
