using System.Globalization;

namespace CoSim.Cli.Study;

/// <summary>The clocks of clock_gettime by the names of clock_gettime(2), without CLOCK_ and in lower case.</summary>
public static class ClockNames
{
    private static readonly (int Id, string Name)[] Known =
    [
        (0, "realtime"),
        (1, "monotonic"),
        (2, "process_cputime_id"),
        (3, "thread_cputime_id"),
        (4, "monotonic_raw"),
        (5, "realtime_coarse"),
        (6, "monotonic_coarse"),
        (7, "boottime"),
        (11, "tai"),
    ];

    /// <summary>The clocks that are measured when the user names none.</summary>
    public static IReadOnlyList<int> Default { get; } = [1, 0, 7, 4, 6, 2];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>The name of a clock id, or the number.</summary>
    public static string Name(int id)
    {
        foreach ((int known, string name) in Known)
            if (known == id)
                return name;
        return id.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The clock id of "monotonic" or "CLOCK_MONOTONIC"; -1 when there is none.</summary>
    public static int Find(string word)
    {
        ReadOnlySpan<char> text = word.AsSpan();
        if (text.StartsWith("CLOCK_", StringComparison.OrdinalIgnoreCase))
            text = text[6..];
        foreach ((int id, string name) in Known)
            if (text.Equals(name, StringComparison.OrdinalIgnoreCase))
                return id;
        return -1;
    }
}
