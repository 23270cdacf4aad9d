using System.Runtime.InteropServices;

namespace CoSim.Guest.Symbols;

/// <summary>The header of an ELF64 file (System V gABI, "ELF Header"; AMD64 psABI).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ElfHeader
{
    /// <summary>7F 45 4C 46 as a little-endian word.</summary>
    public const uint ElfMagic = 0x464C457F;
    /// <summary><see cref="Type"/> of a relocatable object, of a fixed executable and of a shared (or position-independent) object.</summary>
    public const ushort Relocatable = 1, Executable = 2, Shared = 3;
    /// <summary><see cref="Machine"/> of x86-64.</summary>
    public const ushort X86_64 = 62;

    /// <summary>Identification: must be <see cref="ElfMagic"/>.</summary>
    public uint Magic;
    /// <summary>2 for 64-bit; 1 for little-endian data; 1 for the only version; the operating system's ABI number.</summary>
    public byte Class, Data, IdentVersion, OsAbi;
    /// <summary>Eight bytes of zero.</summary>
    public ulong Padding;
    /// <summary>Kind of file and processor.</summary>
    public ushort Type, Machine;
    /// <summary>1.</summary>
    public uint Version;
    /// <summary>Virtual address of the entry point; file offsets of the program headers and of the section headers.</summary>
    public ulong Entry, ProgramHeaders, SectionHeaders;
    /// <summary>Processor flags: none on x86-64.</summary>
    public uint Flags;
    /// <summary>Sizes and counts of this header and of both tables, and the index of the section names' table.</summary>
    public ushort HeaderSize, ProgramEntrySize, ProgramCount, SectionEntrySize, SectionCount, SectionNames;
}

/// <summary>One section of an ELF64 file.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ElfSectionHeader
{
    /// <summary>Offset of the name in the names' table, and the section's type.</summary>
    public uint Name, Type;
    /// <summary>Attributes, run-time address, place in the file and length in bytes.</summary>
    public ulong Flags, Address, Offset, Size;
    /// <summary>Index of a related section, and extra information; both by type.</summary>
    public uint Link, Info;
    /// <summary>Alignment in bytes, and the size of an entry of a table.</summary>
    public ulong Alignment, EntrySize;
}

/// <summary>One segment of an ELF64 file.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ElfProgramHeader
{
    /// <summary><see cref="Type"/> of a segment that is loaded.</summary>
    public const uint Load = 1;

    /// <summary>Type and rights (1 execute, 2 write, 4 read).</summary>
    public uint Type, Flags;
    /// <summary>Place in the file, virtual and physical address, bytes in the file, bytes in memory, alignment.</summary>
    public ulong Offset, VirtualAddress, PhysicalAddress, FileSize, MemorySize, Alignment;
}

/// <summary>One entry of an ELF64 symbol table.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ElfSymbolEntry
{
    /// <summary>Offset of the name in the linked string table.</summary>
    public uint Name;
    /// <summary>Binding in the high four bits (0 local, 1 global, 2 weak) and type in the low four (1 object, 2 function, 3 section); visibility.</summary>
    public byte Info, Other;
    /// <summary>Index of the section that defines it; 0 undefined, FFF1h absolute.</summary>
    public ushort Section;
    /// <summary>Address (or offset, in a relocatable object) and length in bytes.</summary>
    public ulong Value, Size;
}

/// <summary>One relocation with an explicit addend.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ElfRelocation
{
    /// <summary>Offset in the section that it applies to.</summary>
    public ulong Offset;
    /// <summary>Type (psABI table 4.9) and symbol index.</summary>
    public uint Type, Symbol;
    /// <summary>Constant that is added to the symbol's value.</summary>
    public long Addend;
}

/// <summary>Values of <see cref="ElfSectionHeader.Type"/>.</summary>
public enum ElfSectionType : uint
{
    /// <summary>No section.</summary>
    Null = 0,
    /// <summary>Bytes of the program.</summary>
    ProgramBits = 1,
    /// <summary>A symbol table.</summary>
    SymbolTable = 2,
    /// <summary>A string table.</summary>
    StringTable = 3,
    /// <summary>Relocations with addends.</summary>
    Relocations = 4,
    /// <summary>The hash table of the dynamic symbols.</summary>
    Hash = 5,
    /// <summary>The dynamic table.</summary>
    Dynamic = 6,
    /// <summary>A note.</summary>
    Note = 7,
    /// <summary>Zeroed memory without bytes in the file.</summary>
    NoBits = 8,
    /// <summary>The dynamic symbol table.</summary>
    DynamicSymbols = 11,
    /// <summary>Definitions of symbol versions (GNU).</summary>
    VersionDefinitions = 0x6FFFFFFD,
    /// <summary>The version of each dynamic symbol (GNU).</summary>
    VersionSymbols = 0x6FFFFFFF,
}
