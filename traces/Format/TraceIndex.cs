using System.Buffers;
using CoSim.Hw.Simulation;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>Where one block of events is.</summary>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="FirstSequence">Number of its first event.</param>
/// <param name="Count">Events in it.</param>
/// <param name="FirstTime">Time of its first event.</param>
/// <param name="LastTime">The latest time in it.</param>
public readonly record struct BlockEntry(long Offset, ulong FirstSequence, int Count, SimTime FirstTime, SimTime LastTime);

/// <summary>Encodes the index, and the fixed-length frame at the end that leads to it.</summary>
internal static class TraceIndex
{
    /// <summary>Length of the last frame in bytes.</summary>
    public const int EndFrameBytes = 2 + 3 + 5 + 5 + 9;

    /// <summary>Encodes the index.</summary>
    public static void Write(IBufferWriter<byte> target, IReadOnlyList<BlockEntry> blocks)
    {
        MessagePackWriter writer = new(target);
        writer.WriteArrayHeader(blocks.Count);
        foreach (BlockEntry block in blocks)
        {
            writer.WriteArrayHeader(7);
            writer.Write(block.Offset);
            writer.Write(block.FirstSequence);
            writer.Write(block.Count);
            WriteTime(ref writer, block.FirstTime);
            WriteTime(ref writer, block.LastTime);
        }

        writer.Flush();
    }

    /// <summary>Decodes the index.</summary>
    public static List<BlockEntry> Read(ReadOnlyMemory<byte> body)
    {
        MessagePackReader reader = new(body);
        List<BlockEntry> blocks = [];
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            if (reader.ReadArrayHeader() != 7)
                throw new TraceFormatException("the index is damaged");
            blocks.Add(new BlockEntry(reader.ReadInt64(), reader.ReadUInt64(), reader.ReadInt32(), ReadTime(ref reader), ReadTime(ref reader)));
        }

        return blocks;
    }

    /// <summary>Encodes the body of the last frame.</summary>
    public static byte[] EndBody(long indexOffset)
    {
        ArrayBufferWriter<byte> body = new();
        MessagePackWriter writer = new(body);
        writer.WriteUInt64((ulong)indexOffset);
        writer.Flush();
        return body.WrittenSpan.ToArray();
    }

    private static void WriteTime(ref MessagePackWriter writer, SimTime time)
    {
        writer.Write((ulong)(time.Femtoseconds >> 64));
        writer.Write((ulong)time.Femtoseconds);
    }

    private static SimTime ReadTime(ref MessagePackReader reader) => SimTime.FromFemtoseconds(((UInt128)reader.ReadUInt64() << 64) | reader.ReadUInt64());
}
