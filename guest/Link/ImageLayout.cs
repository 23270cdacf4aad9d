using CoSim.Guest.Link.Elf;
using CoSim.Guest.Link.Stubs;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>The order of an image's sections and their addresses, by kind of image.</summary>
public sealed class ImageLayout
{
    /// <summary>Alignment of parts with different rights, in bytes.</summary>
    public const ulong Page = 4096;

    /// <summary>One past the last byte of flash, where firmware's reset code ends.</summary>
    private const ulong FlashEnd = 0x1_0000_0000;

    /// <summary>Firmware's reset code occupies the last 4 KiB.</summary>
    private const ulong ResetCode = FlashEnd - Page;

    /// <summary>A program's headers are mapped in front of its code, where its loader tells it to look for them (AT_PHDR).</summary>
    private const ulong HeadersRoom = 0x200;

    private readonly LinkOptions _options;
    private readonly List<Section> _main;
    private readonly StubImage _stubs;
    private readonly DynamicTables? _dynamic;

    /// <summary>Takes the sections that the image needs.</summary>
    public ImageLayout(LinkOptions options, IEnumerable<Section> needed, IEnumerable<Section> embedded, StubImage stubs, DynamicTables? dynamic)
    {
        (_options, _stubs, _dynamic) = (options, stubs, dynamic);
        _main = [stubs[StubPlace.Text], .. needed, .. embedded, stubs[StubPlace.Zero]];
        _main = [.. _main.OrderBy(Rank)];
    }

    private enum SectionRank { Code, ReadOnly, Data, Zero }

    /// <summary>All loaded sections in the order of the file.</summary>
    public IEnumerable<Section> Sections => _options.Kind switch
    {
        ImageKind.Kernel => [_stubs[StubPlace.Boot], _stubs[StubPlace.BootZero], .. _main],
        ImageKind.Firmware => [.. _main, _stubs[StubPlace.BootZero], _stubs[StubPlace.Boot], _stubs[StubPlace.ResetVector]],
        ImageKind.Vdso => [.. _dynamic!.Sections, .. _main],
        _ => _main,
    };

    /// <summary>Run-time address of the first and one past the last byte of the image proper.</summary>
    public (ulong Start, ulong End) Image => (_options.Kind == ImageKind.Vdso ? 0 : _main[0].Address, _main[^1].Address + _main[^1].Size);

    /// <summary>The bounds of the sections with the same rights: text, rodata, data or bss; a missing part is empty.</summary>
    public (ulong Start, ulong End) Bounds(string part)
    {
        SectionRank rank = part switch { "text" => SectionRank.Code, "rodata" => SectionRank.ReadOnly, "data" => SectionRank.Data, _ => SectionRank.Zero };
        Section[] sections = [.. _main.Where(s => Rank(s) == rank && s.Size > 0)];
        if (sections.Length > 0) return (sections[0].Address, sections[^1].Address + sections[^1].Size);
        ulong at = Up(_main.Where(s => Rank(s) < rank).Select(s => s.Address + s.Size).DefaultIfEmpty(Image.Start).Max(), Page);
        return (at, at);
    }

    /// <summary>Gives every section its addresses, from the present sizes.</summary>
    public void Place()
    {
        switch (_options.Kind)
        {
            case ImageKind.Kernel:
                ulong physical = Run([_stubs[StubPlace.Boot], _stubs[StubPlace.BootZero]], _options.PhysicalBase, 0);
                Run(_main, _options.VirtualBase + Up(physical, Page), unchecked(0 - _options.VirtualBase));
                break;
            case ImageKind.Firmware:
                ulong end = Run(_main, _options.VirtualBase, 0);
                Run([_stubs[StubPlace.BootZero]], Up(end, Page), 0);
                ulong loaded = LoadedSize;
                // What runs in RAM is kept in flash just below the reset code, rounded so that the binary is whole 64 KiB.
                ulong flash = FlashEnd - Up(loaded + Page, 0x10000);
                foreach (Section s in _main.Where(s => s.Type != ElfSectionType.NoBits)) s.LoadAddress = flash + (s.Address - _options.VirtualBase);
                Run([_stubs[StubPlace.Boot]], ResetCode, 0);
                Run([_stubs[StubPlace.ResetVector]], FlashEnd - 16, 0);
                break;
            case ImageKind.Vdso:
                Run(_main, Run(_dynamic!.Sections, ElfWriter.HeadersSize(_dynamic.Segments), 0), 0);
                break;
            default:
                Run(_main, _options.VirtualBase + HeadersRoom, 0);
                break;
        }
    }

    /// <summary>The address that the image proper is loaded at or, for firmware, copied from.</summary>
    public ulong LoadStart => _main[0].LoadAddress;

    /// <summary>Bytes from the first section to the end of initialised data.</summary>
    public ulong LoadedSize => _main.Where(s => s.Type != ElfSectionType.NoBits && s.Size > 0).Max(s => s.Address + s.Size) - _main[0].Address;

    private ulong Run(IEnumerable<Section> sections, ulong at, ulong loadDelta)
    {
        SectionRank? rank = null;
        foreach (Section s in sections)
        {
            if (rank != null && rank != Rank(s) && _options.Kind != ImageKind.Vdso) at = Up(at, Page);
            rank = Rank(s);
            s.Address = at = Up(at, s.Alignment);
            s.LoadAddress = at + loadDelta;
            at += s.Size;
        }
        return at;
    }

    private static SectionRank Rank(Section s) =>
        s.IsCode ? SectionRank.Code : !s.IsWritable ? SectionRank.ReadOnly : s.Type == ElfSectionType.NoBits ? SectionRank.Zero : SectionRank.Data;

    private static ulong Up(ulong value, ulong alignment) => (value + alignment - 1) / alignment * alignment;
}
