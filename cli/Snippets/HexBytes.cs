using System.Globalization;

namespace CoSim.Cli.Snippets;

/// <summary>Machine code in hexadecimal: two digits a byte; blanks, commas, underscores, <c>0x</c> and <c>\x</c> before a byte are skipped.</summary>
internal static class HexBytes
{
    /// <summary>Parses bytes.</summary>
    /// <param name="text">For example <c>48 01 d8</c>.</param>
    /// <param name="bytes">The bytes; empty on failure.</param>
    /// <param name="problem">What is wrong; null on success.</param>
    public static bool TryParse(string text, out byte[] bytes, out string? problem)
    {
        List<byte> found = [];
        bytes = [];
        problem = null;
        for (int i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]) || text[i] is ',' or '_')
            {
                i++;
                continue;
            }
            if (text[i] is '0' or '\\' && i + 1 < text.Length && text[i + 1] is 'x' or 'X')
            {
                i += 2;
                if (i == text.Length)
                    problem = "digits are missing behind 0x";
                continue;
            }
            if (!char.IsAsciiHexDigit(text[i]))
            {
                problem = $"'{text[i]}' is not a hexadecimal digit";
                return false;
            }
            if (i + 1 == text.Length || !char.IsAsciiHexDigit(text[i + 1]))
            {
                problem = "a byte is two hexadecimal digits; one is left over";
                return false;
            }
            found.Add(byte.Parse(text.AsSpan(i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            i += 2;
        }
        if (problem is not null)
            return false;
        bytes = [.. found];
        return true;
    }
}
