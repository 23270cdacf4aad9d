namespace CoSim.Os.Timekeeping;

/// <summary>Sets of CPUs as text, in the form of /sys and of log lines: "0,2-4".</summary>
internal static unsafe class CpuList
{
    /// <summary>Bytes that the text of any set of 64 CPUs fits into, with its NUL.</summary>
    internal const int Capacity = 192;

    /// <summary>Writes the numbers of the bits that are set, runs of them as ranges, and a NUL.</summary>
    internal static void Format(ulong cpus, byte* text)
    {
        TextBuffer t = new(text, Capacity - 1);
        for (int i = 0; i < 64; i++)
        {
            if ((cpus >> i & 1) == 0) continue;
            int last = i;
            while (last < 63 && (cpus >> (last + 1) & 1) != 0) last++;
            if (t.Length != 0) t.Put((byte)',');
            t.PutDecimal((ulong)i);
            if (last > i)
            {
                t.Put((byte)'-');
                t.PutDecimal((ulong)last);
            }
            i = last;
        }
        text[t.Length] = 0;
    }
}
