using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Legacy;

/// <summary>Who a PCI function says it is.</summary>
/// <param name="Name">For logs and snapshots.</param>
/// <param name="Bus">0 to 255.</param>
/// <param name="Device">0 to 31.</param>
/// <param name="Function">0 to 7.</param>
/// <param name="Vendor">Vendor ID.</param>
/// <param name="DeviceId">Device ID.</param>
/// <param name="ClassCode">Base class, sub-class, interface: 24 bits.</param>
/// <param name="Revision">Revision ID.</param>
/// <param name="MultiFunction">Header type bit 7.</param>
public sealed record PciFunctionSpec(
    string Name, int Bus, int Device, int Function, ushort Vendor, ushort DeviceId, uint ClassCode, byte Revision, bool MultiFunction)
{
    /// <summary>Subsystem vendor (bits 15:0) and subsystem ID (31:16); 0 for none.</summary>
    public uint Subsystem { get; init; }

    /// <summary>All registers; the standard header alone unless the function has more.</summary>
    public RegisterTable<PciFunction> Table { get; init; } = PciFunction.Table;

    /// <summary>What a kernel expects to find on a Rome board: root complex, SMBus, LPC bridge (PPR 55803; PCI ID database).</summary>
    public static IReadOnlyList<PciFunctionSpec> Rome { get; } =
    [
        new("host-bridge", 0, 0x00, 0, 0x1022, 0x1480, 0x060000, 0x00, MultiFunction: false),
        new("smbus", 0, 0x14, 0, 0x1022, 0x790B, 0x0C0500, 0x61, MultiFunction: true),
        new("lpc-bridge", 0, 0x14, 3, 0x1022, 0x790E, 0x060100, 0x51, MultiFunction: true),
    ];
}

/// <summary>The configuration space of a function without base address registers or capabilities (PCI 3.0, chapter 6).</summary>
public sealed class PciFunction : IStateful
{
    /// <summary>Bytes of configuration space, extended part included.</summary>
    public const int ConfigurationSize = 4096;

    /// <summary>Bytes of the standard header.</summary>
    public const int HeaderSize = 0x40;

    /// <summary>The rows of the standard header, type 0, for tables of functions that have more.</summary>
    public static Register<PciFunction>[] Header { get; } =
    [
        new() { Name = "VENDOR_ID", Offset = 0x00, Bytes = 2, Fields = [Ro("VENDOR", 0, 16, "vendor")], Read = static (f, _) => f.Spec.Vendor },
        new() { Name = "DEVICE_ID", Offset = 0x02, Bytes = 2, Fields = [Ro("DEVICE", 0, 16, "device")], Read = static (f, _) => f.Spec.DeviceId },
        new()
        {
            Name = "COMMAND",
            Offset = 0x04,
            Bytes = 2,
            Fields =
            [
                Rw("IO", 0, 1, "answer port accesses"),
                Rw("MEMORY", 1, 1, "answer memory accesses"),
                Rw("MASTER", 2, 1, "may be a bus master"),
                Rw("PARITY", 6, 1, "parity error response"),
                Rw("SERR", 8, 1, "system errors"),
                Rw("INTX_DISABLE", 10, 1, "no INTx"),
            ],
        },
        new() { Name = "STATUS", Offset = 0x06, Bytes = 2, Fields = [Ro("STATUS", 0, 16, "no capabilities, no errors")] },
        new()
        {
            Name = "CLASS_REVISION",
            Offset = 0x08,
            Bytes = 4,
            Fields = [Ro("REVISION", 0, 8, "revision"), Ro("CLASS", 8, 24, "class code")],
            Read = static (f, _) => f.Spec.Revision | ((ulong)f.Spec.ClassCode << 8),
        },
        new() { Name = "CACHE_LINE", Offset = 0x0C, Bytes = 1, Fields = [Rw("SIZE", 0, 8, "double words")] },
        new() { Name = "LATENCY_TIMER", Offset = 0x0D, Bytes = 1, Fields = [Ro("LATENCY", 0, 8, "none")] },
        new()
        {
            Name = "HEADER_TYPE",
            Offset = 0x0E,
            Bytes = 1,
            Fields = [Ro("LAYOUT", 0, 7, "0"), Ro("MULTI", 7, 1, "has more functions")],
            Read = static (f, _) => f.Spec.MultiFunction ? 0x80UL : 0,
        },
        new() { Name = "BIST", Offset = 0x0F, Bytes = 1, Fields = [Ro("BIST", 0, 8, "none")] },
        new() { Name = "BAR", Offset = 0x10, Bytes = 4, Count = 6, Stride = 4, Fields = [Ro("BAR", 0, 32, "none")] },
        new() { Name = "CARDBUS", Offset = 0x28, Bytes = 4, Fields = [Ro("CIS", 0, 32, "none")] },
        new() { Name = "SUBSYSTEM", Offset = 0x2C, Bytes = 4, Fields = [Ro("ID", 0, 32, "vendor and ID of the subsystem")], Read = static (f, _) => f.Spec.Subsystem },
        new() { Name = "ROM", Offset = 0x30, Bytes = 4, Fields = [Ro("ROM", 0, 32, "none")] },
        new() { Name = "CAPABILITIES", Offset = 0x34, Bytes = 4, Fields = [Ro("POINTER", 0, 32, "none")] },
        new() { Name = "RESERVED", Offset = 0x38, Bytes = 4, Fields = [Ro("ZERO", 0, 32, "reserved")] },
        new() { Name = "INTERRUPT_LINE", Offset = 0x3C, Bytes = 1, Fields = [Rw("LINE", 0, 8, "software's note")] },
        new() { Name = "INTERRUPT_PIN", Offset = 0x3D, Bytes = 1, Fields = [Ro("PIN", 0, 8, "none")] },
        new() { Name = "GRANTS", Offset = 0x3E, Bytes = 2, Fields = [Ro("GRANTS", 0, 16, "none")] },
    ];

    /// <summary>The standard header alone.</summary>
    public static RegisterTable<PciFunction> Table { get; } = new("PCI function", HeaderSize, Header);

    private readonly RegisterBank<PciFunction> _registers;

    public PciFunction(PciFunctionSpec spec, DeviceServices services)
    {
        Spec = spec;
        Log = services.Log;
        _registers = new RegisterBank<PciFunction>(spec.Table, this, spec.Name, services.Log);
    }

    public PciFunctionSpec Spec { get; }

    public string StateName => $"pci-{Spec.Name}";

    /// <summary>Hears of what is not modelled.</summary>
    internal IUnmodelledLog Log { get; }

    /// <summary>All registers with their fields, for those who watch.</summary>
    public IEnumerable<NamedRegister> Registers => _registers.Named();

    /// <summary>Reads configuration space; the device-specific part is empty and reads 0.</summary>
    public ulong Read(int offset, int size) => _registers.Read(offset, size, hole: 0);

    public void Write(int offset, int size, ulong value) => _registers.Write(offset, size, value);

    public void Reset() => _registers.Reset();

    public void Save(StateWriter writer) => _registers.Save(writer);

    public void Restore(StateReader reader) => _registers.Restore(reader);
}
