namespace CoSim.Os.Loader;

/// <summary>What a range of physical memory is: the numbers of the e820 map, of multiboot and of PVH (ACPI 6.3, table 15-374).</summary>
public enum MemoryKind : uint
{
    /// <summary>Free for the operating system.</summary>
    Usable = 1,

    /// <summary>Neither memory nor devices may be put there.</summary>
    Reserved = 2,

    /// <summary>Usable once the ACPI tables have been read.</summary>
    AcpiReclaimable = 3,
}

/// <summary>A range of the memory map.</summary>
/// <param name="Start">First physical address.</param>
/// <param name="End">One past the last.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct MemoryRange(ulong Start, ulong End, MemoryKind Kind);

/// <summary>Where a loader that works without firmware may put things, and the memory map that it hands over.</summary>
/// <param name="LowEnd">End of RAM below 4 GiB.</param>
/// <param name="HighEnd">End of RAM above 4 GiB; 4 GiB or less when there is none.</param>
public sealed record MemoryLayout(ulong LowEnd, ulong HighEnd)
{
    /// <summary>The extended BIOS data area, 1 KiB: its first byte is its size in KiB; the descriptor table stands in it too.</summary>
    public const ulong ExtendedBiosData = 0x9FC00;

    /// <summary>End of base memory.</summary>
    public const ulong BaseMemoryEnd = 0xA0000;

    /// <summary>Start of the memory in which old systems search the RSDP; a copy of it stands at its first byte.</summary>
    public const ulong BiosArea = 0xE0000;

    /// <summary>Start of extended memory.</summary>
    public const ulong OneMebibyte = 0x100000;

    /// <summary>Length of a page.</summary>
    public const ulong PageSize = 0x1000;

    private const ulong TablesLength = 0x20000, TablesOffset = 0x3000, ShadowRam = 0xC0000, FourGibibytes = 0x1_0000_0000;

    /// <summary>Start of the ACPI reclaimable memory at the end of low memory: 128 KiB, as under our firmware.</summary>
    public ulong Reclaimable => LowEnd - TablesLength;

    /// <summary>Where the ACPI tables stand.</summary>
    public ulong Tables => Reclaimable + TablesOffset;

    /// <summary>Bytes of room for the ACPI tables.</summary>
    public uint TablesCapacity => (uint)(TablesLength - TablesOffset);

    /// <summary>The memory map in ascending order.</summary>
    public IReadOnlyList<MemoryRange> Map
    {
        get
        {
            List<MemoryRange> map =
            [
                new(0, ExtendedBiosData, MemoryKind.Usable),
                new(ExtendedBiosData, BaseMemoryEnd, MemoryKind.Reserved),
                new(BiosArea, OneMebibyte, MemoryKind.Reserved),
                new(OneMebibyte, Reclaimable, MemoryKind.Usable),
                new(Reclaimable, LowEnd, MemoryKind.AcpiReclaimable),
                new(0xE000_0000, 0xF000_0000, MemoryKind.Reserved), // PCI configuration space
                new(0xFEC0_0000, 0xFEC0_1000, MemoryKind.Reserved), // IO-APIC
                new(0xFED8_0000, 0xFED9_0000, MemoryKind.Reserved), // FCH
                new(0xFEE0_0000, 0xFEE0_1000, MemoryKind.Reserved), // local APIC
                new(0xFF00_0000, FourGibibytes, MemoryKind.Reserved), // flash
            ];
            if (HighEnd > FourGibibytes)
                map.Add(new MemoryRange(FourGibibytes, HighEnd, MemoryKind.Usable));
            map.Add(new MemoryRange(0xFD_0000_0000, 0x100_0000_0000, MemoryKind.Reserved)); // the processor's own, flash included
            return map;
        }
    }

    /// <summary>Whether a program may be loaded there: RAM that nothing of the loader's own is in.</summary>
    public bool CanLoad(ulong start, ulong length) =>
        Within(start, length, 0, ExtendedBiosData) || Within(start, length, ShadowRam, BiosArea)
        || Within(start, length, BiosArea + PageSize, Reclaimable);

    /// <summary>An address rounded up to a page.</summary>
    public static ulong PageUp(ulong address) => (address + PageSize - 1) & ~(PageSize - 1);

    private static bool Within(ulong start, ulong length, ulong from, ulong to) => start >= from && start <= to && length <= to - start;
}
