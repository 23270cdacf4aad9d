using System.Buffers.Binary;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>
/// Checks that a file is a program which the operating system can execute: a static x86-64 ELF file (ET_EXEC, or ET_DYN without
/// an interpreter, which is "static-pie"). The guest's own loader checks again; checking here gives the user a message
/// about a file on this machine instead of a "-ENOEXEC" from inside the guest.
/// </summary>
public static class ElfProgram
{
    /// <summary>Checks a program.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <exception cref="BadInputException">The file is not a static x86-64 program; the message says where and why.</exception>
    public static void Check(string file, ReadOnlySpan<byte> content)
    {
        CheckIdentification(file, content);
        ushort type = U16(content, 16);
        if (type == ElfConstants.TypeRelocatable)
            throw new BadInputException(file, "ELF header", "this is an object file; link it into a program first");
        if (type == ElfConstants.TypeCore)
            throw new BadInputException(file, "ELF header", "this is a core dump, not a program");
        if (type is not (ElfConstants.TypeExecutable or ElfConstants.TypeShared))
            throw new BadInputException(file, "ELF header", $"e_type {type} is not a program");

        ushort machine = U16(content, 18);
        if (machine != ElfConstants.MachineX8664)
            throw new BadInputException(file, "ELF header", $"built for {ElfConstants.MachineName(machine)}; the simulated machine runs x86-64");
        CheckSegments(file, content);
    }

    private static void CheckIdentification(string file, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
            throw new BadInputException(file, "the file is empty");
        if (content.StartsWith("#!"u8))
            throw new BadInputException(file, "offset 0", "this is a script; run its interpreter, linked statically, instead");
        if (!content.StartsWith("\u007fELF"u8))
            throw new BadInputException(file, "offset 0", "not an ELF file (the magic number 7F 45 4C 46 is missing)");
        if (content.Length < ElfConstants.HeaderSize)
            throw new BadInputException(file, $"offset {content.Length}", $"truncated: the ELF header needs {ElfConstants.HeaderSize} bytes, the file has {content.Length}");
        if (content[4] == ElfConstants.Class32)
            throw new BadInputException(file, "ELF header", "this is a 32-bit program; build it for x86-64");
        if (content[4] != ElfConstants.Class64)
            throw new BadInputException(file, "ELF header", $"EI_CLASS {content[4]} is neither 32-bit nor 64-bit");
        if (content[5] != ElfConstants.LittleEndian)
            throw new BadInputException(file, "ELF header", "not little-endian; the simulated machine runs x86-64");
    }

    private static void CheckSegments(string file, ReadOnlySpan<byte> content)
    {
        ulong entry = U64(content, 24);
        ulong tableOffset = U64(content, 32);
        ushort entrySize = U16(content, 54);
        ushort count = U16(content, 56);
        if (count == 0)
            throw new BadInputException(file, "ELF header", "no program headers: nothing could be loaded");
        if (entrySize != ElfConstants.ProgramHeaderSize)
            throw new BadInputException(file, "ELF header", $"e_phentsize is {entrySize}, ELF-64 has {ElfConstants.ProgramHeaderSize}");
        if (!Fits(tableOffset, (ulong)count * entrySize, content.Length))
            throw new BadInputException(file, $"offset {tableOffset}", $"truncated: {count} program headers reach beyond the end of the file ({content.Length} bytes)");

        bool entryIsCode = false;
        ulong loadedUpTo = 0;
        int loads = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = content.Slice((int)tableOffset + i * ElfConstants.ProgramHeaderSize, ElfConstants.ProgramHeaderSize);
            uint type = U32(header, 0);
            if (type == ElfConstants.SegmentInterpreter)
                throw new BadInputException(file, $"program header {i}", $"dynamically linked (interpreter {Interpreter(header, content)}); build it with -static");
            if (type != ElfConstants.SegmentLoad)
                continue;
            loads++;
            CheckLoad(file, i, header, content.Length, ref loadedUpTo);
            ulong start = U64(header, 16);
            if ((U32(header, 4) & ElfConstants.FlagExecute) != 0 && entry >= start && entry - start < U64(header, 40))
                entryIsCode = true;
        }
        if (loads == 0)
            throw new BadInputException(file, "program headers", "none is PT_LOAD: nothing could be loaded");
        if (!entryIsCode)
            throw new BadInputException(file, "ELF header", U16(content, 16) == ElfConstants.TypeShared && entry == 0
                ? "this is a shared library, not a program"
                : $"the entry point {entry:X}h is in no executable segment");
    }

    private static void CheckLoad(string file, int index, ReadOnlySpan<byte> header, int fileLength, ref ulong loadedUpTo)
    {
        const ulong page = 4096;
        string place = $"program header {index}";
        ulong offset = U64(header, 8);
        ulong address = U64(header, 16);
        ulong fileSize = U64(header, 32);
        ulong memorySize = U64(header, 40);
        if (fileSize > memorySize)
            throw new BadInputException(file, place, $"p_filesz {fileSize} is larger than p_memsz {memorySize}");
        if (!Fits(offset, fileSize, fileLength))
            throw new BadInputException(file, place, $"truncated: the segment ends at byte {(UInt128)offset + fileSize}, the file has {fileLength}");
        if (address >= ElfConstants.UserEnd || memorySize > ElfConstants.UserEnd - address)
            throw new BadInputException(file, place, $"address {address:X}h is outside user space");
        if (fileSize != 0 && offset % page != address % page)
            throw new BadInputException(file, place, $"offset {offset:X}h and address {address:X}h differ within their page");
        if (address < loadedUpTo)
            throw new BadInputException(file, place, $"address {address:X}h overlaps or precedes the segment before it");
        loadedUpTo = address + memorySize;
    }

    private static string Interpreter(ReadOnlySpan<byte> header, ReadOnlySpan<byte> content)
    {
        ulong offset = U64(header, 8);
        ulong size = Math.Min(U64(header, 32), 256);
        if (!Fits(offset, size, content.Length))
            return "outside the file";
        ReadOnlySpan<byte> name = content.Slice((int)offset, (int)size);
        int end = name.IndexOf((byte)0);
        return Printable(end < 0 ? name : name[..end]);
    }

    /// <summary>The text with everything that could disturb a terminal replaced.</summary>
    private static string Printable(ReadOnlySpan<byte> text)
    {
        StringBuilder result = new(text.Length);
        foreach (byte c in text)
            result.Append(c is >= 0x20 and < 0x7F ? (char)c : '?');
        return result.ToString();
    }

    private static bool Fits(ulong offset, ulong size, int length) => offset <= (ulong)length && size <= (ulong)length - offset;

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
