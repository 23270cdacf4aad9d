using System.Globalization;
using System.Text;

namespace CoSim.Cli.Migrate;

/// <summary>What the proof says about one clock or one kind of timer.</summary>
/// <param name="Name">The clock or the kind.</param>
/// <param name="Numbers">Its counts and worst cases by name, in the order written.</param>
public sealed record ProofLine(string Name, IReadOnlyList<KeyValuePair<string, long>> Numbers)
{
    private static readonly string[] Wrongs = ["early", "late", "lost", "backwards", "jumps"];

    /// <summary>Whether it is about a clock, not a timer.</summary>
    public bool IsClock => Numbers.Count > 0 && Numbers[0].Key == "reads";

    /// <summary>How many times something was wrong.</summary>
    public long Violations => Numbers.Where(n => Wrongs.Contains(n.Key, StringComparer.Ordinal)).Sum(n => n.Value);
}

/// <summary>A stream that passes everything on and keeps the lines of a proof: "proof NAME key=value...".</summary>
/// <param name="output">Where the bytes go.</param>
internal sealed class ProofLines(Stream output) : Stream
{
    private const string Prefix = "proof ";
    private const int LongestLine = 1024;

    private readonly List<byte> _line = [];
    private readonly List<ProofLine> _found = [];

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<ProofLine> Found => _found;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        output.Write(buffer, offset, count);
        foreach (byte value in buffer.AsSpan(offset, count))
            Look(value);
    }

    private void Look(byte value)
    {
        if (value is (byte)'\n' or (byte)'\r')
        {
            if (Parse(Encoding.UTF8.GetString([.. _line])) is { } line)
                _found.Add(line);
            _line.Clear();
        }
        else if (_line.Count < LongestLine)
        {
            _line.Add(value);
        }
    }

    /// <summary>A line of a proof; null for another one.</summary>
    internal static ProofLine? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        string[] words = text[Prefix.Length..].Split(' ');
        List<KeyValuePair<string, long>> numbers = [];
        foreach (string word in words.AsSpan(1))
        {
            string[] parts = word.Split('=');
            if (parts.Length != 2 || !long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
                return null;
            numbers.Add(new(parts[0], value));
        }
        return numbers.Count == 0 ? null : new ProofLine(words[0], numbers);
    }

    /// <inheritdoc/>
    public override void Flush() => output.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
