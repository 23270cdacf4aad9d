using CoSim.Os.Loader;

namespace CoSim.Cli.Snippets;

/// <summary>Memory that a snippet has: zeros, or given bytes at its start.</summary>
/// <param name="Address">Linear address of the first byte.</param>
/// <param name="Length">Bytes, at least 1.</param>
/// <param name="Access">Rights of its pages.</param>
/// <param name="Content">First bytes; zeros follow.</param>
/// <param name="Word">What the user wrote.</param>
internal sealed record MemoryMapping(ulong Address, ulong Length, BareAccess Access, byte[] Content, string Word)
{
    private const ulong PageMask = 0xFFF;

    /// <summary>Larger ones are not mapped whole: their pages appear when they are touched.</summary>
    private const ulong LargeFrom = 64UL << 20;

    /// <summary>Whether only the pages that are touched, or have content, take memory.</summary>
    public bool IsLarge => Length > LargeFrom;

    /// <summary>Address of its first page.</summary>
    public ulong FirstPage => Address & ~PageMask;

    /// <summary>Address of its last page.</summary>
    public ulong LastPage => (Address + Length - 1) & ~PageMask;

    /// <summary>Whether a page of both is the same.</summary>
    public bool Overlaps(ulong firstPage, ulong lastPage) => FirstPage <= lastPage && firstPage <= LastPage;

    /// <summary>Whether a range lies in it.</summary>
    public bool Contains(ulong address, ulong length) => address >= Address && length <= Length && address - Address <= Length - length;

    /// <summary>Parses <c>ADDRESS:SIZE[:RIGHTS][:hex=BYTES|:FILE]</c>.</summary>
    /// <param name="word">For example <c>0xe0000000:40960</c> or <c>0x2000:4K:rx:table.bin</c>.</param>
    /// <param name="place">Where it was written.</param>
    public static MemoryMapping Parse(string word, SnippetPlace place)
    {
        string[] parts = word.Split(':', 3);
        if (parts.Length < 2 || !SnippetNumber.TryParse(parts[0], out ulong address) || parts[0].StartsWith('-'))
            throw place.Wrong("map", word, "write ADDRESS:SIZE, then :RIGHTS, :hex=BYTES or :FILE if wanted");
        if (!SnippetNumber.TryParseSize(parts[1], out ulong length))
            throw place.Wrong("map", word, $"'{parts[1]}' is not a size in bytes; K, M, G and T may follow a number");
        if (length - 1 > ulong.MaxValue - address)
            throw place.Wrong("map", word, "reaches beyond the last address");
        BareAccess access = BareAccess.Write;
        string rest = parts.Length == 3 ? parts[2] : "";
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string rights = colon < 0 ? rest : rest[..colon];
        if (rights.Length > 0 && rights.All(c => c is 'r' or 'w' or 'x' or 's'))
        {
            if (!rights.Contains('r', StringComparison.Ordinal) || rights.Distinct().Count() != rights.Length)
                throw place.Wrong("map", word, $"rights are r, then any of w (write), x (execute), s (supervisor only), not '{rights}'");
            access = (rights.Contains('w', StringComparison.Ordinal) ? BareAccess.Write : BareAccess.Read)
                | (rights.Contains('x', StringComparison.Ordinal) ? BareAccess.Execute : BareAccess.Read)
                | (rights.Contains('s', StringComparison.Ordinal) ? BareAccess.Supervisor : BareAccess.Read);
            rest = colon < 0 ? "" : rest[(colon + 1)..];
        }
        byte[] content = ReadContent(rest, word, place);
        if ((ulong)content.Length > length)
            throw place.Wrong("map", word, $"{content.Length} bytes of content do not fit into {length}");
        return new MemoryMapping(address, length, access, content, word);
    }

    private static byte[] ReadContent(string rest, string word, SnippetPlace place)
    {
        const string hex = "hex=";
        if (rest.Length == 0)
            return [];
        if (!rest.StartsWith(hex, StringComparison.Ordinal))
            return InputFile.Read(rest);
        return HexBytes.TryParse(rest[hex.Length..], out byte[] bytes, out string? problem) ? bytes : throw place.Wrong("map", word, problem!);
    }
}

/// <summary>Memory that is shown at the end.</summary>
/// <param name="Address">Linear address.</param>
/// <param name="Length">Bytes, 1 to <see cref="Longest"/>.</param>
internal sealed record ShownMemory(ulong Address, int Length)
{
    /// <summary>The most that one option shows: 1 MiB.</summary>
    public const int Longest = 1 << 20;

    /// <summary>Parses <c>ADDRESS:SIZE</c>.</summary>
    public static ShownMemory Parse(string word, SnippetPlace place)
    {
        string[] parts = word.Split(':');
        if (parts.Length != 2 || parts[0].StartsWith('-') || !SnippetNumber.TryParse(parts[0], out ulong address)
            || !SnippetNumber.TryParseSize(parts[1], out ulong length) || length > Longest)
            throw place.Wrong("show", word, $"write ADDRESS:SIZE, at most {Longest >> 20}M");
        if (length - 1 > ulong.MaxValue - address)
            throw place.Wrong("show", word, "reaches beyond the last address");
        return new ShownMemory(address, (int)length);
    }
}
