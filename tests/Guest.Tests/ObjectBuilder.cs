using System.Runtime.InteropServices;
using System.Text;
using CoSim.Guest.Link;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Tests;

/// <summary>Makes relocatable ELF objects like ILC's: one code section, one of constants, one of data.</summary>
public sealed class ObjectBuilder
{
    private const ushort Code = 1, Constants = 2, Data = 3;

    private readonly List<byte> _strings = [0];
    private readonly List<byte> _code = [], _constants = [], _data = [];
    private readonly List<ElfSymbolEntry> _symbols = [default];
    private readonly List<ElfRelocation> _codeRelocations = [], _dataRelocations = [];
    private readonly Dictionary<string, uint> _index = [];

    /// <summary>Adds a function; references to other symbols are relocations at offsets in its code.</summary>
    public ObjectBuilder Function(string name, byte[] code, params (int Offset, string Symbol)[] references)
    {
        while (_code.Count % 16 != 0) _code.Add(0x90);
        Define(name, 0x12, Code, (ulong)_code.Count, (ulong)code.Length);
        foreach ((int offset, string symbol) in references)
            _codeRelocations.Add(new ElfRelocation { Offset = (ulong)(_code.Count + offset), Type = (uint)RelocationType.Plt32, Symbol = Index(symbol), Addend = -4 });
        _code.AddRange(code);
        return this;
    }

    /// <summary>Adds eight bytes of data that hold a symbol's address, or of constants without one.</summary>
    public ObjectBuilder Datum(string name, string? address)
    {
        List<byte> bytes = address == null ? _constants : _data;
        Define(name, 0x10, address == null ? Constants : Data, (ulong)bytes.Count, 0);
        if (address != null) _dataRelocations.Add(new ElfRelocation { Offset = (ulong)bytes.Count, Type = (uint)RelocationType.Absolute64, Symbol = Index(address) });
        bytes.AddRange([1, 2, 3, 4, 5, 6, 7, 8]);
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        byte[][] contents =
        [
            [], [.. _code], [.. _constants], [.. _data], Bytes(_symbols), [.. _strings], Bytes(_codeRelocations), Bytes(_dataRelocations),
        ];
        (string Name, ElfSectionType Type, ulong Flags, uint Link, uint Info)[] headers =
        [
            ("", ElfSectionType.Null, 0, 0, 0), ("__managedcode", ElfSectionType.ProgramBits, 6, 0, 0), (".rodata", ElfSectionType.ProgramBits, 2, 0, 0),
            (".data", ElfSectionType.ProgramBits, 3, 0, 0), (".symtab", ElfSectionType.SymbolTable, 0, 5, 1), (".strtab", ElfSectionType.StringTable, 0, 0, 0),
            (".rela__managedcode", ElfSectionType.Relocations, 0, 4, Code), (".rela.data", ElfSectionType.Relocations, 0, 4, Data),
        ];
        uint[] names = [.. headers.Select(h => Text(h.Name))];
        contents[5] = [.. _strings];
        using MemoryStream file = new();
        file.SetLength(64);
        file.Position = 64;
        List<ElfSectionHeader> table = [];
        for (int i = 0; i < headers.Length; i++)
        {
            while (file.Position % 16 != 0) file.WriteByte(0);
            table.Add(new ElfSectionHeader
            {
                Name = names[i],
                Type = (uint)headers[i].Type,
                Flags = headers[i].Flags,
                Offset = (ulong)file.Position,
                Size = (ulong)contents[i].Length,
                Link = headers[i].Link,
                Info = headers[i].Info,
                Alignment = 16,
            });
            file.Write(contents[i]);
        }
        while (file.Position % 16 != 0) file.WriteByte(0);
        ElfHeader header = new()
        {
            Magic = ElfHeader.ElfMagic,
            Class = 2,
            Data = 1,
            IdentVersion = 1,
            Type = ElfHeader.Relocatable,
            Machine = ElfHeader.X86_64,
            Version = 1,
            SectionHeaders = (ulong)file.Position,
            HeaderSize = 64,
            SectionEntrySize = 64,
            SectionCount = (ushort)headers.Length,
            SectionNames = 5,
        };
        file.Write(Bytes(table));
        file.Position = 0;
        file.Write(Bytes([header]));
        return file.ToArray();
    }

    private void Define(string name, byte info, ushort section, ulong value, ulong size)
    {
        uint index = Index(name);
        _symbols[(int)index] = new ElfSymbolEntry { Name = _symbols[(int)index].Name, Info = info, Section = section, Value = value, Size = size };
    }

    private uint Index(string name)
    {
        if (_index.TryGetValue(name, out uint index)) return index;
        _index[name] = index = (uint)_symbols.Count;
        _symbols.Add(new ElfSymbolEntry { Name = Text(name), Info = 0x10 });
        return index;
    }

    private uint Text(string text)
    {
        uint at = (uint)_strings.Count;
        _strings.AddRange(Encoding.UTF8.GetBytes(text + "\0"));
        return at;
    }

    private static byte[] Bytes<T>(List<T> values) where T : unmanaged => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(values)).ToArray();
}
