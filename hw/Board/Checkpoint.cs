using System.Buffers.Binary;
using System.Security.Cryptography;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>
/// A machine in a file: what it is, what its flash holds, and all its state at an instruction boundary, so that the file alone
/// brings it back.
/// </summary>
/// <remarks>
/// Little-endian. A header of 16 bytes: the magic number, the version (u32) and the number of sections (u32). Then the sections
/// SPEC, FLSH, MACH and HOST in this order, each with a header of 56 bytes (name, 4 bytes of zero, u64 length, u64 stored length,
/// SHA-256 of these 24 bytes and the stored ones) before its zlib stream. Every byte of the file is covered by a check.
/// </remarks>
/// <param name="Spec">The machine. Its engine is the one that left reset; each core's present one is in <paramref name="State"/>.</param>
/// <param name="State">What <see cref="Machine.Save"/> gave.</param>
/// <param name="Host">What the world around the machine wants back; its own format.</param>
public sealed record Checkpoint(MachineSpec Spec, ReadOnlyMemory<byte> State, ReadOnlyMemory<byte> Host)
{
    /// <summary>Changes whenever a reader of the version before would misunderstand.</summary>
    public const uint Version = 5;

    internal const int HeaderLength = 16;
    internal const int SectionHeaderLength = 56;

    private const ulong Magic = 0x504B_434D_4953_4F43; // "COSIMCKP"

    private static readonly string[] Names = ["SPEC", "FLSH", "MACH", "HOST"];

    /// <summary>Takes a machine's state. The machine must not be running.</summary>
    public static Checkpoint Of(Machine machine, ReadOnlyMemory<byte> host) => new(machine.Spec, machine.Save(), host);

    /// <summary>Writes the file.</summary>
    public void Write(Stream file)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Names.Length);
        file.Write(header);
        ReadOnlyMemory<byte>[] contents = [CheckpointSpec.Write(Spec), Spec.Flash, State, Host];
        for (int i = 0; i < Names.Length; i++)
        {
            CheckpointSection.Write(file, Names[i], contents[i].Span);
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="SnapshotException">The bytes are not those of a whole, undamaged checkpoint of this version.</exception>
    public static Checkpoint Read(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> header = file.Span;
        if (header.Length < HeaderLength)
        {
            throw new SnapshotException($"byte {header.Length}: the file ends within its header");
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
        {
            throw new SnapshotException("byte 0: this is not a checkpoint of cosim");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version != Version)
        {
            throw new SnapshotException($"byte 8: the checkpoint is of version {version}, this cosim reads version {Version}");
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        if (count != Names.Length)
        {
            throw new SnapshotException($"byte 12: {count} sections instead of {Names.Length}");
        }

        int at = HeaderLength;
        StoredSection[] sections = new StoredSection[Names.Length];
        for (int i = 0; i < Names.Length; i++)
        {
            sections[i] = CheckpointSection.Find(file.Span, Names[i], ref at);
        }

        if (at != file.Length)
        {
            throw new SnapshotException($"byte {at}: the file goes on where the checkpoint ends");
        }

        // Nothing is expanded before all digests are right.
        byte[][] contents = [.. sections.Select(s => CheckpointSection.Read(file.Span, s))];
        return new Checkpoint(CheckpointSpec.Read(contents[0], contents[1]), contents[2], contents[3]);
    }

    internal static void Digest(ReadOnlySpan<byte> header, ReadOnlySpan<byte> stored, Span<byte> digest)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(stored);
        hash.GetHashAndReset(digest);
    }
}
