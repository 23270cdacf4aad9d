using System.Runtime.InteropServices;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link.Elf;

/// <summary>Writes an ELF64 image: a segment for each run of sections with equal rights, symbols and debugging sections.</summary>
public sealed class ElfWriter
{
    private const int HeaderSize = 64, SegmentSize = 56;
    private const uint LoadSegment = 1, DynamicSegment = 2, NoteSegment = 4;

    private readonly List<Section> _sections;
    private readonly List<(uint Type, List<Section> Parts)> _segments = [];
    private readonly MemoryStream _file = new();
    private readonly bool _mapHeaders;

    private ElfWriter(IEnumerable<Section> sections, bool mapHeaders) => (_sections, _mapHeaders) = ([.. sections], mapHeaders);

    /// <summary>Length of the file header and of the program headers, which a shared object maps with its first segment.</summary>
    public static ulong HeadersSize(int segments) => (ulong)(HeaderSize + SegmentSize * segments);

    /// <summary>Makes the image.</summary>
    /// <param name="type"><see cref="ElfHeader.Executable"/> or <see cref="ElfHeader.Shared"/>.</param>
    /// <param name="sections">Sections in the order of their addresses, loaded ones first.</param>
    /// <param name="symbols">The symbols to list.</param>
    /// <param name="entry">Address of the entry point.</param>
    /// <param name="page">Alignment of segments, in bytes.</param>
    /// <param name="mapHeaders">Whether the first segment starts with the file's headers, for which its first section leaves room.</param>
    public static byte[] Write(ushort type, IEnumerable<Section> sections, IEnumerable<Symbol> symbols, ulong entry, ulong page, bool mapHeaders)
    {
        ElfWriter w = new(sections, mapHeaders);
        w.AddTables(symbols);
        w.MakeSegments(type);
        w.PlaceSections(page);
        ulong headers = w.WriteSectionHeaders();
        w._file.Position = 0;
        w.Put(new ElfHeader
        {
            Magic = ElfHeader.ElfMagic,
            Class = 2,
            Data = 1,
            IdentVersion = 1,
            Type = type,
            Machine = ElfHeader.X86_64,
            Version = 1,
            Entry = entry,
            ProgramHeaders = HeaderSize,
            SectionHeaders = headers,
            HeaderSize = HeaderSize,
            ProgramEntrySize = SegmentSize,
            ProgramCount = (ushort)w._segments.Count,
            SectionEntrySize = 64,
            SectionCount = (ushort)(w._sections.Count + 1),
            SectionNames = (ushort)w._sections.Count,
        });
        w.WriteProgramHeaders(page);
        return w._file.ToArray();
    }

    private void AddTables(IEnumerable<Symbol> symbols)
    {
        for (int i = 0; i < _sections.Count; i++) _sections[i].Index = i + 1;
        StringTable strings = new();
        List<ElfSymbolEntry> entries = [default];
        foreach (Symbol s in symbols)
        {
            ushort section = s.IsAbsolute ? (ushort)0xFFF1 : (ushort)s.Section!.Index;
            entries.Add(new ElfSymbolEntry { Name = strings.Add(s.Name), Info = (byte)(0x10 | s.Info & 15), Section = section, Value = s.Address, Size = s.Size });
        }
        Section text = new(".strtab", ElfSectionType.StringTable, SectionFlags.None, 1) { Data = strings.ToArray() };
        _sections.Add(new Section(".symtab", ElfSectionType.SymbolTable, SectionFlags.None, 8)
        {
            Data = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(entries)).ToArray(),
            Link = text,
            Info = 1,
            EntrySize = 24,
        });
        _sections.Add(text);
        _names = new StringTable();
        foreach (Section s in _sections) _names.Add(s.Name);
        _names.Add(".shstrtab");
        _sections.Add(new Section(".shstrtab", ElfSectionType.StringTable, SectionFlags.None, 1) { Data = _names.ToArray() });
        for (int i = 0; i < _sections.Count; i++) _sections[i].Index = i + 1;
    }

    private StringTable _names = new();

    private void MakeSegments(ushort type)
    {
        // A shared object as small as the vDSO is one segment, mapped whole; an image gets one for each kind of rights.
        foreach (Section s in _sections.Where(s => s.IsAlloc && s.Size > 0))
        {
            List<Section>? run = _segments.Count == 0 ? null : _segments[^1].Parts;
            bool joins = run != null && (type == ElfHeader.Shared
                || (((run[0].Flags ^ s.Flags) & (SectionFlags.Write | SectionFlags.Execute)) == 0
                    && (run[^1].Type == ElfSectionType.NoBits) == (s.Type == ElfSectionType.NoBits)
                    && s.Address - run[0].Address == s.LoadAddress - run[0].LoadAddress
                    && s.Address - (run[^1].Address + run[^1].Size) < 4096));
            if (joins) run!.Add(s);
            else _segments.Add((LoadSegment, [s]));
        }
        foreach (Section s in _sections)
        {
            if (s.Type == ElfSectionType.Dynamic) _segments.Add((DynamicSegment, [s]));
            if (s.Type == ElfSectionType.Note) _segments.Add((NoteSegment, [s]));
        }
    }

    private void PlaceSections(ulong page)
    {
        _file.SetLength((long)HeadersSize(_segments.Count));
        _file.Position = _file.Length;
        foreach (Section s in _sections)
        {
            // Loaded sections stand at the same place in a page of the file as of memory; zeroed ones only say so.
            ulong alignment = s.IsAlloc ? page : s.Alignment, want = s.IsAlloc ? s.Address % page : 0;
            s.FileOffset = (ulong)_file.Position + (want - (ulong)_file.Position % alignment + alignment) % alignment;
            if (s.Type == ElfSectionType.NoBits) continue;
            while ((ulong)_file.Position < s.FileOffset) _file.WriteByte(0);
            _file.Write(s.Data);
        }
    }

    private ulong WriteSectionHeaders()
    {
        while (_file.Position % 8 != 0) _file.WriteByte(0);
        ulong at = (ulong)_file.Position;
        Put(new ElfSectionHeader());
        foreach (Section s in _sections)
        {
            Put(new ElfSectionHeader
            {
                Name = _names.Add(s.Name),
                Type = (uint)s.Type,
                Flags = (ulong)s.Flags & 0x37,
                Address = s.IsAlloc ? s.Address : 0,
                Offset = s.FileOffset,
                Size = s.Size,
                Link = (uint)(s.Link?.Index ?? 0),
                Info = s.Info,
                Alignment = s.Alignment,
                EntrySize = s.EntrySize,
            });
        }
        return at;
    }

    private void WriteProgramHeaders(ulong page)
    {
        foreach ((uint kind, List<Section> parts) in _segments)
        {
            Section first = parts[0], last = parts[^1];
            ulong headers = _mapHeaders && first.FileOffset < page ? first.FileOffset : 0;
            if (kind != LoadSegment) headers = 0;
            uint rights = 4 | (parts.Any(p => p.IsWritable) ? 2u : 0) | (parts.Any(p => p.IsCode) ? 1u : 0);
            ulong size = headers + last.Address + last.Size - first.Address;
            Put(new ElfProgramHeader
            {
                Type = kind,
                Flags = rights,
                Offset = first.FileOffset - headers,
                VirtualAddress = first.Address - headers,
                PhysicalAddress = first.LoadAddress - headers,
                FileSize = first.Type == ElfSectionType.NoBits ? 0 : size,
                MemorySize = size,
                Alignment = kind == LoadSegment ? page : first.Alignment,
            });
        }
    }

    private void Put<T>(T value) where T : unmanaged => _file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
