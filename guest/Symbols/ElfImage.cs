using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace CoSim.Guest.Symbols;

/// <summary>An ELF64 x86-64 file: one of our images, a Linux kernel or a Linux program.</summary>
public sealed class ElfImage
{
    private const ulong Compressed = 0x800; // SHF_COMPRESSED
    private const uint ZlibCompression = 1;
    private const int CompressionHeader = 24, HeaderBytes = 64, Page = 0x1000;

    private readonly byte[] _file;
    private readonly ElfSectionHeader[] _sections;
    private readonly string[] _sectionNames;
    private SymbolTable? _symbols;
    private LineTable? _lines;

    private ElfImage(string name, byte[] file)
    {
        (Name, _file) = (name, file);
        Header = Table<ElfHeader>(0, HeaderBytes, "file header")[0];
        if (Header.Magic != ElfHeader.ElfMagic) throw new ImageFormatException(name, "file header", "not an ELF file");
        if (Header.Class != 2 || Header.Data != 1 || Header.Machine != ElfHeader.X86_64) throw new ImageFormatException(name, "file header", "not a 64-bit x86 file");
        if (Header.ProgramCount > 0 && Header.ProgramEntrySize != 56) throw new ImageFormatException(name, "file header", $"program headers of {Header.ProgramEntrySize} bytes");
        Segments = Table<ElfProgramHeader>(Header.ProgramHeaders, Header.ProgramCount * 56UL, "program headers").ToArray();
        foreach (ElfProgramHeader s in Segments.Where(s => s.Type == ElfProgramHeader.Load))
        {
            if (s.FileSize > 0) Table<byte>(s.Offset, s.FileSize, $"segment at {s.VirtualAddress:X}h");
            if (s.FileSize > s.MemorySize) throw new ImageFormatException(name, $"segment at {s.VirtualAddress:X}h", "is longer in the file than in memory");
        }
        _sections = Table<ElfSectionHeader>(Header.SectionHeaders, Header.SectionCount * 64UL, "section headers").ToArray();
        if (_sections.Length > 0 && Header.SectionNames >= _sections.Length) throw new ImageFormatException(name, "file header", "the section with the sections' names is missing");
        _sectionNames = [.. _sections.Select(s => SectionName(s))];
    }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The file header.</summary>
    public ElfHeader Header { get; }

    /// <summary>All bytes of the file.</summary>
    public ReadOnlySpan<byte> File => _file;

    /// <summary>The program headers.</summary>
    public IReadOnlyList<ElfProgramHeader> Segments { get; }

    /// <summary>The symbols; empty in a stripped file.</summary>
    public SymbolTable Symbols => _symbols ??= new SymbolTable(ReadSymbols());

    /// <summary>Addresses to source lines from DWARF 2 to 5; empty in a file without debugging information.</summary>
    public LineTable Lines => _lines ??= LineTable.Read(this);

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="ImageFormatException">The bytes are not a complete ELF64 x86-64 file.</exception>
    public static ElfImage Read(string name, byte[] file) => new(name, file);

    /// <summary>Reads a file.</summary>
    /// <exception cref="ImageFormatException">The file is not a complete ELF64 x86-64 file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ElfImage Load(string path) => new(path, System.IO.File.ReadAllBytes(path));

    /// <summary>A section's bytes, decompressed; empty when there is no such section.</summary>
    public byte[] Section(string name)
    {
        int i = Array.IndexOf(_sectionNames, name);
        if (i < 0 || _sections[i].Type == (uint)ElfSectionType.NoBits) return [];
        ReadOnlySpan<byte> bytes = Table<byte>(_sections[i].Offset, _sections[i].Size, name);
        return (_sections[i].Flags & Compressed) == 0 ? bytes.ToArray() : Decompress(bytes, name);
    }

    /// <summary>The bytes of the file at a virtual address.</summary>
    /// <param name="address">The address, as linked.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>Fewer than asked, or none, where the file has no more.</returns>
    public ReadOnlySpan<byte> BytesAt(ulong address, int count)
    {
        foreach (ElfProgramHeader s in Segments)
        {
            if (s.Type != ElfProgramHeader.Load || address < s.VirtualAddress || address - s.VirtualAddress >= s.FileSize) continue;
            ulong at = address - s.VirtualAddress;
            return _file.AsSpan((int)(s.Offset + at), (int)Math.Min((ulong)count, s.FileSize - at));
        }
        return [];
    }

    /// <summary>Shared objects that lie as data in this file, at pages of their own: a Linux kernel's vDSOs.</summary>
    /// <param name="name">Their name, for messages.</param>
    /// <exception cref="ImageFormatException">One of them is damaged.</exception>
    public IEnumerable<ElfImage> Embedded(string name)
    {
        for (int at = Page; at <= _file.Length - HeaderBytes; at += Page)
        {
            ElfHeader header = MemoryMarshal.Read<ElfHeader>(_file.AsSpan(at, HeaderBytes));
            bool shared = header is { Magic: ElfHeader.ElfMagic, Class: 2, Data: 1, Machine: ElfHeader.X86_64, Type: ElfHeader.Shared };
            ulong end = header.SectionHeaders + header.SectionCount * 64UL;
            // The section headers come last in a linked file; what follows is the next object.
            if (shared && end <= (ulong)(_file.Length - at)) yield return new ElfImage(name, _file[at..(at + (int)end)]);
        }
    }

    private IEnumerable<CodeSymbol> ReadSymbols()
    {
        int i = Array.FindIndex(_sections, s => s.Type == (uint)ElfSectionType.SymbolTable);
        if (i < 0) i = Array.FindIndex(_sections, s => s.Type == (uint)ElfSectionType.DynamicSymbols);
        if (i < 0) return [];
        if (_sections[i].Link >= _sections.Length) throw new ImageFormatException(Name, _sectionNames[i], "the section with the symbols' names is missing");
        ElfSectionHeader strings = _sections[_sections[i].Link];
        List<CodeSymbol> symbols = [];
        foreach (ElfSymbolEntry s in Table<ElfSymbolEntry>(_sections[i].Offset, _sections[i].Size / 24 * 24, _sectionNames[i]))
        {
            int type = s.Info & 15;
            bool named = s.Section is not (0 or 0xFFF1) && type is 0 or 1 or 2 or 10;
            if (named && s.Name != 0) symbols.Add(new CodeSymbol(Text(strings, s.Name), s.Value, s.Size, type is 2 or 10, s.Info >> 4 != 0));
        }
        return symbols;
    }

    private byte[] Decompress(ReadOnlySpan<byte> bytes, string name)
    {
        ByteReader header = new(bytes, Name, name);
        uint method = header.U32();
        header.U32();
        ulong size = header.U64();
        if (method != ZlibCompression) throw new ImageFormatException(Name, name, $"compression method {method} is not supported");
        if (size > int.MaxValue || bytes.Length < CompressionHeader) throw new ImageFormatException(Name, name, "bad compression header");
        byte[] result = new byte[size];
        try
        {
            using ZLibStream stream = new(new MemoryStream(bytes[CompressionHeader..].ToArray()), CompressionMode.Decompress);
            stream.ReadExactly(result);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ImageFormatException(Name, name, "the compressed data are damaged");
        }
        return result;
    }

    private string SectionName(ElfSectionHeader section) => Text(_sections[Header.SectionNames], section.Name);

    private string Text(ElfSectionHeader strings, uint at)
    {
        ReadOnlySpan<byte> s = Table<byte>(strings.Offset, strings.Size, "string table");
        int end = at < s.Length ? s[(int)at..].IndexOf((byte)0) : -1;
        return end >= 0 ? Encoding.UTF8.GetString(s.Slice((int)at, end)) : throw new ImageFormatException(Name, "string table", $"the name at {at:X}h lies outside");
    }

    private ReadOnlySpan<T> Table<T>(ulong offset, ulong size, string place) where T : unmanaged
    {
        if (offset > (ulong)_file.Length || size > (ulong)_file.Length - offset)
            throw new ImageFormatException(Name, place, $"{size} bytes at offset {offset:X}h lie outside the file, which has {_file.Length}");
        return MemoryMarshal.Cast<byte, T>(_file.AsSpan((int)offset, (int)size));
    }
}
