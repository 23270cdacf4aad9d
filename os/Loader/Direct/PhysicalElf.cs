using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>Reads an ELF file, 32-bit or 64-bit, that is loaded at the physical addresses of its program headers (System V gABI, chapter 5).</summary>
public static class PhysicalElf
{
    private const ushort Machine386 = 3, Machine486 = 6;
    private const int HeaderSize32 = 52, ProgramHeaderSize32 = 32;

    /// <summary>Whether a file begins as an ELF file does.</summary>
    public static bool Is(ReadOnlySpan<byte> content) => content.StartsWith("\u007fELF"u8);

    /// <summary>Reads the segments.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <exception cref="BadInputException">The file is damaged, of another architecture, or has nothing to load.</exception>
    public static LoadedProgram Read(string file, ReadOnlyMemory<byte> content)
    {
        ReadOnlySpan<byte> bytes = content.Span;
        bool wide = bytes.Length > 5 && bytes[4] == ElfConstants.Class64;
        int headerSize = wide ? ElfConstants.HeaderSize : HeaderSize32;
        if (bytes.Length < headerSize)
            throw new BadInputException(file, $"offset {bytes.Length}", $"truncated: the ELF header needs {headerSize} bytes");
        if ((!wide && bytes[4] != ElfConstants.Class32) || bytes[5] != ElfConstants.LittleEndian)
            throw new BadInputException(file, "ELF header", "neither a 32-bit nor a 64-bit little-endian file");
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (machine is not (Machine386 or Machine486 or ElfConstants.MachineX8664))
            throw new BadInputException(file, "ELF header", $"built for {ElfConstants.MachineName(machine)}; the simulated machine runs x86");
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]) is not (ElfConstants.TypeExecutable or ElfConstants.TypeShared))
            throw new BadInputException(file, "ELF header", "this is an object file or a core dump; only a linked program can be loaded");
        return Read(file, content, wide);
    }

    private static LoadedProgram Read(string file, ReadOnlyMemory<byte> content, bool wide)
    {
        ReadOnlySpan<byte> bytes = content.Span;
        ulong entry = wide ? U64(bytes, 24) : U32(bytes, 24);
        ulong table = wide ? U64(bytes, 32) : U32(bytes, 28);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(wide ? 54 : 42)..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(wide ? 56 : 44)..]);
        int least = wide ? ElfConstants.ProgramHeaderSize : ProgramHeaderSize32;
        if (count > 0 && (size < least || table > (ulong)bytes.Length || (ulong)bytes.Length - table < (ulong)size * (ulong)count))
            throw new BadInputException(file, "ELF header", "truncated: the program headers lie outside of the file");
        List<ProgramPart> parts = [];
        ulong start = entry;
        for (int n = 0; n < count; n++)
        {
            Segment segment = Segment.Read(bytes[((int)table + (n * size))..], wide);
            if (segment.Type != ElfConstants.SegmentLoad || segment.MemorySize == 0)
                continue;
            if (segment.Offset > (ulong)bytes.Length || segment.FileSize > (ulong)bytes.Length - segment.Offset)
                throw new BadInputException(file, $"program header {n}", $"truncated: {segment.FileSize} bytes at {segment.Offset}, the file has {bytes.Length}");
            if (segment.FileSize > segment.MemorySize || segment.Physical > ulong.MaxValue - segment.MemorySize)
                throw new BadInputException(file, $"program header {n}", "its sizes contradict one another");
            parts.Add(new ProgramPart(segment.Physical, content.Slice((int)segment.Offset, (int)segment.FileSize), segment.MemorySize));

            // The entry point is a virtual address where the two differ; a kernel without paging starts at the physical one.
            if ((segment.Flags & ElfConstants.FlagExecute) != 0 && entry - segment.Virtual < segment.MemorySize)
                start = entry - segment.Virtual + segment.Physical;
        }

        return parts.Count > 0 ? new LoadedProgram(parts, start) : throw new BadInputException(file, "ELF header", "no segment to load");
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private readonly record struct Segment(uint Type, uint Flags, ulong Offset, ulong Virtual, ulong Physical, ulong FileSize, ulong MemorySize)
    {
        public static Segment Read(ReadOnlySpan<byte> b, bool wide) => wide
            ? new(U32(b, 0), U32(b, 4), U64(b, 8), U64(b, 16), U64(b, 24), U64(b, 32), U64(b, 40))
            : new(U32(b, 0), U32(b, 24), U32(b, 4), U32(b, 8), U32(b, 12), U32(b, 16), U32(b, 20));
    }
}
