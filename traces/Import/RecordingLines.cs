using System.Text;

namespace CoSim.Traces.Import;

/// <summary>Lines of a recording: the first ones can be looked at before all are read, once, from any reader; overlong ones are cut.</summary>
public sealed class RecordingLines
{
    /// <summary>Longest line that importers look at, in characters; what is longer comes with one character more and no rest.</summary>
    public const int LongestLine = 1 << 16;

    private const int HeadLines = 200;

    private readonly TextReader _reader;
    private readonly char[] _buffer = new char[1 << 14];
    private int _at;
    private int _length;

    /// <summary>Reads the first lines.</summary>
    /// <param name="reader">The recording; not disposed.</param>
    public RecordingLines(TextReader reader)
    {
        _reader = reader;
        List<string> head = [];
        while (head.Count < HeadLines && Next() is { } line)
            head.Add(line);
        Head = head;
    }

    /// <summary>The first lines.</summary>
    public IReadOnlyList<string> Head { get; }

    /// <summary>All lines; to be called once.</summary>
    public IEnumerable<string> All()
    {
        foreach (string line in Head)
            yield return line;
        while (Next() is { } line)
            yield return line;
    }

    private string? Next()
    {
        StringBuilder line = new();
        bool any = false;
        while (Fill())
        {
            any = true;
            ReadOnlySpan<char> rest = _buffer.AsSpan(_at, _length - _at);
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> part = end < 0 ? rest : rest[..end];
            line.Append(part[..Math.Min(part.Length, Math.Max(0, LongestLine + 1 - line.Length))]);
            _at += end < 0 ? rest.Length : end + 1;
            if (end >= 0)
                break;
        }

        if (line.Length > 0 && line[^1] == '\r')
            line.Length--;
        return any ? line.ToString() : null;
    }

    private bool Fill()
    {
        if (_at < _length)
            return true;
        _at = 0;
        _length = _reader.Read(_buffer, 0, _buffer.Length);
        return _length > 0;
    }
}
