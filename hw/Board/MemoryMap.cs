namespace CoSim.Hw.Board;

/// <summary>Where things are in physical memory and I/O space. Source: PPR for family 17h model 31h (AMD 55803) where AMD fixes it.</summary>
public static class MemoryMap
{
    /// <summary>The VGA hole, A0000h to BFFFFh: nothing answers on this board.</summary>
    public const ulong VgaHole = 0xA0000;
    public const ulong ShadowRam = 0xC0000;

    /// <summary>Where a PC shows the end of its flash a second time, up to 1 MiB.</summary>
    public const ulong BiosArea = 0xE0000;
    public const ulong OneMebibyte = 0x100000;

    /// <summary>TOP_MEM (MSR C001_001Ah) at the most: RAM below 4 GiB ends here, the rest follows at 4 GiB.</summary>
    public const ulong LowRamLimit = 0xB000_0000;
    public const ulong FourGibibytes = 0x1_0000_0000;

    /// <summary>PCI Express configuration space, 256 buses of 1 MiB.</summary>
    public const ulong PciConfiguration = 0xE000_0000;
    public const ulong PciConfigurationLength = 0x1000_0000;
    public const ulong IoApic = 0xFEC0_0000;
    public const ulong Hpet = 0xFED0_0000;

    /// <summary>The FCH's AcpiMmio block: the PM registers are its page 3.</summary>
    public const ulong FchPowerManagement = 0xFED8_0300;
    public const ulong LocalApic = 0xFEE0_0000;

    /// <summary>The last 16 MiB of the SPI flash, which hold the reset vector.</summary>
    public const ulong FlashTop = 0xFF00_0000;
    public const ulong FlashTopLength = 0x100_0000;

    /// <summary>Length of the test device's RAM, which is at <see cref="FlashTop"/>: 64 KiB.</summary>
    public const ulong TestMemoryLength = 0x1_0000;

    /// <summary>The whole SPI flash: the FCH's ROM3 window.</summary>
    public const ulong FlashWindow = 0xFD_0000_0000;
}
