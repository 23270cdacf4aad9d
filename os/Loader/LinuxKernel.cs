using System.Buffers.Binary;
using System.IO.Compression;

namespace CoSim.Os.Loader;

/// <summary>
/// Reads a Linux kernel: a vmlinux, which is an ELF file, or a bzImage, whose payload is the compressed vmlinux (Linux
/// Documentation/x86/boot.rst, protocol 2.08). The payload is decompressed here: inside the machine that would cost ten
/// times the rest of the boot.
/// </summary>
public static class LinuxKernel
{
    private const int SetupSectorsOffset = 0x1F1, MagicOffset = 0x202, VersionOffset = 0x206, PayloadOffset = 0x248, PayloadLengthOffset = 0x24C;
    private const int HeaderEnd = 0x250, SectorSize = 512, DefaultSetupSectors = 4, SizeTrailer = 4;
    private const ushort PayloadVersion = 0x208;

    /// <summary>Reads a kernel and returns its vmlinux.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <exception cref="BadInputException">It cannot be read, is no x86-64 Linux kernel with a PVH entry, or needs a decompressor that is not there.</exception>
    public static byte[] Read(string path) => Extract(path, InputFile.Read(path));

    /// <summary>The vmlinux in a kernel image.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <exception cref="BadInputException">As for <see cref="Read"/>.</exception>
    public static byte[] Extract(string file, byte[] content)
    {
        byte[] kernel = Unpack(file, content);
        PvhNote.Check(file, kernel);
        return kernel;
    }

    /// <summary>The vmlinux in a kernel image, with or without a PVH entry.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <exception cref="BadInputException">It is no kernel image, or needs a decompressor that is not there.</exception>
    public static byte[] Unpack(string file, byte[] content) => IsElf(content) ? content : Payload(file, content);

    private static bool IsElf(ReadOnlySpan<byte> content) => content.StartsWith("\u007fELF"u8);

    private static byte[] Payload(string file, ReadOnlySpan<byte> content)
    {
        if (content.Length < HeaderEnd || !content[MagicOffset..].StartsWith("HdrS"u8))
            throw new BadInputException(file, "neither an ELF file (vmlinux) nor a bzImage (no \"HdrS\" at offset 514)");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(content[VersionOffset..]);
        if (version < PayloadVersion)
            throw new BadInputException(file, "offset 518", $"boot protocol {version >> 8}.{version & 0xFF:D2}; 2.08 or later is needed");
        int sectors = content[SetupSectorsOffset] == 0 ? DefaultSetupSectors : content[SetupSectorsOffset];
        long start = ((sectors + 1L) * SectorSize) + BinaryPrimitives.ReadUInt32LittleEndian(content[PayloadOffset..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(content[PayloadLengthOffset..]);
        if (start + length > content.Length || length <= SizeTrailer)
            throw new BadInputException(file, $"offset {PayloadOffset}", $"truncated: the payload is {length} bytes at {start}, the file has {content.Length}");
        byte[] kernel = Decompress(file, content.Slice((int)start, (int)length));
        return IsElf(kernel) ? kernel : throw new BadInputException(file, $"offset {start}", "the payload is not an ELF file");
    }

    private static byte[] Decompress(string file, ReadOnlySpan<byte> payload)
    {
        if (IsElf(payload))
            return payload.ToArray();
        // The kernel's build puts the size behind the compressed data; it is no part of its format, except gzip's, where it is.
        byte[] data = payload[..^SizeTrailer].ToArray();
        return payload switch
        {
            [0x1F, 0x8B, ..] => Gunzip(file, payload.ToArray()),
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => HostTool.Run(file, "xz", ["-dc", "--single-stream"], data),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => HostTool.Run(file, "zstd", ["-dc"], data),
            [0x02, 0x21, 0x4C, 0x18, ..] => HostTool.Run(file, "lz4", ["-dc"], data),
            [(byte)'B', (byte)'Z', (byte)'h', ..] => HostTool.Run(file, "bzip2", ["-dc"], data),
            [0x5D, 0, 0, ..] => HostTool.Run(file, "xz", ["-dc", "--format=lzma"], data),
            _ => throw new BadInputException(file, "the kernel is compressed in a way that is not known; give its vmlinux instead"),
        };
    }

    private static byte[] Gunzip(string file, byte[] payload)
    {
        try
        {
            using GZipStream stream = new(new MemoryStream(payload), CompressionMode.Decompress);
            using MemoryStream kernel = new();
            stream.CopyTo(kernel);
            return kernel.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new BadInputException(file, "gzip payload", e.Message.TrimEnd('.'));
        }
    }
}
