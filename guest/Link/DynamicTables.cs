using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using CoSim.Guest.Link.Elf;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>
/// The dynamic-linking tables of the vDSO, from which a libc finds its functions: symbols with System V hash table and
/// version LINUX_2.6 (Linux, Documentation/ABI/stable/vdso; gABI chapter 5; LSB symbol versioning).
/// </summary>
public sealed class DynamicTables
{
    /// <summary>The functions that a vDSO may export; each gets a weak alias without the prefix.</summary>
    public static readonly string[] Functions = ["__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_clock_getres", "__vdso_getcpu"];

    /// <summary>The data pages directly below the image, in the order of their addresses.</summary>
    public static readonly string[] VvarPages = ["vvar_page", "pvclock_page", "hvclock_page", "timens_page"];

    private const string Prefix = "__vdso_", SharedObjectName = "linux-vdso.so.1", VersionName = "LINUX_2.6";
    private const uint LinuxVersion = 6 << 16 | 1 << 8; // 6.1.0, in the note's form
    private const byte GlobalFunction = 0x12, WeakFunction = 0x22, GlobalObject = 0x11;
    private const ushort Absolute = 0xFFF1;
    private const ushort BaseVersion = 1, FunctionVersion = 2;

    private readonly List<(string Name, byte Info, Symbol? Target)> _symbols = [];
    private readonly StringTable _strings = new();
    private readonly Section _hash = Table(".hash", ElfSectionType.Hash, 8, 4);
    private readonly Section _dynsym = Table(".dynsym", ElfSectionType.DynamicSymbols, 8, 24);
    private readonly Section _dynstr = Table(".dynstr", ElfSectionType.StringTable, 1, 0);
    private readonly Section _versym = Table(".gnu.version", ElfSectionType.VersionSymbols, 2, 2);
    private readonly Section _verdef = Table(".gnu.version_d", ElfSectionType.VersionDefinitions, 8, 0);
    private readonly Section _dynamic = Table(".dynamic", ElfSectionType.Dynamic, 8, 16);
    private readonly Section _note = Table(".note", ElfSectionType.Note, 4, 0);

    /// <summary>Makes the tables for the functions that the image defines.</summary>
    public DynamicTables(Func<string, Symbol?> find)
    {
        foreach (string name in Functions)
        {
            if (find(name) is not { } target) continue;
            _symbols.Add((name, GlobalFunction, target));
            _symbols.Add((name[Prefix.Length..], WeakFunction, target));
        }
        _symbols.Add((VersionName, GlobalObject, null));
        foreach ((string name, _, _) in _symbols) _strings.Add(name);
        _strings.Add(SharedObjectName);
        (_dynsym.Link, _hash.Link, _versym.Link, _verdef.Link, _dynamic.Link) = (_dynstr, _dynsym, _dynsym, _dynstr, _dynstr);
        (_dynsym.Info, _verdef.Info) = (1, 2);
        _note.Data = Note();
        Fill(); // the sizes do not depend on addresses
    }

    /// <summary>How many program headers the image has: one to load, one for the dynamic table, one for the note.</summary>
    public int Segments => 3;

    /// <summary>The tables' sections, in the order of their addresses.</summary>
    public IReadOnlyList<Section> Sections => [_hash, _dynsym, _dynstr, _versym, _verdef, _dynamic, _note];

    /// <summary>Writes the tables; needs all addresses and the sections' indices to be final.</summary>
    public void Fill()
    {
        _dynstr.Data = _strings.ToArray();
        List<ElfSymbolEntry> entries = [default];
        foreach ((string name, byte info, Symbol? target) in _symbols)
        {
            entries.Add(new ElfSymbolEntry
            {
                Name = _strings.Add(name),
                Info = info,
                Section = target == null ? Absolute : (ushort)target.Section!.Index,
                Value = target?.Address ?? 0,
                Size = target?.Size ?? 0,
            });
        }
        _dynsym.Data = Bytes<ElfSymbolEntry>([.. entries]);
        _hash.Data = Bytes<uint>(HashTable());
        _versym.Data = Bytes<ushort>([0, .. _symbols.Select(_ => FunctionVersion)]);
        _verdef.Data = Versions();
        _dynamic.Data = Bytes<ulong>(
        [
            14, _strings.Add(SharedObjectName), 4, _hash.Address, 5, _dynstr.Address, 6, _dynsym.Address, 10, (ulong)_dynstr.Data.Length, 11, 24,
            0x6FFFFFFC, _verdef.Address, 0x6FFFFFFD, 2, 0x6FFFFFF0, _versym.Address, 0, 0,
        ]);
    }

    /// <summary>The hash function of the gABI.</summary>
    public static uint Hash(string name)
    {
        uint h = 0;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            h = (h << 4) + b;
            uint g = h & 0xF0000000;
            h = (h ^ g >> 24) & ~g;
        }
        return h;
    }

    private uint[] HashTable()
    {
        const uint buckets = 4;
        uint symbols = (uint)_symbols.Count + 1;
        uint[] table = new uint[2 + buckets + symbols];
        (table[0], table[1]) = (buckets, symbols);
        for (uint i = 1; i < symbols; i++)
        {
            uint bucket = 2 + Hash(_symbols[(int)i - 1].Name) % buckets;
            table[2 + buckets + i] = table[bucket]; // chains run from the newest to the oldest
            table[bucket] = i;
        }
        return table;
    }

    private byte[] Versions()
    {
        byte[] table = new byte[2 * 28];
        Version(table, BaseVersion, 1, SharedObjectName, 28);
        Version(table.AsSpan(28), FunctionVersion, 0, VersionName, 0);
        return table;
    }

    private void Version(Span<byte> at, ushort index, ushort flags, string name, uint next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(at, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(at[4..], index);
        BinaryPrimitives.WriteUInt16LittleEndian(at[6..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], Hash(name));
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], 20);
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], next);
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], _strings.Add(name));
    }

    private static byte[] Note() => [.. Bytes<uint>([6, 4, 0]), .. "Linux\0\0\0"u8, .. Bytes<uint>([LinuxVersion])];

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static Section Table(string name, ElfSectionType type, ulong alignment, ulong entry) => new(name, type, SectionFlags.Alloc, alignment) { EntrySize = entry };
}
