using System.Buffers.Binary;
using System.Text;
using CoSim.Guest.Symbols;
using CoSim.Os.Loader;

namespace CoSim.Cli.Debug;

/// <summary>
/// An ELF file with symbols and nothing else, for debuggers (System V gABI, chapter 4): one section without contents that spans the image, the
/// symbol table and its strings.
/// </summary>
internal static class SymbolFile
{
    private const int HeaderSize = 64, SectionSize = 64, SymbolSize = 24;
    private const ushort Executable = 2, X8664 = 62;
    private const uint NoBits = 8, SymbolTableType = 2, StringTableType = 3;
    private const ulong AllocatedCode = 6;

    /// <summary>Addresses from here on are the kernel's; lower ones are offsets into the memory of a processor.</summary>
    private const ulong KernelBegins = 1UL << 63;

    /// <summary>Makes the file.</summary>
    /// <param name="symbols">The symbols at their linked addresses.</param>
    /// <param name="moved">Bytes by which the image lies higher than linked.</param>
    /// <exception cref="BadInputException">None of them is a kernel's.</exception>
    public static byte[] Make(SymbolTable symbols, ulong moved)
    {
        CodeSymbol[] all = [.. symbols.WithAliases.Where(s => s.Address >= KernelBegins).OrderBy(s => s.Address)];
        if (all.Length == 0)
            throw new BadInputException("symbols", "the file has no symbols of a kernel");
        ulong[] addresses = [.. all.Select(s => s.Address).Distinct()];
        ulong begin = all[0].Address & ~0xFFFUL, end = all[^1].Address + Math.Max(1, all[^1].Size);
        // Local symbols stand before global ones.
        (CodeSymbol Symbol, ulong Size)[] entries = [.. all.Select(s => (s, SizeOf(s, addresses, end))).OrderBy(e => e.s.IsGlobal)];
        uint locals = (uint)entries.Count(e => !e.Symbol.IsGlobal);
        MemoryStream strings = new();
        strings.WriteByte(0);
        byte[] table = new byte[SymbolSize * (all.Length + 1)];
        for (int n = 0; n < entries.Length; n++)
        {
            (CodeSymbol symbol, ulong size) = entries[n];
            Span<byte> entry = table.AsSpan(SymbolSize * (n + 1), SymbolSize);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)strings.Position);
            entry[4] = (byte)((symbol.IsGlobal ? 0x10 : 0) | (symbol.IsFunction ? 2 : 1));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], symbol.Address + moved);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], size);
            strings.Write(Encoding.UTF8.GetBytes(symbol.Name));
            strings.WriteByte(0);
        }

        byte[] names = Encoding.ASCII.GetBytes("\0.text\0.symtab\0.strtab\0.shstrtab\0");
        ulong tableAt = HeaderSize, stringsAt = tableAt + (ulong)table.Length, namesAt = stringsAt + (ulong)strings.Length;
        MemoryStream file = new();
        file.Write(Header(namesAt + (ulong)names.Length));
        file.Write(table);
        file.Write(strings.ToArray());
        file.Write(names);
        file.Write(new byte[SectionSize]);
        file.Write(Section(1, NoBits, AllocatedCode, begin + moved, HeaderSize, end - begin, 0, 0, 0));
        file.Write(Section(7, SymbolTableType, 0, 0, tableAt, (ulong)table.Length, 3, locals + 1, SymbolSize));
        file.Write(Section(15, StringTableType, 0, 0, stringsAt, (ulong)strings.Length, 0, 0, 0));
        file.Write(Section(23, StringTableType, 0, 0, namesAt, (ulong)names.Length, 0, 0, 0));
        return file.ToArray();
    }

    /// <summary>Where nobody says, a symbol reaches to the next address that has a name.</summary>
    private static ulong SizeOf(CodeSymbol symbol, ulong[] addresses, ulong end)
    {
        int next = Array.BinarySearch(addresses, symbol.Address) + 1;
        return symbol.Size != 0 ? symbol.Size : (next < addresses.Length ? addresses[next] : end) - symbol.Address;
    }

    private static byte[] Header(ulong sections)
    {
        byte[] header = new byte[HeaderSize];
        ReadOnlySpan<byte> identification = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identification.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(16), Executable);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(18), X8664);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(40), sections);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(52), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(58), SectionSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(60), 5);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(62), 4);
        return header;
    }

    private static byte[] Section(uint name, uint type, ulong flags, ulong address, ulong offset, ulong size, uint link, uint info, ulong entry)
    {
        byte[] section = new byte[SectionSize];
        BinaryPrimitives.WriteUInt32LittleEndian(section, name);
        BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(4), type);
        BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(8), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(16), address);
        BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(24), offset);
        BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(32), size);
        BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(40), link);
        BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(44), info);
        BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(48), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(56), entry);
        return section;
    }
}
