using System.Globalization;

namespace CoSim.Cli.Migrate;

/// <summary>The kinds of records in an image of processes, as os/Kernel/Checkpoint writes them, and their lengths.</summary>
internal static class RecordKinds
{
    internal const int Header = 1, File = 5, Page = 10, Process = 13, Thread = 14, PosixTimer = 16, Itimers = 17, End = 18;

    /// <summary>One more than the highest kind.</summary>
    internal const int Count = 27;

    /// <summary>A file's second word when it is a timerfd.</summary>
    internal const ulong TimerFile = 6;

    /// <summary>Longest record: a table of 4096 descriptors.</summary>
    private const uint Longest = 128 << 10;

    /// <summary>Name and length in words; a negative length is the least of a record that has more.</summary>
    private static readonly (string Name, int Words)[] Kinds =
    [
        ("", 0), ("header", 10), ("inode", -6), ("content", 514), ("pipe", -2), ("file", -13), ("watch", 6), ("descriptors", -3), ("memory", 64), ("mapping", 10),
        ("page", 514), ("place", -3), ("handlers", 257), ("process", 50), ("thread", 138), ("signal", 18), ("timer", 17), ("itimers", 9), ("end", 1),
        ("user namespace", -10), ("time namespace", 6), ("namespaces of a thread", 3), ("groups", -2), ("queue", -12), ("message", 3),
        ("message text", -3), ("root", -2),
    ];

    /// <summary>The kind's name.</summary>
    internal static string NameOf(int kind) => kind is > 0 and < Count ? Kinds[kind].Name : kind.ToString(CultureInfo.InvariantCulture);

    /// <summary>What is wrong with a kind and its length in bytes; null for nothing.</summary>
    internal static string? Complaint(int kind, uint length)
    {
        if (kind is < 1 or >= Count)
            return "a record of no known kind";
        int words = Kinds[kind].Words;
        bool fits = length % sizeof(ulong) == 0 && length <= Longest && (words < 0 ? length >= (uint)-words * sizeof(ulong) : length == (uint)words * sizeof(ulong));
        return fits ? null : $"a record {Kinds[kind].Name} of {length} bytes";
    }
}
