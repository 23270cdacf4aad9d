using System.Runtime.InteropServices;
using System.Text;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link.Elf;

/// <summary>A relocatable object file as ILC writes it.</summary>
public sealed class ElfObject
{
    private const ulong MaxAlignment = 1 << 20, MaxSize = 1 << 30;

    private readonly byte[] _file;
    private readonly string _path;

    private ElfObject(string path, byte[] file) => (_path, _file) = (path, file);

    /// <summary>The sections that hold bytes of the program or of its debugging information.</summary>
    public List<Section> Sections { get; } = [];

    /// <summary>All symbols, in the order in which relocations refer to them.</summary>
    public List<Symbol> Symbols { get; } = [];

    /// <summary>Reads an object file.</summary>
    /// <exception cref="LinkException">The bytes are not a complete relocatable x86-64 ELF object.</exception>
    public static ElfObject Read(string path, byte[] file)
    {
        ElfObject result = new(path, file);
        result.Read();
        return result;
    }

    private void Read()
    {
        ElfHeader header = Table<ElfHeader>(0, 64, "the file header")[0];
        if (header.Magic != ElfHeader.ElfMagic || header.Class != 2 || header.Type != ElfHeader.Relocatable || header.Machine != ElfHeader.X86_64)
            throw new LinkException(2, $"{_path}: not a relocatable x86-64 ELF object");
        ReadOnlySpan<ElfSectionHeader> headers = Table<ElfSectionHeader>(header.SectionHeaders, header.SectionCount * 64UL, "the section headers");
        if (header.SectionNames >= headers.Length) throw Damaged("the section with the sections' names is missing");
        Section?[] byIndex = new Section?[headers.Length];
        for (int i = 1; i < headers.Length; i++)
        {
            ElfSectionHeader h = headers[i];
            ElfSectionType type = (ElfSectionType)h.Type;
            if (type is ElfSectionType.SymbolTable or ElfSectionType.StringTable or ElfSectionType.Relocations) continue;
            string name = Text(headers[header.SectionNames], h.Name);
            if (h.Alignment > MaxAlignment || (h.Alignment & (h.Alignment - 1)) != 0 || h.Size > MaxSize) throw Damaged($"section {name} has alignment {h.Alignment} and size {h.Size}");
            Section section = new(name, type, (SectionFlags)h.Flags, h.Alignment) { EntrySize = h.EntrySize };
            if (type == ElfSectionType.NoBits) section.Size = h.Size;
            else section.Data = Table<byte>(h.Offset, h.Size, name).ToArray();
            Sections.Add(section);
            byIndex[i] = section;
        }
        foreach (ElfSectionHeader h in headers)
        {
            if (h.Type == (uint)ElfSectionType.SymbolTable) ReadSymbols(h, headers, byIndex);
            if (h.Type == (uint)ElfSectionType.Relocations && h.Info < byIndex.Length && byIndex[h.Info] is { } target)
                target.Relocations = Table<ElfRelocation>(h.Offset, h.Size / 24 * 24, $"the relocations of {target.Name}").ToArray();
        }
        foreach (Section section in Sections) CheckRelocations(section);
    }

    private void CheckRelocations(Section section)
    {
        foreach (ElfRelocation r in section.Relocations)
        {
            ulong width = (RelocationType)r.Type == RelocationType.Absolute64 ? 8u : 4u;
            if (r.Symbol >= Symbols.Count || r.Offset > (ulong)section.Data.Length || width > (ulong)section.Data.Length - r.Offset)
                throw Damaged($"a relocation of {section.Name} at {r.Offset:X}h lies outside it or has no symbol");
            Symbol s = Symbols[(int)r.Symbol];
            if (s is { IsSection: true, Section: { IsAlloc: true } target } && r.Addend is < -8 or > (long)MaxSize)
                throw Damaged($"a relocation of {section.Name} at {r.Offset:X}h points outside {target.Name}");
        }
    }

    private LinkException Damaged(string what) => new(2, $"{_path}: {what}");

    private void ReadSymbols(ElfSectionHeader table, ReadOnlySpan<ElfSectionHeader> headers, Section?[] byIndex)
    {
        if (table.Link >= headers.Length) throw Damaged("the section with the symbols' names is missing");
        foreach (ElfSymbolEntry s in Table<ElfSymbolEntry>(table.Offset, table.Size / 24 * 24, "the symbol table"))
        {
            Section? section = s.Section < byIndex.Length ? byIndex[s.Section] : null;
            if (section != null && (s.Value > section.Size || s.Size > section.Size - s.Value)) throw Damaged($"symbol {Symbols.Count} lies outside {section.Name}");
            string name = (s.Info & 15) == 3 && section != null ? section.Name : Text(headers[(int)table.Link], s.Name);
            Symbols.Add(new Symbol(name, s.Info, section, s.Value, s.Size));
        }
    }

    private ReadOnlySpan<T> Table<T>(ulong offset, ulong size, string what) where T : unmanaged
    {
        if (offset > (ulong)_file.Length || size > (ulong)_file.Length - offset)
            throw new LinkException(2, $"{_path}: {what} lies outside the file (offset {offset:X}h, {size} bytes)");
        return MemoryMarshal.Cast<byte, T>(_file.AsSpan((int)offset, (int)size));
    }

    private string Text(ElfSectionHeader strings, uint at)
    {
        ReadOnlySpan<byte> s = Table<byte>(strings.Offset, strings.Size, "a string table");
        int end = at < s.Length ? s[(int)at..].IndexOf((byte)0) : -1;
        return end >= 0 ? Encoding.UTF8.GetString(s.Slice((int)at, end)) : throw new LinkException(2, $"{_path}: a name lies outside its string table");
    }
}
