using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>
/// The header by which a multiboot kernel says what it is and what it wants (Multiboot Specification 0.6.96, 3.1): within the first
/// 8192 bytes of the file, at a multiple of four.
/// </summary>
/// <param name="Offset">Where it is in the file.</param>
/// <param name="Flags">What the kernel wants.</param>
/// <param name="Addresses">The address fields (flag 16); null when the kernel is to be loaded as an ELF file.</param>
public sealed record MultibootHeader(int Offset, uint Flags, MultibootAddresses? Addresses)
{
    private const uint Magic = 0x1BAD_B002;
    private const uint RequiredFlags = 0xFFFF, KnownFlags = 0x7, HasAddresses = 1 << 16;
    private const int SearchLength = 8192, ShortLength = 12, LongLength = 32;

    /// <summary>Finds the header.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <exception cref="BadInputException">There is none, or it asks for something that no loader of this version can give.</exception>
    public static MultibootHeader Find(string file, ReadOnlySpan<byte> content)
    {
        for (int at = 0; at <= Math.Min(SearchLength, content.Length) - ShortLength; at += sizeof(uint))
        {
            uint flags = U32(content, at + 4);
            if (U32(content, at) != Magic || unchecked(Magic + flags + U32(content, at + 8)) != 0)
                continue;
            if ((flags & RequiredFlags & ~KnownFlags) is uint unknown and not 0)
                throw new BadInputException(file, $"offset {at + 4}", $"the multiboot header asks for features that version 0.6.96 does not have (flags {unknown:X}h)");
            if ((flags & HasAddresses) == 0)
                return new MultibootHeader(at, flags, null);
            if (at > content.Length - LongLength)
                throw new BadInputException(file, $"offset {content.Length}", "truncated: the multiboot header's address fields are missing");
            return new MultibootHeader(at, flags, new MultibootAddresses(
                U32(content, at + 12), U32(content, at + 16), U32(content, at + 20), U32(content, at + 24), U32(content, at + 28)));
        }

        throw new BadInputException(file, $"no multiboot header (1BADB002h with its checksum) in the first {SearchLength} bytes");
    }

    private static uint U32(ReadOnlySpan<byte> content, int at) => BinaryPrimitives.ReadUInt32LittleEndian(content[at..]);
}

/// <summary>The address fields of a header; all are physical addresses (Multiboot Specification 0.6.96, 3.1.3).</summary>
/// <param name="Header">Where the header itself comes to stand.</param>
/// <param name="Load">Where the loaded part of the file begins.</param>
/// <param name="LoadEnd">Where it ends; 0: the file's end.</param>
/// <param name="BssEnd">Where the zeroed memory behind it ends; 0: there is none.</param>
/// <param name="Entry">Where the kernel starts.</param>
public sealed record MultibootAddresses(uint Header, uint Load, uint LoadEnd, uint BssEnd, uint Entry);
