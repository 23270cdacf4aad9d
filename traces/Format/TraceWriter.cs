using System.Buffers;
using System.IO.Compression;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>
/// Writes a trace. Each block reaches the stream as soon as it is full, so that a recording killed at any point is readable up to
/// its last whole block; memory does not grow with the trace but for 40 bytes of index a block.
/// </summary>
public sealed class TraceWriter
{
    /// <summary>A block is closed when it has grown to this many bytes.</summary>
    public const int BlockBytes = 1 << 16;

    /// <summary>The same for a trace with instructions: what is learnt of them begins anew with each block.</summary>
    public const int InstructionBlockBytes = 1 << 19;

    private const int DataPieceBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly MemoryStream _packed = new();
    private readonly EventBlockWriter _block;
    private readonly int _blockBytes;
    private readonly List<BlockEntry> _blocks = [];
    private long _offset;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">Receives the trace; not disposed.</param>
    /// <param name="header">What the trace is.</param>
    public TraceWriter(Stream stream, TraceHeader header)
    {
        _stream = stream;
        _block = new EventBlockWriter(header.CoreClock);
        _block.Clear();
        _blockBytes = header.Level >= TraceLevel.Retire ? InstructionBlockBytes : BlockBytes;
        ArrayBufferWriter<byte> body = new();
        header.Write(body);
        WriteFrame(FrameKind.Header, body.WrittenSpan);
    }

    /// <summary>Whether blocks and files are compressed. True by default.</summary>
    public bool Compresses { get; init; } = true;

    /// <summary>Events written so far.</summary>
    public ulong Events { get; private set; }

    /// <summary>Bytes written so far, the open block not counted.</summary>
    public long Bytes => _offset;

    /// <summary>Adds a named file that the run needs, before the first event. One that is compressed already is compressed again: it has long runs that repeat.</summary>
    public void WriteData(string name, ReadOnlySpan<byte> content)
    {
        do
        {
            int piece = Math.Min(content.Length, DataPieceBytes);
            ArrayBufferWriter<byte> body = new(piece + name.Length + 16);
            MessagePackWriter writer = new(body);
            writer.Write(name);
            writer.Write(content[..piece]);
            writer.Flush();
            if (Compresses)
                WritePacked(FrameKind.PackedData, body.WrittenSpan);
            else
                WriteFrame(FrameKind.Data, body.WrittenSpan);
            content = content[piece..];
        }
        while (!content.IsEmpty);
    }

    /// <summary>Adds an event.</summary>
    public void Write(in TraceEvent e)
    {
        if (!_block.Fits(in e))
            CloseBlock();
        _block.Add(e, Events);
        Events++;
        if (_block.Length >= _blockBytes)
            CloseBlock();
    }

    /// <summary>Writes what is left and the index. A trace without it is readable, only slower to search.</summary>
    public void Finish()
    {
        CloseBlock();
        ArrayBufferWriter<byte> index = new();
        TraceIndex.Write(index, _blocks);
        long indexOffset = _offset;
        WriteFrame(FrameKind.Index, index.WrittenSpan);
        WriteFrame(FrameKind.End, TraceIndex.EndBody(indexOffset));
        _stream.Flush();
    }

    private void CloseBlock()
    {
        if (_block.Count == 0)
            return;
        _block.End();
        _blocks.Add(new BlockEntry(_offset, Events - (ulong)_block.Count, _block.Count, _block.FirstTime, _block.LastTime));
        if (Compresses)
            WritePacked(FrameKind.PackedEvents, _block.Body);
        else
            WriteFrame(FrameKind.Events, _block.Body);
        _stream.Flush();
        _block.Clear();
    }

    /// <summary>Compresses at the lowest effort: what repeats in a block repeats often.</summary>
    private void WritePacked(string kind, ReadOnlySpan<byte> body)
    {
        _packed.SetLength(0);
        using (ZLibStream pack = new(_packed, CompressionLevel.Fastest, leaveOpen: true))
            pack.Write(body);
        WriteFrame(kind, _packed.GetBuffer().AsSpan(0, (int)_packed.Length));
    }

    private void WriteFrame(string kind, ReadOnlySpan<byte> body) => _offset += Frame.Write(_stream, kind, body);
}
