namespace CoSim.Cli.Debug.Protocol;

/// <summary>Reads a packet's fields one after the other.</summary>
internal ref struct GdbWords(string packet, int at)
{
    private readonly ReadOnlySpan<char> _text = packet;
    private int _at = at;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<char> Rest => _text[_at..];

    /// <summary>Reads the hexadecimal number up to a separator, and the separator; at the end of the packet none is needed.</summary>
    public bool Number(char separator, out ulong value)
    {
        ReadOnlySpan<char> rest = Rest;
        int end = rest.IndexOf(separator);
        ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
        _at += end < 0 ? rest.Length : end + 1;
        return GdbHex.TryNumber(word, out value);
    }
}
