using System.Globalization;

namespace CoSim.Traces.Import;

/// <summary>Numbers as the recorders print them. Everything is checked: recordings come from anywhere.</summary>
internal static class NumberText
{
    private const int NanosecondDigits = 9;
    private const ulong PerSecond = 1_000_000_000;

    /// <summary>A decimal integer, with a sign perhaps.</summary>
    public static bool TryInteger(ReadOnlySpan<char> text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>A hexadecimal number, with or without 0x.</summary>
    public static bool TryHex(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    /// <summary>A decimal integer, or a hexadecimal one that begins with 0x.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out long value)
    {
        if (!text.StartsWith("0x", StringComparison.Ordinal))
            return TryInteger(text, out value);
        bool is64 = TryHex(text, out ulong bits);
        value = unchecked((long)bits);
        return is64;
    }

    /// <summary>Seconds with up to nine decimals, as nanoseconds below 2^63.</summary>
    public static bool TrySeconds(ReadOnlySpan<char> text, out ulong nanoseconds)
    {
        nanoseconds = 0;
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? text : text[..point];
        ReadOnlySpan<char> fraction = point < 0 ? [] : text[(point + 1)..];
        if (fraction.Length > NanosecondDigits || (point >= 0 && fraction.IsEmpty) || !ulong.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seconds) || seconds > (ulong)long.MaxValue / PerSecond - 1)
            return false;
        ulong part = 0;
        if (!fraction.IsEmpty && !ulong.TryParse(fraction, NumberStyles.None, CultureInfo.InvariantCulture, out part))
            return false;
        for (int digits = fraction.Length; digits < NanosecondDigits; digits++)
            part *= 10;
        nanoseconds = seconds * PerSecond + part;
        return true;
    }
}
