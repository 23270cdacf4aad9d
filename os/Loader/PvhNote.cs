using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>
/// The note that makes a kernel bootable by the PVH protocol: owner "Xen", type 18, holding the 32-bit entry address (Xen
/// public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY). Linux has it with CONFIG_PVH, as distributions' kernels do.
/// </summary>
internal static class PvhNote
{
    private const int TypeOffset = 16, MachineOffset = 18, TableOffset = 32, EntrySizeOffset = 54, CountOffset = 56;
    private const uint NoteSegment = 4, EntryNote = 18;

    /// <summary>Checks that an ELF file has the note.</summary>
    /// <exception cref="BadInputException">It has none, or is not an x86-64 program.</exception>
    public static void Check(string file, ReadOnlySpan<byte> elf) => _ = Entry(file, elf);

    /// <summary>The 32-bit physical entry address that the note names.</summary>
    /// <exception cref="BadInputException">There is no note, or the file is not an x86-64 program.</exception>
    public static uint Entry(string file, ReadOnlySpan<byte> elf)
    {
        if (elf.Length < ElfConstants.HeaderSize || elf[4] == ElfConstants.Class32
            || BinaryPrimitives.ReadUInt16LittleEndian(elf[MachineOffset..]) != ElfConstants.MachineX8664
            || BinaryPrimitives.ReadUInt16LittleEndian(elf[TypeOffset..]) is not (ElfConstants.TypeExecutable or ElfConstants.TypeShared))
        {
            throw new BadInputException(file, "ELF header", "not an x86-64 kernel");
        }

        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(elf[TableOffset..]);
        ushort size = BinaryPrimitives.ReadUInt16LittleEndian(elf[EntrySizeOffset..]);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(elf[CountOffset..]);
        if (size != ElfConstants.ProgramHeaderSize || table > (ulong)elf.Length || (ulong)elf.Length - table < (ulong)size * count)
            throw new BadInputException(file, "ELF header", "truncated: no program headers");
        for (int n = 0; n < count; n++)
        {
            if (Find(elf, elf.Slice((int)table + (n * size), size)) is { } entry)
                return entry;
        }

        throw new BadInputException(file, "no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY); the kernel needs CONFIG_PVH");
    }

    private static uint? Find(ReadOnlySpan<byte> elf, ReadOnlySpan<byte> header)
    {
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != NoteSegment || offset > (ulong)elf.Length || length > (ulong)elf.Length - offset)
            return null;
        ReadOnlySpan<byte> notes = elf.Slice((int)offset, (int)length);
        while (notes.Length >= 12)
        {
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(notes), content = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            ulong next = 12 + Aligned(name) + Aligned(content);
            if (next > (ulong)notes.Length)
                return null;
            if (BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]) == EntryNote && notes[12..].StartsWith("Xen\0"u8) && content >= sizeof(uint))
                return BinaryPrimitives.ReadUInt32LittleEndian(notes[(12 + (int)Aligned(name))..]);
            notes = notes[(int)next..];
        }

        return null;
    }

    private static ulong Aligned(uint length) => ((ulong)length + 3) & ~3UL;
}
