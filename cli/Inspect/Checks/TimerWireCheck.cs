using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>
/// Which input of the IO-APIC the PIT's output is wired to, and with what polarity. The MADT's override for IRQ 0 says it; without an override
/// it is input 0, and flags of 0 mean the ISA bus: edge, active high (ACPI 6.3, 5.2.12.5).
/// </summary>
internal static class TimerWireCheck
{
    private const byte IoApicType = 1, OverrideType = 2;
    private const int Window = 0x10, Version = 1, Entry = 0x10, Requests = 0x200, Stride = 0x10, VectorsPerRegister = 32, MostPins = 24;
    private const ushort PitControl = 0x43, PitChannel0 = 0x40, FirstPicMask = 0x21, SecondPicMask = 0xA1;
    private const byte SquareWave = 0x36, ReadBackStatus = 0xE2, OutputHigh = 0x80;

    /// <summary>A period of the square wave is 54.9 ms, either half 27.5 ms.</summary>
    private static readonly SimDuration s_look = SimDuration.FromMilliseconds(5);
    private const int LooksPerPeriod = 12;

    /// <summary>First vectors of the local APIC's request registers that are free to use, 32 vectors each.</summary>
    private static readonly byte[] s_vectors = [0x40, 0x60, 0x80, 0xA0, 0xC0];

    /// <summary>Adds the checks; programs the PIT and the IO-APIC.</summary>
    public static void Add(CheckList list, RegisterView registers, HpetChecks? hpet, AcpiView acpi)
    {
        const int address = 4, source = 3, input = 4, flags = 8, polarityMask = 3, activeLow = 3;
        const string rule = "ACPI 6.3, 5.2.12.5";
        if (acpi.InterruptStructures().FirstOrDefault(e => e[0] == IoApicType) is not { } ioApic)
            return;
        ulong at = RegisterView.Field(ioApic, address, sizeof(uint));
        byte[]? wire = acpi.InterruptStructures().FirstOrDefault(e => e[0] == OverrideType && RegisterView.Field(e, source, 1) == 0);
        string declared = CheckList.Number(wire is null ? 0 : RegisterView.Field(wire, input, sizeof(uint)));
        // Nothing comes by way of the 8259s.
        registers.SetPort(FirstPicMask, byte.MaxValue);
        registers.SetPort(SecondPicMask, byte.MaxValue);
        registers.SetPort(PitControl, SquareWave);
        registers.SetPort(PitChannel0, 0);
        registers.SetPort(PitChannel0, 0);
        // The first period shows what edges were remembered, the second one what the PIT does.
        _ = Watch(registers, at, out bool _);
        string found = Watch(registers, at, out bool isHigh);
        string reason = hpet is { ReplacesLegacy: true } ? " (HPET has LEG_RT_CNF set)" : "";
        list.Equal("IO-APIC input of IRQ 0", declared, found + reason, rule);
        bool isLow = wire is not null && ((int)RegisterView.Field(wire, flags, sizeof(ushort)) & polarityMask) == activeLow;
        if (found.Length > 0 && char.IsAsciiDigit(found[0]))
            list.Equal("IRQ 0 polarity", isLow ? "low" : "high", isHigh ? "high" : "low", rule + ", table 5-50");
    }

    /// <summary>Opens every input for a period of the PIT, each with a vector of its own, and looks which arrive at the boot processor.</summary>
    /// <param name="registers">The machine.</param>
    /// <param name="ioApic">The IO-APIC's address.</param>
    /// <param name="isHigh">Whether the PIT's output was high when the first came.</param>
    private static string Watch(RegisterView registers, ulong ioApic, out bool isHigh)
    {
        const int pinsShift = 16;
        isHigh = false;
        // A vector that already waits would not show another edge, nor whose it is.
        byte vector = s_vectors.FirstOrDefault(v => Requested(registers, v) == 0, s_vectors[^1]);
        registers.SetDevice(ioApic, sizeof(uint), Version);
        int pins = Math.Min(MostPins, (int)(registers.Device(ioApic + Window, sizeof(uint)) >> pinsShift & 0xFF) + 1);
        for (int pin = 0; pin < pins; pin++)
            Redirect(registers, ioApic, pin, (uint)(vector + pin));
        uint seen = 0;
        for (int look = 0; look < LooksPerPeriod; look++)
        {
            registers.Pass(s_look);
            uint requests = Requested(registers, vector);
            if (requests != 0 && seen == 0)
                isHigh = IsOutputHigh(registers);
            seen |= requests;
        }
        return seen == 0 ? "none" : string.Join(", ", Enumerable.Range(0, MostPins).Where(p => (seen >> p & 1) != 0));
    }

    private static uint Requested(RegisterView registers, byte vector) => registers.Apic(0, Requests + (vector / VectorsPerRegister * Stride));

    /// <summary>An entry that sends edges, active high, as fixed interrupts to the processor with id 0 (82093AA, 3.2.4).</summary>
    private static void Redirect(RegisterView registers, ulong ioApic, int pin, uint low)
    {
        foreach ((int register, uint value) in (ReadOnlySpan<(int, uint)>)[(Entry + 2 * pin + 1, 0), (Entry + 2 * pin, low)])
        {
            registers.SetDevice(ioApic, sizeof(uint), (ulong)register);
            registers.SetDevice(ioApic + Window, sizeof(uint), value);
        }
    }

    private static bool IsOutputHigh(RegisterView registers)
    {
        registers.SetPort(PitControl, ReadBackStatus);
        return (registers.Port(PitChannel0, 1) & OutputHigh) != 0;
    }
}
