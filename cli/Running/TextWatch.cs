using System.Text;

namespace CoSim.Cli.Running;

/// <summary>Finds a text in bytes that come one after the other (Knuth, Morris and Pratt, "Fast pattern matching in strings", 1977).</summary>
public sealed class TextWatch
{
    private readonly byte[] _text;
    private readonly int[] _retry;

    /// <summary>Watches for a text, as UTF-8.</summary>
    /// <param name="text">The text; not empty.</param>
    public TextWatch(string text)
    {
        _text = Encoding.UTF8.GetBytes(text);
        _retry = new int[_text.Length];
        int known = 0;
        for (int i = 1; i < _text.Length; i++)
        {
            known = Advance(known, _text[i]);
            _retry[i] = known;
        }
    }

    /// <summary>Bytes of the text that the last bytes are.</summary>
    public int Matched { get; set; }

    /// <summary>Takes the next byte. True when the text ends with it.</summary>
    public bool Take(byte value)
    {
        Matched = Advance(Matched, value);
        if (Matched < _text.Length)
            return false;
        Matched = _retry[^1];
        return true;
    }

    private int Advance(int matched, byte value)
    {
        while (matched > 0 && _text[matched] != value)
            matched = _retry[matched - 1];
        return _text[matched] == value ? matched + 1 : 0;
    }
}
