using System.Buffers.Binary;
using System.Security.Cryptography;
using CoSim.Os.Loader;

namespace CoSim.Cli.Migrate;

/// <summary>
/// Processes in a file. Little-endian: the magic number "COSIMMIG", the version (u32), 4 bytes of zero, the length of the image (u64), the
/// SHA-256 of these 24 bytes and the image, and the image.
/// </summary>
public static class MigrationImage
{
    /// <summary>Changes whenever a reader of the version before would misunderstand.</summary>
    public const uint Version = 1;

    private const ulong Magic = 0x4749_4D4D_4953_4F43; // "COSIMMIG"
    private const int VersionAt = 8, ZeroAt = 12, LengthAt = 16, DigestAt = 24;
    private const int HeaderBytes = DigestAt + SHA256.HashSizeInBytes;

    /// <summary>Writes a file.</summary>
    public static void Write(Stream file, ReadOnlyMemory<byte> image)
    {
        byte[] header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(VersionAt), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(LengthAt), (ulong)image.Length);
        Digest(header, image.Span).CopyTo(header.AsSpan(DigestAt));
        file.Write(header);
        file.Write(image.Span);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="file">Its bytes.</param>
    /// <exception cref="BadInputException">It is not a whole, undamaged image of this version.</exception>
    public static ProcessImage Read(string name, byte[] file)
    {
        if (file.Length < HeaderBytes)
            throw new BadInputException(name, $"byte {file.Length}", "the file ends within its header");
        if (BinaryPrimitives.ReadUInt64LittleEndian(file) != Magic)
            throw new BadInputException(name, "byte 0", "this is not an image of 'cosim migrate'");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(VersionAt));
        if (version != Version)
            throw new BadInputException(name, $"byte {VersionAt}", $"the image is of version {version}, this cosim reads version {Version}");
        if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(ZeroAt)) != 0)
            throw new BadInputException(name, $"byte {ZeroAt}", "reserved bytes are not zero");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(LengthAt));
        if (length != (ulong)(file.Length - HeaderBytes))
            throw new BadInputException(name, $"byte {LengthAt}", $"the image has {length} bytes, the file holds {file.Length - HeaderBytes}");
        ReadOnlyMemory<byte> image = file.AsMemory(HeaderBytes);
        if (!Digest(file, image.Span).AsSpan().SequenceEqual(file.AsSpan(DigestAt, SHA256.HashSizeInBytes)))
            throw new BadInputException(name, $"byte {HeaderBytes}", "the image is damaged");
        return ProcessImage.Read(image, out string problem) ?? throw new BadInputException(name, problem);
    }

    private static byte[] Digest(ReadOnlySpan<byte> header, ReadOnlySpan<byte> image)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header[..DigestAt]);
        hash.AppendData(image);
        return hash.GetHashAndReset();
    }
}
