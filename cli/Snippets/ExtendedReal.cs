using System.Globalization;
using System.Numerics;

namespace CoSim.Cli.Snippets;

/// <summary>
/// The 80-bit extended format (AMD APM vol. 1, 6.2.3; IEEE 754): sign and 15 bits of exponent above a 64-bit significand with an
/// explicit integer bit. Conversions from and to decimal are exact, by integer arithmetic.
/// </summary>
internal static class ExtendedReal
{
    private const int Bias = 16383, SignificandBits = 64, Special = 0x7FFF;
    private const int Digits = 21, LargestExponent = 5000;

    /// <summary>Parses a decimal number (<c>2.5</c>, <c>-1e100</c>), <c>inf</c> or <c>nan</c>; rounds to nearest, ties to even.</summary>
    public static bool TryParse(string text, out UInt128 bits)
    {
        bits = 0;
        bool negative = text.StartsWith('-');
        string rest = (negative ? text[1..] : text).ToLowerInvariant();
        UInt128 sign = negative ? (UInt128)1 << 79 : 0;
        if (rest is "inf" or "nan")
        {
            bits = sign | ((UInt128)Special << SignificandBits) | (rest == "inf" ? 1UL << 63 : 3UL << 62);
            return true;
        }
        int e = rest.IndexOf('e', StringComparison.Ordinal);
        int exponent = 0;
        if (e >= 0 && (!int.TryParse(rest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > LargestExponent))
            return false;
        string[] parts = (e >= 0 ? rest[..e] : rest).Split('.');
        if (parts.Length > 2 || parts[0].Length == 0 || parts.Any(p => !p.All(char.IsAsciiDigit)) || (parts.Length == 2 && parts[1].Length == 0) || rest.Length > LargestExponent)
            return false;
        BigInteger digits = BigInteger.Parse(string.Concat(parts), NumberStyles.None, CultureInfo.InvariantCulture);
        exponent -= parts.Length == 2 ? parts[1].Length : 0;
        bits = sign | (digits.IsZero ? 0
            : exponent >= 0 ? Round(digits * BigInteger.Pow(10, exponent), BigInteger.One)
            : Round(digits, BigInteger.Pow(10, -exponent)));
        return true;
    }

    /// <summary>The value in decimal with 21 significant digits, which tell all values apart; NaNs, infinities and formats that are not supported by name.</summary>
    public static string ToText(UInt128 bits)
    {
        string sign = (bits >> 79 & 1) != 0 ? "-" : "";
        int exponent = (int)(bits >> SignificandBits) & Special;
        ulong significand = (ulong)bits;
        bool integer = significand >> 63 != 0;
        if (exponent == Special)
            return !integer ? "unsupported" : significand << 1 == 0 ? sign + "inf" : (significand >> 62 & 1) != 0 ? sign + "qnan" : sign + "snan";
        if (significand == 0 && exponent == 0)
            return sign + "0";
        if (!integer && exponent != 0)
            return "unsupported";
        int shift = Math.Max(exponent, 1) - Bias - (SignificandBits - 1);
        return sign + (shift >= 0
            ? Decimal((BigInteger)significand << shift, BigInteger.One)
            : Decimal(significand, BigInteger.One << -shift));
    }

    private static UInt128 Round(BigInteger numerator, BigInteger denominator)
    {
        // Scale so that the quotient has 64 bits, or fewer for a subnormal number.
        int exponent = (int)(numerator.GetBitLength() - denominator.GetBitLength());
        if ((exponent >= 0 ? numerator < denominator << exponent : numerator << -exponent < denominator))
            exponent--;
        int shift = SignificandBits - 1 - Math.Max(exponent, 1 - Bias);
        BigInteger scaled = shift >= 0 ? numerator << shift : numerator;
        BigInteger divisor = shift >= 0 ? denominator : denominator << -shift;
        BigInteger quotient = BigInteger.DivRem(scaled, divisor, out BigInteger remainder);
        int half = (remainder * 2).CompareTo(divisor);
        if (half > 0 || (half == 0 && !quotient.IsEven))
            quotient++;
        if (quotient.GetBitLength() > SignificandBits)
        {
            quotient >>= 1;
            exponent++;
        }
        bool normal = quotient.GetBitLength() == SignificandBits;
        int field = normal ? Math.Max(exponent, 1 - Bias) + Bias : 0;
        return field >= Special
            ? ((UInt128)Special << SignificandBits) | (1UL << 63)
            : ((UInt128)(uint)field << SignificandBits) | (ulong)quotient;
    }

    private static string Decimal(BigInteger numerator, BigInteger denominator)
    {
        int exponent = (int)Math.Floor(BigInteger.Log10(numerator) - BigInteger.Log10(denominator));
        string digits = Rounded(numerator, denominator, exponent);
        if (digits.Length != Digits)
        {
            exponent += digits.Length - Digits;
            digits = Rounded(numerator, denominator, exponent);
        }
        string trimmed = digits.TrimEnd('0');
        const int plain = 17;
        if (exponent >= 0 && exponent < plain && trimmed.Length <= exponent + 1)
            return trimmed.PadRight(exponent + 1, '0');
        if (exponent >= 0 && exponent < plain)
            return $"{trimmed[..(exponent + 1)]}.{trimmed[(exponent + 1)..]}";
        string fraction = trimmed.Length > 1 ? "." + trimmed[1..] : "";
        return string.Create(CultureInfo.InvariantCulture, $"{trimmed[0]}{fraction}e{exponent}");
    }

    /// <summary>The first 21 digits, one more or fewer when the exponent was one off.</summary>
    private static string Rounded(BigInteger numerator, BigInteger denominator, int exponent)
    {
        int scale = Digits - 1 - exponent;
        BigInteger n = scale >= 0 ? numerator * BigInteger.Pow(10, scale) : numerator;
        BigInteger d = scale >= 0 ? denominator : denominator * BigInteger.Pow(10, -scale);
        return ((2 * n + d) / (2 * d)).ToString(CultureInfo.InvariantCulture);
    }
}
