using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>The kernel command line: "name" and "name=value" words before "--"; the words after it are init's arguments.</summary>
public static unsafe class CommandLine
{
    private const int Size = 4096;

    [InlineArray(Size)]
    private struct Bytes { private byte _first; }

    private static Bytes s_text;

    /// <summary>As given, NUL-terminated.</summary>
    public static byte* Text => (byte*)Os.Text.Address(ref s_text);

    /// <summary>Copies at most 4095 bytes; null gives an empty line.</summary>
    public static void Set(byte* source)
    {
        byte* to = Text;
        int n = 0;
        while (source != null && n < Size - 1 && source[n] != 0) { to[n] = source[n]; n++; }
        to[n] = 0;
    }

    /// <summary>Gives the next word from <paramref name="at"/> on (moved behind it); false at the end. Quotes group spaces.</summary>
    public static bool NextWord(ref byte* at, out byte* word, out int length)
    {
        while (*at == ' ' || *at == '\n' || *at == '\t') at++;
        word = at;
        bool quoted = false;
        while (*at != 0 && (quoted || *at != ' ' && *at != '\n' && *at != '\t'))
        {
            if (*at == '"') quoted = !quoted;
            at++;
        }
        length = (int)(at - word);
        return length > 0;
    }

    /// <summary>Finds "name=value" (the last one counts, as on Linux); value null if absent. A bare "name" gives an empty value.</summary>
    public static bool Find(System.ReadOnlySpan<byte> name, out byte* value, out int length)
    {
        bool found = false;
        value = null;
        length = 0;
        byte* at = Text;
        while (NextWord(ref at, out byte* word, out int n))
        {
            if (Os.Text.Equal(word, n, "--"u8)) break;
            if (!Os.Text.StartsWith(word, n, name) || n > name.Length && word[name.Length] != '=') continue;
            found = true;
            value = n > name.Length ? word + name.Length + 1 : word + n;
            length = n > name.Length ? n - name.Length - 1 : 0;
        }
        return found;
    }

    /// <summary>A numeric option, or the default.</summary>
    public static ulong Number(System.ReadOnlySpan<byte> name, ulong otherwise)
    {
        if (!Find(name, out byte* value, out int length)) return otherwise;
        byte* p = value;
        return Os.Text.ParseUnsigned(ref p, value + length, out ulong n) ? n : otherwise;
    }

    /// <summary>The text after "--", or an empty string.</summary>
    public static byte* InitArguments
    {
        get
        {
            byte* at = Text;
            while (NextWord(ref at, out byte* word, out int n))
                if (Os.Text.Equal(word, n, "--"u8)) return at;
            return at;
        }
    }
}
