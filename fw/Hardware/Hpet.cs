using CoSim.Firmware.Acpi;
using CoSim.Firmware.Boot;

namespace CoSim.Firmware.Hardware;

/// <summary>
/// The HPET as firmware leaves it: halted and 32 bits wide, unless the setup says otherwise. Registers: IA-PC HPET 1.0a, 2.3.5; the FCH's
/// WIDTH_SEL and HPET_EN are in PM register 00h (PPR 55803, PMx000).
/// </summary>
public static unsafe class Hpet
{
    private const uint PowerManagement = 0xFED80300, Width = 1 << 28;
    private const uint Configuration = 0x10;

    /// <summary>Does what the setup asks for.</summary>
    public static void Leave()
    {
        if (Setup.TryFind("hpet-wide"u8, out ulong wide))
        {
            uint* decode = (uint*)(ulong)PowerManagement;
            *decode = wide != 0 ? *decode | Width : *decode & ~Width;
        }
        if (Setup.TryFind("hpet-config"u8, out ulong configuration))
            *(ulong*)(ulong)(AcpiTables.Hpet + Configuration) = configuration;
    }
}
