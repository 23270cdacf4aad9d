using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>How much memory there is, and its caching.</summary>
public static class Memory
{
    private const ulong FourGiB = 0x1_0000_0000;
    private const uint MtrrFix64K = 0x250, MtrrFix16K = 0x258, MtrrFix4K = 0x268, MtrrDefault = 0x2FF, MtrrBase0 = 0x200, MtrrCapability = 0xFE;
    private const ulong WriteBack = 6, AllWriteBack = 0x0606060606060606, AddressMask = 0x0000FFFFFFFFF000, Valid = 1 << 11;

    /// <summary>End of memory below 4 GiB.</summary>
    public static ulong Low { get; private set; }

    /// <summary>End of memory below 4 GiB with what system management mode has taken.</summary>
    public static ulong LowTop { get; private set; }

    /// <summary>End of memory above 4 GiB; 4 GiB when there is none.</summary>
    public static ulong High { get; private set; }

    /// <summary>Whether this is another machine than ours, such as an emulator that runs in host time.</summary>
    public static bool IsForeign { get; private set; }

    /// <summary>
    /// Reads the size from TOP_MEM and TOP_MEM2, which the security processor set when it trained the memory; without them
    /// (another machine) from CMOS bytes 34h and 35h, 64 KiB units above 16 MiB.
    /// </summary>
    public static void Find()
    {
        Low = Machine.Rdmsr(Msr.TopMem) & AddressMask;
        High = Machine.Rdmsr(Msr.TopMem2) & AddressMask;
        IsForeign = Low == 0;
        if (IsForeign)
        {
            Low = ((ulong)Legacy.ReadCmos(0x35) << 8 | Legacy.ReadCmos(0x34)) * 0x10000 + 0x1000000;
            High = FourGiB + ((ulong)Legacy.ReadCmos(0x5D) << 16 | (ulong)Legacy.ReadCmos(0x5C) << 8 | Legacy.ReadCmos(0x5B)) * 0x10000;
        }
        if (High < FourGiB) High = FourGiB;
        LowTop = Low;
    }

    /// <summary>Takes memory below 4 GiB away from the operating system.</summary>
    /// <param name="size">A power of two.</param>
    /// <returns>Its address, a multiple of <paramref name="size"/>.</returns>
    public static ulong TakeTop(ulong size)
    {
        Low = (Low & ~(size - 1)) - size;
        return Low;
    }

    /// <summary>
    /// Sets the MTRRs (APM vol. 2, section 7.7): memory is write-back, all else uncached. Memory above 4 GiB is write-back by
    /// SYSCFG[Tom2ForceMemTypeWB]. What is written is listed for the application processors.
    /// </summary>
    public static void SetCaching()
    {
        Processors.SetMsr(MtrrFix64K, AllWriteBack);
        Processors.SetMsr(MtrrFix16K, AllWriteBack);
        Processors.SetMsr(MtrrFix16K + 1, 0); // A0000h-BFFFFh: VGA
        for (uint i = 0; i < 8; i++) Processors.SetMsr(MtrrFix4K + i, AllWriteBack);

        // A block of a power of two for each bit that is set in the size.
        uint count = (uint)Machine.Rdmsr(MtrrCapability) & 0xFF, used = 0;
        ulong at = 0;
        for (int bit = 31; bit >= 12 && used < count; bit--)
        {
            ulong size = 1UL << bit;
            if ((Low & size) == 0) continue;
            Processors.SetMsr(MtrrBase0 + used * 2, at | WriteBack);
            Processors.SetMsr(MtrrBase0 + used * 2 + 1, AddressMask & ~(size - 1) | Valid);
            at += size;
            used++;
        }
        ulong configuration = Machine.Rdmsr(Msr.SystemConfiguration);
        Processors.SetMsr(Msr.SystemConfiguration, High > FourGiB ? configuration | 7UL << 20 : configuration | 1UL << 20);
        Processors.SetMsr(MtrrDefault, 0xC00); // enabled, fixed ranges too; uncached by default
    }
}
