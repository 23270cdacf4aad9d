using System.Text;

namespace CoSim.Cli.Debug.Protocol;

/// <summary>Hexadecimal numbers and bytes as they stand in packets.</summary>
internal static class GdbHex
{
    /// <summary>The value of a digit, or -1.</summary>
    public static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };

    /// <summary>Two digits a byte.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes).ToLowerInvariant();

    /// <summary>Two digits a byte of text.</summary>
    public static string OfText(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>A number without leading zeros.</summary>
    public static string Of(ulong value) => value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Bytes of two digits each; null when the text is anything else.</summary>
    public static byte[]? Bytes(ReadOnlySpan<char> text)
    {
        if (text.Length % 2 != 0)
            return null;
        byte[] bytes = new byte[text.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            int high = Digit(text[2 * i]), low = Digit(text[(2 * i) + 1]);
            if (high < 0 || low < 0)
                return null;
            bytes[i] = (byte)((high << 4) | low);
        }

        return bytes;
    }

    /// <summary>A number of 1 to 16 digits.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        if (text.Length is 0 or > 16)
            return false;
        foreach (char c in text)
        {
            int digit = Digit(c);
            if (digit < 0)
                return false;
            value = (value << 4) | (uint)digit;
        }

        return true;
    }
}
