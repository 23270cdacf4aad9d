using System;

namespace CoSim.Scenarios.Bare;

/// <summary>The words of the command line.</summary>
internal static unsafe class Options
{
    /// <summary>The command line, ended by a zero byte.</summary>
    internal static byte* Text;

    /// <summary>Whether a word stands in it.</summary>
    internal static bool Has(ReadOnlySpan<byte> word)
    {
        byte* at = Text;
        while (at != null && *at != 0)
        {
            int length = 0;
            while (at[length] != 0 && at[length] != ' ') length++;
            if (Equal(at, length, word)) return true;
            at += length;
            while (*at == ' ') at++;
        }
        return false;
    }

    private static bool Equal(byte* text, int length, ReadOnlySpan<byte> word)
    {
        if (length != word.Length) return false;
        for (int i = 0; i < length; i++)
        {
            if (text[i] != word[i]) return false;
        }
        return true;
    }
}
