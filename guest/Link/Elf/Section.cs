using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link.Elf;

/// <summary>Section attributes (gABI, sh_flags).</summary>
[Flags]
public enum SectionFlags : ulong
{
    /// <summary>Not loaded.</summary>
    None = 0,
    /// <summary>Writable at run time.</summary>
    Write = 1,
    /// <summary>Occupies memory at run time.</summary>
    Alloc = 2,
    /// <summary>Holds instructions.</summary>
    Execute = 4,
    /// <summary>Entries may be merged.</summary>
    Merge = 0x10,
    /// <summary>Holds strings.</summary>
    Strings = 0x20,
    /// <summary>Thread-local storage, which a guest does not have.</summary>
    Tls = 0x400,
}

/// <summary>A section of the object file, or one that the linker makes.</summary>
public sealed class Section(string name, ElfSectionType type, SectionFlags flags, ulong alignment)
{
    private ulong _size;

    /// <summary>The section's name.</summary>
    public string Name { get; } = name;
    /// <summary>The section's type.</summary>
    public ElfSectionType Type { get; } = type;
    /// <summary>The section's attributes.</summary>
    public SectionFlags Flags { get; } = flags;
    /// <summary>Alignment in bytes, a power of two.</summary>
    public ulong Alignment { get; } = Math.Max(alignment, 1);
    /// <summary>The bytes; empty for zeroed memory.</summary>
    public byte[] Data { get; set; } = [];
    /// <summary>Length in memory, in bytes.</summary>
    public ulong Size { get => Type == ElfSectionType.NoBits ? _size : (ulong)Data.Length; set => _size = value; }
    /// <summary>Relocations to apply to <see cref="Data"/>.</summary>
    public ElfRelocation[] Relocations { get; set; } = [];
    /// <summary>Run-time (virtual) address, once laid out.</summary>
    public ulong Address { get; set; }
    /// <summary>Load (physical) address, once laid out.</summary>
    public ulong LoadAddress { get; set; }
    /// <summary>Place in the output file.</summary>
    public ulong FileOffset { get; set; }
    /// <summary>Index in the output file.</summary>
    public int Index { get; set; }
    /// <summary>Related section, for the headers of tables.</summary>
    public Section? Link { get; set; }
    /// <summary>sh_info and sh_entsize, for the headers of tables.</summary>
    public uint Info { get; set; }
    /// <summary>Size of one entry of a table.</summary>
    public ulong EntrySize { get; set; }

    /// <summary>Whether the section occupies memory at run time.</summary>
    public bool IsAlloc => (Flags & SectionFlags.Alloc) != 0;
    /// <summary>Whether the section holds instructions.</summary>
    public bool IsCode => (Flags & SectionFlags.Execute) != 0;
    /// <summary>Whether the section is writable at run time.</summary>
    public bool IsWritable => (Flags & SectionFlags.Write) != 0;
}

/// <summary>A symbol; undefined while it has neither a section nor an absolute value.</summary>
public sealed class Symbol(string name, byte info, Section? section, ulong value, ulong size)
{
    /// <summary>Binding and type of a global function and of a global object.</summary>
    public const byte GlobalFunction = 0x12, GlobalObject = 0x11, GlobalNoType = 0x10;

    /// <summary>The symbol's name.</summary>
    public string Name { get; } = name;
    /// <summary>Binding (high four bits) and type (low four bits).</summary>
    public byte Info { get; } = info;
    /// <summary>The section that defines it.</summary>
    public Section? Section { get; } = section;
    /// <summary>Offset in the section, or the value itself when the symbol is absolute.</summary>
    public ulong Value { get; set; } = value;
    /// <summary>Length in bytes; 0 when unknown.</summary>
    public ulong Size { get; set; } = size;
    /// <summary>Whether the value is an address by itself.</summary>
    public bool IsAbsolute { get; init; }
    /// <summary>Whether the symbol stands for a section.</summary>
    public bool IsSection => (Info & 15) == 3;
    /// <summary>Whether the symbol names a function.</summary>
    public bool IsFunction => (Info & 15) == 2;
    /// <summary>Whether something defines the symbol.</summary>
    public bool IsDefined => Section != null || IsAbsolute;
    /// <summary>Run-time address; for sections that are not loaded, the offset in the section.</summary>
    public ulong Address => (Section is { IsAlloc: true } ? Section.Address : 0) + Value;
}
