using System.Buffers.Binary;

namespace CoSim.Cli.Study;

/// <summary>The loaded bytes of an ELF64 image by address, as the program headers place them.</summary>
public sealed class ElfCode
{
    private const int ProgramHeaderSize = 56;
    private const uint Load = 1;

    private readonly byte[] _file;
    private readonly List<(ulong Address, ulong FileSize, ulong MemorySize, ulong Offset)> _segments = [];

    /// <summary>Reads the program headers of an image that the guest tool chain built.</summary>
    public ElfCode(byte[] file)
    {
        _file = file;
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(32));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(56));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = file.AsSpan(table + i * ProgramHeaderSize, ProgramHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) == Load)
                _segments.Add((Field(header, 16), Field(header, 32), Field(header, 40), Field(header, 8)));
        }
    }

    /// <summary>Whether the image occupies an address.</summary>
    public bool Contains(ulong address)
    {
        foreach ((ulong start, _, ulong size, _) in _segments)
            if (address - start < size)
                return true;
        return false;
    }

    /// <summary>Up to <paramref name="count"/> bytes from an address on; fewer or none where the file has none.</summary>
    public ReadOnlySpan<byte> Read(ulong address, int count)
    {
        foreach ((ulong start, ulong size, _, ulong offset) in _segments)
            if (address - start < size)
                return _file.AsSpan((int)(offset + address - start), (int)Math.Min((ulong)count, size - (address - start)));
        return default;
    }

    private static ulong Field(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadUInt64LittleEndian(header[at..]);
}
