using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>Reads frames one after the other, or at a known place. What is compressed comes out as if it were not.</summary>
internal sealed class FrameReader
{
    private const int LongestKind = MessagePackCode.MaxFixStr - MessagePackCode.MinFixStr;
    private const int FixedBytes = 1 + sizeof(uint) + 1 + sizeof(uint);

    private readonly Stream _stream;

    /// <summary>Makes a reader.</summary>
    /// <param name="stream">A trace; it must be able to seek.</param>
    public FrameReader(Stream stream) => _stream = stream;

    /// <summary>Where the next frame begins.</summary>
    public long Position
    {
        get => _stream.Position;
        set => _stream.Position = value;
    }

    /// <summary>Length of the file in bytes.</summary>
    public long Length => _stream.Length;

    /// <summary>Why <see cref="Next"/> returned null: true when the file ends inside a frame.</summary>
    public bool EndsInsideFrame { get; private set; }

    /// <summary>Reads the next frame; null at the end, or where the file was cut.</summary>
    /// <exception cref="TraceFormatException">There is something else than a frame, or its checksum is wrong.</exception>
    public Frame? Next()
    {
        long offset = _stream.Position;
        EndsInsideFrame = false;
        Span<byte> start = stackalloc byte[2];
        int got = _stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (got < start.Length)
            return Cut(got > 0);
        if (start[0] != MessagePackCode.MinFixArray + 3 || start[1] is < MessagePackCode.MinFixStr or > MessagePackCode.MaxFixStr)
            throw new TraceFormatException($"byte {offset}: no frame begins here");

        int kindLength = start[1] - MessagePackCode.MinFixStr;
        Span<byte> rest = stackalloc byte[LongestKind + FixedBytes];
        rest = rest[..(kindLength + FixedBytes)];
        if (_stream.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length)
            return Cut(true);
        string kind = Encoding.UTF8.GetString(rest[..kindLength]);
        rest = rest[kindLength..];
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest[(FixedBytes - sizeof(uint))..]);
        if (rest[0] != MessagePackCode.UInt32 || rest[1 + sizeof(uint)] != MessagePackCode.Bin32 || length > Frame.LongestBody)
            throw new TraceFormatException($"byte {offset}: the frame '{kind}' is damaged");
        if (length > _stream.Length - _stream.Position)
            return Cut(true);

        byte[] body = new byte[length];
        _stream.ReadExactly(body);
        if (Frame.Checksum(kind, body) != BinaryPrimitives.ReadUInt32BigEndian(rest[1..]))
            throw new TraceFormatException($"byte {offset}: the checksum of the frame '{kind}' is wrong");
        return kind switch
        {
            FrameKind.PackedEvents => new Frame(FrameKind.Events, offset, Unpack(kind, offset, body)),
            FrameKind.PackedData => new Frame(FrameKind.Data, offset, Unpack(kind, offset, body)),
            _ => new Frame(kind, offset, body),
        };
    }

    private static byte[] Unpack(string kind, long offset, byte[] body)
    {
        try
        {
            using ZLibStream pack = new(new MemoryStream(body), CompressionMode.Decompress);
            MemoryStream whole = new(body.Length * 4);
            byte[] piece = new byte[1 << 16];
            for (int got = pack.Read(piece); got > 0; got = pack.Read(piece))
            {
                if (whole.Length + got > Frame.LongestBody)
                    throw new TraceFormatException($"byte {offset}: the frame '{kind}' unpacks to more than {Frame.LongestBody} bytes");
                whole.Write(piece, 0, got);
            }

            return whole.ToArray();
        }
        catch (InvalidDataException)
        {
            throw new TraceFormatException($"byte {offset}: the frame '{kind}' cannot be unpacked");
        }
    }

    private Frame? Cut(bool inside)
    {
        EndsInsideFrame = inside;
        return null;
    }
}
