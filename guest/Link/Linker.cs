using System.Buffers.Binary;
using CoSim.Guest.Link.Elf;
using CoSim.Guest.Link.Stubs;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>Links ILC's object file, the stubs that it needs and embedded files to one freestanding image.</summary>
public sealed class Linker
{
    private const int MaxPasses = 8;

    private readonly LinkOptions _options;
    private readonly ElfObject _object;
    private readonly StubLibrary _library;
    private readonly Reachability _reachability;
    private readonly List<Section> _embedded = [];
    private readonly Dictionary<string, Symbol> _embeddedSymbols = [];
    private readonly List<LinkException> _errors = [];
    private StubImage? _stubs;
    private ImageLayout? _layout;
    private DynamicTables? _dynamic;

    /// <summary>Prepares a link.</summary>
    public Linker(LinkOptions options, ElfObject obj)
    {
        (_options, _object) = (options, obj);
        _library = new StubLibrary(options);
        _reachability = new Reachability(obj, _library, IsLinkerSymbol);
    }

    /// <summary>The problems found; when there are any, there is no image.</summary>
    public IReadOnlyList<LinkException> Errors => _errors;

    /// <summary>The vector registers in use, once linked.</summary>
    public VectorUse? Vectors { get; private set; }

    /// <summary>How many calls of stubs became instructions.</summary>
    public int Inlined => _reachability.Inlined;

    /// <summary>Adds a file's bytes as read-only data between the symbols name_start and name_end.</summary>
    public void Embed(string name, byte[] bytes)
    {
        Section section = new(".embed." + name, ElfSectionType.ProgramBits, SectionFlags.Alloc, ImageLayout.Page) { Data = bytes };
        _embedded.Add(section);
        _embeddedSymbols[name + "_start"] = new Symbol(name + "_start", Symbol.GlobalObject, section, 0, (ulong)bytes.Length);
        _embeddedSymbols[name + "_end"] = new Symbol(name + "_end", Symbol.GlobalNoType, section, (ulong)bytes.Length, 0);
    }

    /// <summary>Links.</summary>
    /// <returns>The image, or null when there are <see cref="Errors"/>.</returns>
    /// <exception cref="LinkException">The input cannot be linked at all.</exception>
    public byte[]? Link()
    {
        string[] roots = Roots();
        foreach (string root in roots) _reachability.Add(root, "the image kind " + _options.Kind.ToString().ToLowerInvariant());
        CheckObject();
        if (_errors.Count > 0) return null;

        Vectors = VectorUse.Find(_object, _reachability);
        _stubs = new StubImage(_reachability.Stubs, Vectors.Mask);
        if (_options.Kind == ImageKind.Vdso) _dynamic = new DynamicTables(name => _reachability.Find(name));
        Section[] needed = [.. _object.Sections.Where(s => s.IsAlloc && _reachability.IsReached(s))];
        _layout = new ImageLayout(_options, needed, _embedded, _stubs, _dynamic);
        Section[] debugging = [.. _object.Sections.Where(s => !s.IsAlloc && s.Name.StartsWith(".debug_", StringComparison.Ordinal))];

        // Stubs hold addresses, and their length may depend on distances: assemble until nothing moves.
        int passes = 0;
        do
        {
            if (++passes > MaxPasses) throw new LinkException(10, "the stubs do not settle");
            _layout.Place();
        }
        while (_stubs.Assemble(Resolve) | passes == 1);

        Relocator relocator = new(_object, _reachability, Resolve, _library, Vectors.Mask, _options.Kind == ImageKind.Vdso);
        foreach (Section s in needed.Concat(debugging)) relocator.Apply(s);
        List<Section> sections = [.. _layout.Sections.Where(s => s.Size > 0), .. debugging];
        for (int i = 0; i < sections.Count; i++) sections[i].Index = i + 1;
        _dynamic?.Fill();
        if (_options.Kind == ImageKind.Kernel) sections.Add(PvhNote());
        ushort type = _options.Kind == ImageKind.Vdso ? ElfHeader.Shared : ElfHeader.Executable;
        return ElfWriter.Write(type, sections, OutputSymbols(sections), Entry(), ImageLayout.Page, _options.Kind is ImageKind.Vdso or ImageKind.User);
    }

    /// <summary>Firmware's flash content: everything loaded, up to FFFFFFFFh.</summary>
    public byte[] FlatBinary()
    {
        Section[] loaded = [.. _layout!.Sections.Where(s => s.Type != ElfSectionType.NoBits && s.Size > 0)];
        ulong start = loaded.Min(s => s.LoadAddress) & ~0xFFFFUL;
        byte[] flash = new byte[0x1_0000_0000 - start];
        Array.Fill(flash, (byte)0xFF);
        foreach (Section s in loaded) s.Data.CopyTo(flash.AsSpan((int)(s.LoadAddress - start)));
        return flash;
    }

    private string[] Roots() => _options.Kind switch
    {
        ImageKind.Kernel => [PvhStubs.Entry],
        ImageKind.Firmware => ["reset_vector"],
        ImageKind.Vdso => [.. DynamicTables.Functions.Where(f => _reachability.Find(f) != null)],
        _ => [UserStubs.Entry],
    };

    private ulong Entry() => _options.Kind switch
    {
        ImageKind.Kernel => Resolve(PvhStubs.Entry),
        ImageKind.Firmware => Resolve("reset_vector"),
        ImageKind.Vdso => 0,
        _ => Resolve(UserStubs.Entry),
    };

    private void CheckObject()
    {
        foreach (Symbol s in _object.Symbols.Where(s => s.Name.EndsWith("___cctor", StringComparison.Ordinal)))
            _errors.Add(new LinkException(3, $"{s.Name[..^"___cctor".Length]} has a static constructor that cannot be evaluated at compile time; its fields would silently read as zero"));
        foreach ((string name, string from) in _reachability.Undefined)
            _errors.Add(new LinkException(4, $"{name} is not defined, needed by {from}" + (RuntimeStubs.Explain(name) is { } why ? $" ({why})" : "")));
        foreach (Section s in _object.Sections.Where(s => (s.Flags & SectionFlags.Tls) != 0 && _reachability.IsReached(s)))
            _errors.Add(new LinkException(11, "thread-local statics are not available to a guest"));
        if (_options.Kind == ImageKind.Vdso)
        {
            foreach (Section s in _object.Sections.Where(s => s.IsAlloc && s.IsWritable && _reachability.IsReached(s)))
                _errors.Add(new LinkException(12, $"the vDSO uses writable data ({s.Name}); its data belong in the vvar pages"));
        }
    }

    private bool IsLinkerSymbol(string name) => _embeddedSymbols.ContainsKey(name) || LinkerSymbols.Names.Contains(name)
        || (_options.Kind == ImageKind.Vdso && DynamicTables.VvarPages.Contains(name));

    private ulong Resolve(string name)
    {
        if (_reachability.Find(name) is { } symbol) return symbol.Address;
        if (_stubs!.Symbols.TryGetValue(name, out Symbol? stub)) return stub.Address;
        if (_embeddedSymbols.TryGetValue(name, out Symbol? embedded)) return embedded.Address;
        int vvar = _options.Kind == ImageKind.Vdso ? Array.IndexOf(DynamicTables.VvarPages, name) : -1;
        return vvar >= 0 ? unchecked((ulong)((vvar - DynamicTables.VvarPages.Length) * (long)ImageLayout.Page)) : LinkerSymbols.Value(name, _layout!);
    }

    private IEnumerable<Symbol> OutputSymbols(List<Section> sections)
    {
        HashSet<Section> written = [.. sections];
        IEnumerable<Symbol> fromObject = _object.Symbols.Where(s => !s.IsSection && s.Name != "" && s.Section is { IsAlloc: true } at && written.Contains(at) && _reachability.IsReached(at, s.Value));
        return fromObject.Concat(_stubs!.Symbols.Values.Where(s => written.Contains(s.Section!))).Concat(_embeddedSymbols.Values.Where(s => written.Contains(s.Section!)));
    }

    /// <summary>XEN_ELFNOTE_PHYS32_ENTRY: type 18, name "Xen", the 32-bit entry point.</summary>
    private Section PvhNote()
    {
        byte[] note = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(note, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(4), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), 18);
        "Xen\0"u8.CopyTo(note.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(16), (uint)Resolve(PvhStubs.Entry));
        return new Section(".note.pvh", ElfSectionType.Note, SectionFlags.None, 4) { Data = note };
    }
}
