using System.Buffers.Binary;
using System.Text;

namespace CoSim.Guest.Symbols.Linux;

/// <summary>
/// The 256 strings that the bytes of compressed names stand for: kallsyms_token_table, NUL-terminated strings one after another, and
/// behind it kallsyms_token_index, the 16-bit offset of each.
/// </summary>
internal sealed class TokenTable
{
    private const int Tokens = 256, IndexBytes = Tokens * sizeof(ushort), Alignment = 8;

    /// <summary>The longest token that is plausible: a symbol's name has at most 512 characters (KSYM_NAME_LEN).</summary>
    private const int LongestToken = 512;

    private readonly string[] _texts;

    private TokenTable(int start, int end, string[] texts) => (Start, End, _texts) = (start, end, texts);

    /// <summary>File offset of the first string.</summary>
    public int Start { get; }

    /// <summary>File offset behind the index.</summary>
    public int End { get; }

    /// <summary>The characters that a byte of a name stands for.</summary>
    public string Text(byte token) => _texts[token];

    /// <summary>Finds the table; null when there is none.</summary>
    public static TokenTable? Find(ReadOnlySpan<byte> file)
    {
        for (int index = Alignment; index + IndexBytes <= file.Length; index += Alignment)
            if (IsIndex(file.Slice(index, IndexBytes)) && FindStrings(file, index) is { } table)
                return table;
        return null;
    }

    private static bool IsIndex(ReadOnlySpan<byte> index)
    {
        int last = BinaryPrimitives.ReadUInt16LittleEndian(index);
        if (last != 0)
            return false;
        for (int token = 1; token < Tokens; token++)
        {
            int offset = BinaryPrimitives.ReadUInt16LittleEndian(index[(token * sizeof(ushort))..]);
            if (offset < last + 2 || offset > last + LongestToken)
                return false;
            last = offset;
        }
        return true;
    }

    /// <summary>The strings end before the index, with less than one alignment unit between, each where the index says.</summary>
    private static TokenTable? FindStrings(ReadOnlySpan<byte> file, int index)
    {
        int last = Offset(file, index, Tokens - 1);
        for (int start = (index - last - 2) & -Alignment; start >= 0 && start > index - last - LongestToken - Alignment; start -= Alignment)
        {
            string[] texts = new string[Tokens];
            int token = 0;
            for (; token < Tokens; token++)
            {
                int from = start + Offset(file, index, token);
                int length = file[from..index].IndexOf((byte)0);
                if (length <= 0 || (token < Tokens - 1 ? length + 1 != Offset(file, index, token + 1) - (from - start) : index - (from + length + 1) >= Alignment))
                    break;
                texts[token] = Encoding.ASCII.GetString(file.Slice(from, length));
            }
            if (token == Tokens)
                return new TokenTable(start, index + IndexBytes, texts);
        }
        return null;
    }

    private static int Offset(ReadOnlySpan<byte> file, int index, int token) => BinaryPrimitives.ReadUInt16LittleEndian(file[(index + token * sizeof(ushort))..]);
}
