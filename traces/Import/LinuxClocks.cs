namespace CoSim.Traces.Import;

/// <summary>Clock ids by the names that strace prints (clock_gettime(2), include/uapi/linux/time.h).</summary>
internal static class LinuxClocks
{
    private const int ProcessTime = 2, ThreadTime = 3;

    private static readonly string[] Names =
    [
        "CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID", "CLOCK_MONOTONIC_RAW", "CLOCK_REALTIME_COARSE",
        "CLOCK_MONOTONIC_COARSE", "CLOCK_BOOTTIME", "CLOCK_REALTIME_ALARM", "CLOCK_BOOTTIME_ALARM", "CLOCK_SGI_CYCLE", "CLOCK_TAI",
    ];

    /// <summary>
    /// The id of a clock; -1 when the text is none. CPU clocks of some process or thread count as those of the caller: their code is the same.
    /// </summary>
    public static int Parse(ReadOnlySpan<char> text)
    {
        for (int id = 0; id < Names.Length; id++)
        {
            if (text.SequenceEqual(Names[id]))
                return id;
        }

        if (text.StartsWith("MAKE_PROCESS_CPUCLOCK("))
            return ProcessTime;
        if (text.StartsWith("MAKE_THREAD_CPUCLOCK("))
            return ThreadTime;
        int comment = text.IndexOf(' '); // "0xfffffffe /* CLOCK_??? */"
        text = comment < 0 ? text : text[..comment];
        return NumberText.TryInteger(text, out long number) && number is >= 0 and <= 255 ? (int)number : OfNumber(text);
    }

    /// <summary>Negative ids are CPU clocks: the lowest bits say whose and which (include/linux/posix-timers.h).</summary>
    public static int OfNumber(long id) => id >= 0 ? (int)Math.Min(id, 255) : (id & 4) != 0 ? ThreadTime : ProcessTime;

    private static int OfNumber(ReadOnlySpan<char> text) => NumberText.TryHex(text, out ulong bits) ? OfNumber(unchecked((int)(uint)bits)) : -1;
}
