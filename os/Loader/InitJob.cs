using System.Globalization;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>What /init is to do: one program with its arguments. It reads the words from a file, so that they may have any character.</summary>
/// <param name="Words">The program as the guest names it, and its arguments.</param>
/// <param name="TimeOffsets">"monotonic=S,boottime=S" for a child time namespace; null to stay in the root one.</param>
/// <param name="Echo">Whether the guest's terminal echoes its input.</param>
public sealed record InitJob(IReadOnlyList<string> Words, string? TimeOffsets, bool Echo)
{
    /// <summary>Programs that run before that one, in this order, each with its arguments.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Before { get; init; } = [];

    /// <summary>Nanoseconds after which the program is handed to the simulator; null for never.</summary>
    public long? CheckpointAfterNanoseconds { get; init; }

    /// <summary>Whether the processes of an image (<see cref="ImagePath"/>) go on; then there are no words.</summary>
    public bool RestoresImage { get; init; }

    /// <summary>Whether a time namespace keeps the clocks of an image's processes going.</summary>
    public bool KeepsClocks { get; init; }

    /// <summary>Where an image of processes is in the guest.</summary>
    public const string ImagePath = "run/cosim-processes";

    /// <summary>Files that the programs read, by their paths in the guest without the leading slash.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Files { get; init; } = [];

    /// <summary>Files of the user's that come along.</summary>
    public IReadOnlyList<GuestFile> UserFiles { get; init; } = [];

    /// <summary>Where the file is in the guest.</summary>
    public const string Path = "run/cosim-job";

    /// <summary>The file: each word ended by a NUL.</summary>
    /// <exception cref="BadInputException">A word has a NUL.</exception>
    public byte[] ToFile()
    {
        List<string> words = [];
        if (!Echo)
            words.Add("--no-echo");
        if (TimeOffsets != null)
            words.AddRange(["--timens", TimeOffsets]);
        foreach (IReadOnlyList<string> program in Before)
            words.AddRange(["--before", program.Count.ToString(CultureInfo.InvariantCulture), .. program]);
        if (CheckpointAfterNanoseconds is { } after)
            words.AddRange(["--checkpoint-after", after.ToString(CultureInfo.InvariantCulture)]);
        if (RestoresImage)
            words.AddRange(["--restore", "/" + ImagePath]);
        if (KeepsClocks)
            words.Add("--keep-clocks");
        words.Add("--");
        words.AddRange(Words);
        StringBuilder file = new();
        foreach (string word in words)
        {
            if (word.Contains('\0'))
                throw new BadInputException($"argument '{word.Replace("\0", "\\0", StringComparison.Ordinal)}'", "has a NUL character");
            file.Append(word).Append('\0');
        }
        return Encoding.UTF8.GetBytes(file.ToString());
    }
}
