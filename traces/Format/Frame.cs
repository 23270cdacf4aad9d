using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>
/// The outermost layer of a trace: a sequence of MessagePack arrays <c>[kind, checksum, body]</c>. The checksum is the CRC-32C of
/// kind and body, in five bytes; the body is binary with a length of four bytes. So any MessagePack reader can walk a trace, and
/// what is behind a cut can be told from what is whole.
/// </summary>
/// <param name="Kind">What the body holds; see <see cref="FrameKind"/>.</param>
/// <param name="Offset">Where the frame begins in the file.</param>
/// <param name="Body">Its content.</param>
internal readonly record struct Frame(string Kind, long Offset, ReadOnlyMemory<byte> Body)
{
    /// <summary>Longest body: bounds what a reader must hold in memory.</summary>
    public const int LongestBody = 1 << 26;

    private const int LengthBytes = sizeof(uint);

    /// <summary>CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4) of kind and body.</summary>
    public static uint Checksum(string kind, ReadOnlySpan<byte> body)
    {
        uint crc = uint.MaxValue;
        foreach (char c in kind)
            crc = BitOperations.Crc32C(crc, (byte)c);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(body);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (byte value in body[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>Writes a frame and returns its length in bytes.</summary>
    public static int Write(Stream stream, string kind, ReadOnlySpan<byte> body)
    {
        ArrayBufferWriter<byte> head = new();
        MessagePackWriter writer = new(head);
        writer.WriteArrayHeader(3);
        writer.Write(kind);
        writer.WriteUInt32(Checksum(kind, body));
        Span<byte> length = stackalloc byte[1 + LengthBytes];
        length[0] = MessagePackCode.Bin32;
        BinaryPrimitives.WriteUInt32BigEndian(length[1..], (uint)body.Length);
        writer.WriteRaw(length);
        writer.Flush();
        stream.Write(head.WrittenSpan);
        stream.Write(body);
        return head.WrittenCount + body.Length;
    }
}

/// <summary>Names of frames.</summary>
internal static class FrameKind
{
    /// <summary>The first frame; its name is what a trace is known by.</summary>
    public const string Header = "cosim-trace";

    /// <summary>A block of events.</summary>
    public const string Events = "events";

    /// <summary>A piece of a named file that the run needs.</summary>
    public const string Data = "data";

    /// <summary>A block of events, compressed.</summary>
    public const string PackedEvents = "events-z";

    /// <summary>A piece of a named file, compressed.</summary>
    public const string PackedData = "data-z";

    /// <summary>Where the blocks are.</summary>
    public const string Index = "index";

    /// <summary>The last frame, of a fixed length: where the index is.</summary>
    public const string End = "end";
}
