using System.Globalization;
using System.Numerics;

namespace CoSim.Cli.Snippets;

/// <summary>Numbers as users write them: decimal, or hexadecimal after <c>0x</c>; a minus sign gives the two's complement; underscores are for the eye.</summary>
internal static class SnippetNumber
{
    private const int LongestText = 200;

    /// <summary>Parses a number that fits into a register.</summary>
    /// <param name="text">For example <c>0xffff_0000</c>, <c>42</c> or <c>-1</c>.</param>
    /// <param name="bits">Width in bits, 1 to 256.</param>
    /// <param name="value">The bits as a number that is not negative.</param>
    public static bool TryParse(string text, int bits, out BigInteger value)
    {
        value = BigInteger.Zero;
        ReadOnlySpan<char> digits = text.Replace("_", "", StringComparison.Ordinal).AsSpan().Trim();
        bool negative = digits.StartsWith("-");
        if (negative)
            digits = digits[1..];
        if (digits.IsEmpty || digits.Length > LongestText)
            return false;
        bool parsed = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? BigInteger.TryParse("0" + digits[2..].ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && digits.Length > 2
            : BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (!parsed || value.GetBitLength() > bits)
            return false;
        if (negative)
        {
            BigInteger half = BigInteger.One << (bits - 1);
            if (value > half)
                return false;
            value = value.IsZero ? value : (BigInteger.One << bits) - value;
        }
        return true;
    }

    /// <summary>Parses an address or another 64-bit number.</summary>
    public static bool TryParse(string text, out ulong value)
    {
        bool parsed = TryParse(text, 64, out BigInteger big);
        value = (ulong)big;
        return parsed;
    }

    /// <summary>Parses a length in bytes: a number, with K, M, G or T behind it for 2^10, 2^20, 2^30 or 2^40.</summary>
    public static bool TryParseSize(string text, out ulong bytes)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            _ => 0,
        };
        bool parsed = TryParse(shift == 0 ? text : text[..^1], out bytes) && !text.StartsWith('-') && bytes <= ulong.MaxValue >> shift;
        bytes <<= shift;
        return parsed && bytes > 0;
    }
}
