using CoSim.Guest.Link.Elf;
using CoSim.Guest.Link.Stubs;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>The sections that hold the stubs of one image.</summary>
public sealed class StubImage
{
    private readonly List<Stub> _stubs;
    private readonly ushort _vectorMask;
    private readonly Dictionary<StubPlace, Section> _sections = new()
    {
        [StubPlace.Boot] = new Section(".boot", ElfSectionType.ProgramBits, SectionFlags.Alloc | SectionFlags.Execute, 4096),
        [StubPlace.BootZero] = new Section(".boot.bss", ElfSectionType.NoBits, SectionFlags.Alloc | SectionFlags.Write, 4096),
        [StubPlace.Text] = new Section(".stubs", ElfSectionType.ProgramBits, SectionFlags.Alloc | SectionFlags.Execute, 64),
        [StubPlace.Zero] = new Section(".stubs.bss", ElfSectionType.NoBits, SectionFlags.Alloc | SectionFlags.Write, 4096),
        [StubPlace.ResetVector] = new Section(".reset", ElfSectionType.ProgramBits, SectionFlags.Alloc | SectionFlags.Execute, 16),
    };

    /// <summary>Takes the stubs that reachability found.</summary>
    public StubImage(IEnumerable<Stub> stubs, ushort vectorMask)
    {
        _stubs = [.. stubs];
        _vectorMask = vectorMask;
        foreach (Stub stub in _stubs)
        {
            foreach (string name in stub.Names)
            {
                byte info = stub.ZeroSize > 0 ? Symbol.GlobalObject : Symbol.GlobalFunction;
                Symbols[name] = new Symbol(name, info, _sections[stub.Place], 0, 0);
            }
        }
    }

    /// <summary>The symbols that the stubs define.</summary>
    public Dictionary<string, Symbol> Symbols { get; } = [];

    /// <summary>The section for a place.</summary>
    public Section this[StubPlace place] => _sections[place];

    /// <summary>Assembles all stubs for the sections' present addresses.</summary>
    /// <returns>Whether anything moved or changed, so that another pass is needed.</returns>
    public bool Assemble(Func<string, ulong> resolve)
    {
        bool changed = false;
        foreach ((StubPlace place, Section section) in _sections)
        {
            List<byte> bytes = [];
            ulong zero = 0;
            foreach (Stub stub in _stubs.Where(s => s.Place == place))
            {
                if (stub.ZeroSize > 0)
                {
                    zero = Up(zero, stub.Alignment);
                    changed |= Set(stub.Names[0], zero, (ulong)stub.ZeroSize);
                    zero += (ulong)stub.ZeroSize;
                    continue;
                }
                while (bytes.Count % stub.Alignment != 0) bytes.Add(0xCC);
                ulong offset = (ulong)bytes.Count;
                byte[] code = Emit(stub, section.Address + offset, resolve, out List<(string Name, ulong Offset)> exports);
                bytes.AddRange(code);
                changed |= Set(stub.Names[0], offset, exports.Count > 0 && stub.Names.Length > 1 ? exports[0].Offset : (ulong)code.Length);
                for (int i = 0; i < exports.Count; i++)
                {
                    ulong end = i + 1 < exports.Count ? exports[i + 1].Offset : (ulong)code.Length;
                    changed |= Set(exports[i].Name, offset + exports[i].Offset, end - exports[i].Offset);
                }
            }
            changed |= section.Size != (section.Type == ElfSectionType.NoBits ? zero : (ulong)bytes.Count);
            section.Data = [.. bytes];
            section.Size = zero;
        }
        return changed;
    }

    private byte[] Emit(Stub stub, ulong at, Func<string, ulong> resolve, out List<(string Name, ulong Offset)> exports)
    {
        StubWriter writer = new(stub.Bits, resolve, _vectorMask);
        stub.Emit(writer);
        if (stub.Inline) writer.Code.ret();
        return writer.Assemble(at, out exports);
    }

    private bool Set(string name, ulong value, ulong size)
    {
        Symbol symbol = Symbols[name];
        bool changed = symbol.Value != value || symbol.Size != size;
        (symbol.Value, symbol.Size) = (value, size);
        return changed;
    }

    private static ulong Up(ulong value, int alignment) => (value + (ulong)alignment - 1) / (ulong)alignment * (ulong)alignment;
}
