using System.Text;

namespace CoSim.Cli.Snippets;

/// <summary>Passes UTF-8 bytes on as text, whole lines at a time.</summary>
internal sealed class TextStream(TextWriter output) : Stream
{
    private readonly List<byte> _line = [];

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
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        _line.AddRange(buffer.AsSpan(offset, count));
        if (_line.Count == 0 || _line[^1] != '\n')
            return;
        output.Write(Encoding.UTF8.GetString(_line.ToArray()));
        _line.Clear();
    }
}
