namespace CoSim.Os.Programs;

/// <summary>NUL-terminated text and numbers.</summary>
public static unsafe class Text
{
    private static byte* s_line;

    /// <summary>A buffer for one line. Arrays on the stack are no choice: the compiler guards them with what programs do not have.</summary>
    public static byte* Line => s_line != null ? s_line : s_line = Linux.Allocate(4096);

    /// <summary>Bytes before the NUL.</summary>
    public static ulong Length(byte* text)
    {
        ulong length = 0;
        while (text[length] != 0) length++;
        return length;
    }

    /// <summary>Whether two texts are the same.</summary>
    public static bool Same(byte* a, byte* b)
    {
        while (*a == *b)
        {
            if (*a == 0) return true;
            a++;
            b++;
        }
        return false;
    }

    /// <summary>What follows a prefix in a text; null when the text does not start with it.</summary>
    public static byte* After(byte* text, byte* prefix)
    {
        while (*prefix != 0)
        {
            if (*text != *prefix) return null;
            text++;
            prefix++;
        }
        return text;
    }

    /// <summary>Whether a text has a character.</summary>
    public static bool Has(byte* text, byte character)
    {
        for (; *text != 0; text++)
            if (*text == character) return true;
        return false;
    }

    /// <summary>Appends a text, with its NUL; returns the place of the NUL.</summary>
    public static byte* Append(byte* to, byte* text)
    {
        while ((*to = *text) != 0)
        {
            to++;
            text++;
        }
        return to;
    }

    /// <summary>Appends a decimal number, with a NUL; returns the place of the NUL.</summary>
    public static byte* AppendNumber(byte* to, long value)
    {
        ulong rest = value < 0 ? (ulong)-value : (ulong)value;
        if (value < 0) *to++ = (byte)'-';
        ulong weight = 1;
        while (rest / weight >= 10) weight *= 10;
        for (; weight != 0; weight /= 10) *to++ = (byte)('0' + rest / weight % 10);
        *to = 0;
        return to;
    }

    /// <summary>Reads a decimal number and moves past it; 0 when there is none.</summary>
    public static ulong TakeNumber(ref byte* text)
    {
        ulong value = 0;
        while (*text >= '0' && *text <= '9') value = value * 10 + (ulong)(*text++ - '0');
        return value;
    }

    /// <summary>Writes a text to the standard output.</summary>
    public static void Print(byte* text) => Linux.Write(1, text, Length(text));

    /// <summary>Writes a text, a number and a line end to the standard error output.</summary>
    public static void Complain(byte* what, byte* about, long number)
    {
        byte* line = Line;
        byte* at = Append(line, what);
        for (int i = 0; i < 128 && about[i] != 0; i++) *at++ = about[i];
        *at++ = (byte)' ';
        at = AppendNumber(at, number);
        *at++ = (byte)'\n';
        Linux.Write(2, line, (ulong)(at - line));
    }
}
