using System.Buffers.Binary;

namespace CoSim.Cli.Tests.Migrate;

/// <summary>Builds images of processes record by record.</summary>
internal sealed class ImageBytes
{
    private readonly MemoryStream _records = new();
    private int _count;

    /// <summary>A small image with everything that the reader looks at.</summary>
    public static byte[] Small() => new ImageBytes()
        .Add(1, 0x4352_504D_4953_4F43, 2, 5_000, 6_000, 7_000, 1000, 99, 1, 1, 1)
        .Add(5, 0, 6, 2, 0, 1, 0, 0, 0, 0, 1, 9_000, 0, 0)
        .Add(13, [1000, .. new ulong[49]])
        .Add(14, [1000, .. new ulong[137]])
        .Add(16, [1000, .. new ulong[16]])
        .End();

    /// <summary>Appends a record.</summary>
    public ImageBytes Add(uint kind, params ulong[] words)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, kind | ((ulong)words.Length * 8 << 32));
        _records.Write(word);
        foreach (ulong value in words)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            _records.Write(word);
        }
        _count++;
        return this;
    }

    /// <summary>The image with its last record.</summary>
    public byte[] End() => Add(18, (ulong)_count)._records.ToArray();

    /// <summary>The image in a file.</summary>
    public static byte[] File(byte[] image)
    {
        MemoryStream file = new();
        Cli.Migrate.MigrationImage.Write(file, image);
        return file.ToArray();
    }
}
