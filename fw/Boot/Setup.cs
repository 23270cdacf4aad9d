using System;

namespace CoSim.Firmware.Boot;

/// <summary>
/// What a setup program would have stored: the file "setup" of the flash directory, lines of a name, an equals sign and a hexadecimal
/// number. Without the file, or without a line, firmware does what is right. The names are in <c>FirmwareSettings</c> of os/Loader.
/// </summary>
public static unsafe class Setup
{
    private static byte* s_text;
    private static ulong s_length;

    /// <summary>Finds the file; comes once, first.</summary>
    public static void Read()
    {
        if (FlashDirectory.Open()) s_text = FlashDirectory.Find("setup"u8, out s_length);
    }

    /// <summary>Looks up a setting.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="usual">What counts when it is not there.</param>
    public static ulong Value(ReadOnlySpan<byte> name, ulong usual) => TryFind(name, out ulong value) ? value : usual;

    /// <summary>Looks up a setting; false when it is not there.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out ulong value)
    {
        value = 0;
        for (ulong line = 0; s_text != null && line < s_length; line = NextLine(line))
        {
            ulong at = line + (ulong)name.Length;
            if (at >= s_length || s_text[at] != '=' || !StartsWith(line, name)) continue;
            value = Hexadecimal(at + 1);
            return true;
        }
        return false;
    }

    private static ulong NextLine(ulong at)
    {
        while (at < s_length && s_text[at] != '\n') at++;
        return at + 1;
    }

    private static bool StartsWith(ulong line, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (s_text[line + (ulong)i] != name[i]) return false;
        }
        return true;
    }

    private static ulong Hexadecimal(ulong at)
    {
        ulong value = 0;
        for (; at < s_length; at++)
        {
            byte digit = s_text[at];
            if (digit is >= (byte)'0' and <= (byte)'9') value = value << 4 | (uint)(digit - '0');
            else if (digit is >= (byte)'a' and <= (byte)'f') value = value << 4 | (uint)(digit - 'a' + 10);
            else break;
        }
        return value;
    }
}
