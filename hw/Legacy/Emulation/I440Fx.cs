using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The PCI functions by which firmware written for QEMU's "pc" machine recognises it: the host bridge with its memory attribute
/// registers, and the ISA bridge. The power management function is absent: the board keeps its own ACPI block.
/// </summary>
/// <remarks>
/// Source: Intel 82441FX (PMC) data sheet 290549, sections 3.2.17 (DRAMT), 3.2.18 (PAM) and 3.2.23 (SMRAM); Intel 82371SB (PIIX3) data sheet 290550,
/// section 2.3; QEMU 7.2, hw/pci-host/i440fx.c, for the subsystem IDs.
/// </remarks>
public static class I440Fx
{
    private const int ConfigurationSize = 0x100;
    private const uint QemuSubsystem = 0x1100_1AF4;
    private const int ReadEnables = 0x11, WriteEnables = 0x22;

    /// <summary>The host bridge's registers.</summary>
    public static RegisterTable<PciFunction> HostBridge { get; } = new(
        "82441FX",
        ConfigurationSize,
        [
            .. PciFunction.Header,
            new() { Name = "DRAMT", Offset = 0x58, Bytes = 1, Fields = [Rw("TIMING", 0, 8, "timing of the memory; without effect")] },
            new()
            {
                Name = "PAM",
                Offset = 0x59,
                Bytes = 1,
                Count = 7,
                Stride = 1,
                Fields =
                [
                    Rw("LOW_RE", 0, 1, "reads of the lower part go to memory"),
                    Rw("LOW_WE", 1, 1, "writes of the lower part go to memory"),
                    Rw("LOW_CE", 2, 1, "the lower part may be cached"),
                    Rw("HIGH_RE", 4, 1, "reads of the upper part go to memory"),
                    Rw("HIGH_WE", 5, 1, "writes of the upper part go to memory"),
                    Rw("HIGH_CE", 6, 1, "the upper part may be cached"),
                ],
                Write = static (PciFunction f, int index, in RegisterWrite w) => ChangeAttributes(f, index, w.New),
            },
            new() { Name = "SMRAM", Offset = 0x72, Bytes = 1, Reset = 2, Fields = [Tag("SMRAM", 0, 8, "memory of the system management mode")] },
        ]);

    /// <summary>The ISA bridge's registers.</summary>
    public static RegisterTable<PciFunction> IsaBridge { get; } = new(
        "82371SB",
        ConfigurationSize,
        [
            .. PciFunction.Header,
            new()
            {
                Name = "PIRQRC",
                Offset = 0x60,
                Bytes = 1,
                Count = 4,
                Stride = 1,
                Reset = 0x80,
                Fields = [Rw("IRQ", 0, 4, "ISA interrupt of the PCI interrupt"), Rw("OFF", 7, 1, "not routed")],
            },
        ]);

    /// <summary>The functions, for <see cref="PciConfiguration"/>.</summary>
    public static IReadOnlyList<PciFunctionSpec> Functions { get; } =
    [
        new("host-bridge", 0, 0, 0, 0x8086, 0x1237, 0x060000, 0x02, MultiFunction: false) { Subsystem = QemuSubsystem, Table = HostBridge },
        new("isa-bridge", 0, 1, 0, 0x8086, 0x7000, 0x060100, 0x00, MultiFunction: true) { Subsystem = QemuSubsystem, Table = IsaBridge },
    ];

    /// <summary>
    /// The memory from C0000h to FFFFFh is RAM from the start, with the end of the flash copied into its upper half as if it had been
    /// shadowed already: that differs from the chip only for who writes there while writes are off.
    /// </summary>
    private static void ChangeAttributes(PciFunction function, int index, ulong value)
    {
        ulong readable = value & ReadEnables, writable = (value & WriteEnables) >> 1;
        if ((readable & ~writable) != 0)
            function.Log.Touched("i440fx", $"PAM{index}", "shadow memory cannot be protected, it stays writable", value);
    }
}
