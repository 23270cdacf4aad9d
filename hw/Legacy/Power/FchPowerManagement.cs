using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The FCH's power management registers, at FED80300h and by index at ports CD6h and CD7h. Modelled: the HPET's decoding. The bases of the
/// ACPI blocks read as where this board has them and cannot be moved.
/// </summary>
public sealed class FchPowerManagement : BytePortDevice, IMmioDevice, IStateful
{
    /// <summary>Physical address of the registers.</summary>
    public const ulong BaseAddress = 0xFED8_0300;

    /// <summary>Bytes of address space.</summary>
    public const int WindowSize = 0x100;

    private const ushort IndexPort = 0xCD6;
    private const ulong HpetEnable = 1 << 6;
    private const ulong HpetWide = 1 << 28;
    private const ulong HpetMessages = 1 << 29;

    /// <summary>The register table (PPR 55803, PMx000 to PMx074).</summary>
    public static RegisterTable<FchPowerManagement> Table { get; } = new(
        "FCH PM",
        WindowSize,
        new()
        {
            Name = "DECODE_EN",
            Offset = 0x00,
            Bytes = 4,
            Reset = HpetEnable,
            Fields =
            [
                Tag("DECODE_LOW", 0, 6, "decoding of other blocks"),
                Rw("HPET_EN", 6, 1, "HPET answers at FED00000h"),
                Tag("DECODE_MID", 7, 21, "decoding of other blocks"),
                Rw("HPET_WIDTH_SEL", 28, 1, "0: 32-bit HPET, 1: 64-bit"),
                Rw("HPET_MSI_EN", 29, 1, "HPET comparators may send messages"),
                Tag("DECODE_HIGH", 30, 2, "decoding of other blocks"),
            ],
            Write = static (FchPowerManagement p, int _, in RegisterWrite _) => p.ApplyHpet(),
        },
        Base("ACPI_PM1_EVT_BLK", 0x60, 0x800),
        Base("ACPI_PM1_CNT_BLK", 0x62, 0x804),
        Base("ACPI_PM_TMR_BLK", 0x64, 0x808),
        Base("ACPI_GPE0_BLK", 0x68, 0x820),
        Base("ACPI_SMI_CMD", 0x6A, 0xB0),
        new() { Name = "ACPI_CONFIG", Offset = 0x74, Bytes = 4, Reset = 1, Fields = [Tag("CONFIG", 0, 32, "ACPI decoding and events")] });

    private readonly RegisterBank<FchPowerManagement> _registers;
    private readonly Action<bool, bool, bool> _configureHpet;
    private byte _index;

    /// <summary>Makes the registers.</summary>
    /// <param name="services">Time, log, probe.</param>
    /// <param name="configureHpet">Hears of decode enable, 64-bit width, messages allowed, whenever they are written.</param>
    public FchPowerManagement(DeviceServices services, Action<bool, bool, bool> configureHpet)
    {
        _configureHpet = configureHpet;
        _registers = new RegisterBank<FchPowerManagement>(Table, this, "fch-pm", services.Log);
    }

    public string StateName => "fch-pm";

    /// <summary>Puts the registers at FED80300h and ports CD6h and CD7h.</summary>
    public void Map(MmioBus memory, PortBus ports)
    {
        memory.Map("fch-pm", BaseAddress, WindowSize, this, LegacyLatency.Internal);
        ports.Map("fch-pm", IndexPort, 2, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset. The HPET is reset by its own.</summary>
    public void Reset()
    {
        _registers.Reset();
        _index = 0;
    }

    /// <summary>All registers with their fields, for those who watch.</summary>
    public IEnumerable<NamedRegister> Registers => _registers.Named();

    public ulong ReadMemory(ulong offset, int size) => _registers.Read((int)offset, size, hole: 0);

    public void WriteMemory(ulong offset, int size, ulong value) => _registers.Write((int)offset, size, value);

    public void Save(StateWriter writer)
    {
        _registers.Save(writer);
        writer.Byte(_index);
    }

    public void Restore(StateReader reader)
    {
        _registers.Restore(reader);
        _index = reader.Byte();
    }

    protected override byte ReadByte(ushort port) => port switch
    {
        IndexPort => _index,
        IndexPort + 1 => (byte)_registers.Read(_index, 1, hole: 0),
        _ => 0xFF,
    };

    protected override void WriteByte(ushort port, byte value)
    {
        switch (port)
        {
            case IndexPort:
                _index = value;
                break;
            case IndexPort + 1:
                _registers.Write(_index, 1, value);
                break;
        }
    }

    private static Register<FchPowerManagement> Base(string name, int offset, ulong port) =>
        new() { Name = name, Offset = offset, Bytes = 2, Reset = port, Fields = [Ro("PORT", 0, 16, "fixed on this board")] };

    private void ApplyHpet()
    {
        ulong value = _registers.Stored(0);
        _configureHpet((value & HpetEnable) != 0, (value & HpetWide) != 0, (value & HpetMessages) != 0);
    }
}
