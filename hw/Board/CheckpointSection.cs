using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>One section of a <see cref="Checkpoint"/>: named, compressed, with a digest.</summary>
internal static class CheckpointSection
{
    private const int LengthAt = 8;
    private const int StoredLengthAt = 16;
    private const int DigestAt = 24;
    private const int Piece = 64 << 10;

    /// <summary>Appends a section.</summary>
    public static void Write(Stream file, string name, ReadOnlySpan<byte> content)
    {
        MemoryStream stored = new();
        using (ZLibStream zlib = new(stored, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(content);
        }

        ReadOnlySpan<byte> bytes = stored.GetBuffer().AsSpan(0, (int)stored.Length);
        Span<byte> header = stackalloc byte[Checkpoint.SectionHeaderLength];
        header.Clear();
        Encoding.ASCII.GetBytes(name, header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[LengthAt..], (ulong)content.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[StoredLengthAt..], (ulong)bytes.Length);
        Checkpoint.Digest(header[..DigestAt], bytes, header[DigestAt..]);
        file.Write(header);
        file.Write(bytes);
    }

    /// <summary>Finds the section at a byte, checks it without expanding it, and moves on behind it.</summary>
    /// <exception cref="SnapshotException">It is another section, is cut short or damaged.</exception>
    public static StoredSection Find(ReadOnlySpan<byte> file, string name, ref int at)
    {
        ReadOnlySpan<byte> rest = file[at..];
        if (rest.Length < Checkpoint.SectionHeaderLength)
        {
            throw new SnapshotException($"byte {file.Length}: the file ends where section {name} should begin");
        }

        ReadOnlySpan<byte> header = rest[..Checkpoint.SectionHeaderLength];
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header[LengthAt..]);
        ulong stored = BinaryPrimitives.ReadUInt64LittleEndian(header[StoredLengthAt..]);
        if (!header[..name.Length].SequenceEqual(Encoding.ASCII.GetBytes(name)))
        {
            throw new SnapshotException($"byte {at}: section {name} is missing");
        }

        if (stored > (ulong)(rest.Length - Checkpoint.SectionHeaderLength))
        {
            throw new SnapshotException($"byte {file.Length}: section {name} needs {stored} bytes, the file has {rest.Length - Checkpoint.SectionHeaderLength} more");
        }

        ReadOnlySpan<byte> bytes = rest.Slice(Checkpoint.SectionHeaderLength, (int)stored);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Checkpoint.Digest(header[..DigestAt], bytes, digest);
        if (!digest.SequenceEqual(header[DigestAt..]))
        {
            throw new SnapshotException($"byte {at}: section {name} is damaged");
        }

        StoredSection section = new(name, at, (int)stored, length);
        at += Checkpoint.SectionHeaderLength + (int)stored;
        return section;
    }

    /// <summary>The content of a section that was found.</summary>
    /// <exception cref="SnapshotException">It is not as long as announced.</exception>
    public static byte[] Read(ReadOnlySpan<byte> file, StoredSection section) =>
        Expand(file.Slice(section.At + Checkpoint.SectionHeaderLength, section.Stored), section.Length)
            ?? throw new SnapshotException($"byte {section.At}: section {section.Name} does not hold the {section.Length} bytes that it announces");

    /// <summary>The content, or null when it is not as long as announced. Memory grows with what is there, not with what is announced.</summary>
    private static byte[]? Expand(ReadOnlySpan<byte> stored, ulong length)
    {
        MemoryStream content = new();
        byte[] piece = new byte[Piece];
        try
        {
            using ZLibStream zlib = new(new MemoryStream(stored.ToArray()), CompressionMode.Decompress);
            for (int read = zlib.Read(piece); read > 0; read = zlib.Read(piece))
            {
                content.Write(piece.AsSpan(0, read));
                if ((ulong)content.Length > length)
                {
                    return null;
                }
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        return (ulong)content.Length == length ? content.ToArray() : null;
    }
}

/// <summary>A section whose digest is right.</summary>
/// <param name="Name">Its name.</param>
/// <param name="At">Where its header begins in the file.</param>
/// <param name="Stored">Bytes behind the header.</param>
/// <param name="Length">Bytes that they announce to expand to.</param>
internal readonly record struct StoredSection(string Name, int At, int Stored, ulong Length);
