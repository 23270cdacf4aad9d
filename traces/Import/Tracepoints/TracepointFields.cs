namespace CoSim.Traces.Import.Tracepoints;

/// <summary>The fields of a tracepoint: "key=value key=value" of most events, "key: value, key: value" of system calls.</summary>
internal static class TracepointFields
{
    /// <summary>The value of a field; empty when it is not there.</summary>
    public static ReadOnlySpan<char> Find(string text, string key)
    {
        for (int at = text.IndexOf(key, StringComparison.Ordinal); at >= 0; at = text.IndexOf(key, at + 1, StringComparison.Ordinal))
        {
            int after = at + key.Length;
            bool starts = at == 0 || text[at - 1] is ' ' or ',' or '(';
            if (!starts || after >= text.Length || text[after] is not ('=' or ':'))
                continue;
            ReadOnlySpan<char> rest = text.AsSpan(after + 1).TrimStart(' ');
            int end = rest.IndexOfAny(' ', ',', ')');
            return end < 0 ? rest : rest[..end];
        }

        return [];
    }

    /// <summary>The first of some fields that is there and a number; 0 otherwise.</summary>
    public static long Number(string text, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            ReadOnlySpan<char> value = Find(text, key);
            if (NumberText.TryNumber(value, out long number))
                return number;
            if (NumberText.TryHex(value, out ulong bits))
                return unchecked((long)bits);
        }

        return 0;
    }

    /// <summary>
    /// The arguments of a system call, in order: "a: 0x1, b: 0x2", "(a: 1, b: 2)" or "NR 7 (1, 2, ...)"; numbers are hexadecimal in all of them. A part that
    /// is no number (a string, a name for a flag) counts as 0.
    /// </summary>
    public static ulong[] Arguments(string text)
    {
        int open = text.IndexOf('(');
        bool isList = text.StartsWith('(') || text.StartsWith("NR ", StringComparison.Ordinal);
        string inner = isList && open >= 0 ? text[(open + 1)..].TrimEnd().TrimEnd(')') : text;
        if (inner.Trim().Length == 0)
            return [];
        string[] parts = inner.Split(',');
        ulong[] values = new ulong[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            ReadOnlySpan<char> part = parts[i].AsSpan();
            int colon = part.IndexOf(':');
            ReadOnlySpan<char> value = (colon < 0 ? part : part[(colon + 1)..]).Trim();
            int end = value.IndexOf(' ');
            _ = NumberText.TryHex(end < 0 ? value : value[..end], out values[i]);
        }

        return values;
    }
}
