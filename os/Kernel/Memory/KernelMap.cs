namespace CoSim.Os;

/// <summary>The kernel's virtual address map (the upper canonical half; Linux's addresses where Linux has one).</summary>
public static class KernelMap
{
    public const ulong PageSize = 4096;
    public const int PageShift = 12;

    /// <summary>All RAM, writable, never executable.</summary>
    public const ulong DirectMapBase = 0xFFFF_8880_0000_0000;

    /// <summary>Device registers, uncached (Linux: vmalloc).</summary>
    public const ulong MmioBase = 0xFFFF_C900_0000_0000;

    /// <summary>The kernel image: physical address + this.</summary>
    public const ulong ImageBase = 0xFFFF_FFFF_8000_0000;

    /// <summary>One above the highest user address: the last canonical page is left out, so that SYSRET cannot fault on a non-canonical RIP.</summary>
    public const ulong UserEnd = 0x7FFF_FFFF_F000;
}
