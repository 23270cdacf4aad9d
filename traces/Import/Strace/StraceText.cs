namespace CoSim.Traces.Import.Strace;

/// <summary>The text of calls as strace prints it: nested brackets, strings, comments.</summary>
internal static class StraceText
{
    /// <summary>Takes arguments apart at the commas of the outermost level.</summary>
    /// <param name="text">What stands behind the opening parenthesis.</param>
    /// <param name="end">Index of the closing parenthesis; -1 when there is none, as before "&lt;unfinished ...&gt;".</param>
    /// <exception cref="LineException">Brackets or quotes do not match.</exception>
    public static List<string> Arguments(string text, out int end)
    {
        List<string> arguments = [];
        Stack<char> open = new();
        int start = 0;
        end = -1;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"')
                i = EndOfString(text, i);
            else if (c == '/' && i + 1 < text.Length && text[i + 1] == '*')
                i = EndOfComment(text, i);
            else if (c is '(' or '[' or '{')
                open.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
            else if (c is ')' or ']' or '}')
            {
                if (open.Count == 0 && c == ')')
                {
                    end = i;
                    break;
                }

                if (!open.TryPop(out char expected) || expected != c)
                    throw new LineException($"'{c}' without its beginning");
            }
            else if (c == ',' && open.Count == 0)
            {
                arguments.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        string last = text[start..(end < 0 ? text.Length : end)].Trim();
        if (last.Length > 0 || arguments.Count > 0)
            arguments.Add(last);
        return arguments;
    }

    /// <summary>
    /// A struct timespec or timeval in nanoseconds: "{tv_sec=1, tv_nsec=5}", "{tv_sec=1, tv_usec=5}", or "{1, 5}" of old versions, where the call
    /// tells what the second number is. Null stands for a null pointer.
    /// </summary>
    /// <param name="text">The argument.</param>
    /// <param name="unit">Nanoseconds in a unit of the second number where it has no name.</param>
    /// <exception cref="LineException">It is something else, or beyond 292 years.</exception>
    public static long? Time(string text, long unit)
    {
        const long perSecond = 1_000_000_000;
        if (text == "NULL")
            return null;
        // "{...} => {...}" shows what the kernel has left.
        string inner = Braces(text) ?? throw new LineException("a time is not shown as a structure");
        string[] parts = inner.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length != 2)
            throw new LineException("a time does not have two numbers");
        long factor = parts[1].StartsWith("tv_usec=", StringComparison.Ordinal) ? 1000 : parts[1].StartsWith("tv_nsec=", StringComparison.Ordinal) ? 1 : unit;
        if (!NumberText.TryNumber(AfterEquals(parts[0]), out long seconds) || !NumberText.TryNumber(AfterEquals(parts[1]), out long fraction))
            throw new LineException("a time has something else than numbers");
        Int128 total = (Int128)seconds * perSecond + (Int128)fraction * factor;
        // Negative times are errors of the program (EINVAL); they stay negative.
        return (long)Int128.Clamp(total, long.MinValue + 1, long.MaxValue);
    }

    /// <summary>The member of a structure: of "{it_interval={...}, it_value={...}}" for example.</summary>
    /// <exception cref="LineException">It is not there.</exception>
    public static string Member(string text, string name)
    {
        int at = text.IndexOf(name + "=", StringComparison.Ordinal);
        return at < 0 ? throw new LineException($"no member {name}") : text[(at + name.Length + 1)..];
    }

    /// <summary>A number, without the comment or path that may follow it: "3&lt;/path&gt;".</summary>
    /// <exception cref="LineException">There is none.</exception>
    public static long Number(string text)
    {
        int end = text.AsSpan().IndexOfAny('<', ' ', '/');
        return NumberText.TryNumber(end < 0 ? text : text.AsSpan(0, end), out long value) ? value : throw new LineException("an argument is not a number");
    }

    private static string? Braces(string text)
    {
        if (!text.StartsWith('{'))
            return null;
        int end = text.IndexOf('}');
        return end < 0 ? null : text[1..end];
    }

    private static ReadOnlySpan<char> AfterEquals(string text) => text.AsSpan(text.IndexOf('=') + 1);

    private static int EndOfString(string text, int quote)
    {
        for (int i = quote + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }

        throw new LineException("a string does not end");
    }

    private static int EndOfComment(string text, int slash)
    {
        int end = text.IndexOf("*/", slash + 2, StringComparison.Ordinal);
        return end < 0 ? throw new LineException("a comment does not end") : end + 1;
    }
}
