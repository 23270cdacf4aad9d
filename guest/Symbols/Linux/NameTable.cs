using System.Buffers.Binary;

namespace CoSim.Guest.Symbols.Linux;

/// <summary>
/// The compressed names, in the order of the addresses: kallsyms_num_syms, kallsyms_names (a length and that many tokens for each)
/// and kallsyms_markers (where each 256th name begins), in front of the tokens. Linux 6.2 and 6.3 have kallsyms_seqs_of_names,
/// three bytes for each name, between the two.
/// </summary>
/// <param name="CountAt">File offset of the number of names.</param>
/// <param name="Count">Number of names.</param>
/// <param name="Start">File offset of the first name.</param>
internal sealed record NameTable(int CountAt, int Count, int Start)
{
    private const int Alignment = 8, NamesPerMarker = 256, SequenceBytes = 3;
    private const int MostNames = 1 << 22, MostBytes = 64 << 20;

    /// <summary>Finds the table in front of the tokens; null when there is none.</summary>
    public static NameTable? Find(ReadOnlySpan<byte> file, int tokens)
    {
        for (int at = (tokens - Alignment) & -Alignment; at >= 0 && at > tokens - MostBytes; at -= Alignment)
        {
            ulong count = BinaryPrimitives.ReadUInt64LittleEndian(file[at..]);
            if (count is 0 or > MostNames)
                continue;
            int markers = tokens - Aligned(((int)count + NamesPerMarker - 1) / NamesPerMarker * sizeof(uint));
            foreach (int candidate in (ReadOnlySpan<int>)[markers, markers - Aligned((int)count * SequenceBytes)])
                if (NamesFit(file, at + Alignment, (int)count, candidate))
                    return new NameTable(at, (int)count, at + Alignment);
        }
        return null;
    }

    /// <summary>Reads a length: one byte, or two of seven bits each, the low ones first, when the first has its top bit set.</summary>
    public static int TakeLength(ReadOnlySpan<byte> file, ref int at)
    {
        int length = file[at++];
        return (length & 0x80) == 0 ? length : (length & 0x7F) | file[at++] << 7;
    }

    /// <summary>Rounds a table's length up to where the next one begins.</summary>
    public static int Aligned(int bytes) => (bytes + Alignment - 1) & -Alignment;

    private static bool NamesFit(ReadOnlySpan<byte> file, int start, int count, int markers)
    {
        if (markers <= start || markers - start < count)
            return false;
        int at = start;
        for (int name = 0; name < count; name++)
        {
            if (name % NamesPerMarker == 0 && BinaryPrimitives.ReadUInt32LittleEndian(file[(markers + name / NamesPerMarker * sizeof(uint))..]) != (uint)(at - start))
                return false;
            if (at + 1 >= markers)
                return false;
            int length = TakeLength(file, ref at);
            if (length == 0 || length > markers - at)
                return false;
            at += length;
        }
        return markers - at < Alignment;
    }
}
