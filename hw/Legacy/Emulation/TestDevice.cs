using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The device by which QEMU's test kernels raise interrupts and test the width of port accesses: a register of 32 bits at ports
/// E0h to E3h, of which any byte, word or double word can be written and read back; one at E8h that moves single bytes only;
/// a page number to forget the translation of at E4h; and interrupt lines 0 to 23 at ports 2000h + n.
/// </summary>
/// <remarks>
/// Source: QEMU 7.2, device <c>pc-testdev</c>. Its 64 KiB of memory at FF000000h belong to the board's memory map. The write to
/// E4h makes an emulator drop what it has cached of a guest page; a processor has nothing to drop, so it changes nothing.
/// A line that is raised asks for an interrupt: at the IO-APIC's pins 16 to 23, which are PCI's, it is active low like the others there.
/// QEMU itself has lines 0 to 15 only.
/// </remarks>
public sealed class TestDevice : IPortDevice, IStateful
{
    /// <summary>Interrupt lines, by global system interrupt.</summary>
    public const int LineCount = 24;

    private const ushort DataPort = 0xE0, FlushPort = 0xE4, BytePort = 0xE8, LinePort = 0x2000;
    private const int RegisterPorts = 12;

    private readonly DeviceServices _services;
    private uint _data;
    private uint _byteData;

    /// <summary>Makes the device with its registers and lines at 0.</summary>
    public TestDevice(DeviceServices services)
    {
        _services = services;
        for (int n = 0; n < LineCount; n++)
        {
            Lines[n] = new InterruptLine($"testdev.{n}");
        }
    }

    /// <inheritdoc/>
    public string StateName => "testdev";

    /// <summary>The lines, by global system interrupt.</summary>
    public InterruptLine[] Lines { get; } = new InterruptLine[LineCount];

    /// <summary>Puts the registers and the lines' ports on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("testdev", DataPort, RegisterPorts, this, LegacyLatency.Internal);
        bus.Map("testdev-irq", LinePort, LineCount, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset: the lines fall.</summary>
    public void Reset()
    {
        _data = _byteData = 0;
        foreach (InterruptLine line in Lines)
        {
            line.Set(false);
        }
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => port switch
    {
        >= LinePort => 0,
        >= BytePort => Extract(_byteData, port - BytePort, size),
        >= FlushPort => 0,
        _ => Extract(_data, port - DataPort, size),
    };

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        switch (port)
        {
            case >= LinePort:
                _services.Drive(Lines[port - LinePort], value != 0);
                break;
            case >= BytePort:
                Insert(ref _byteData, port - BytePort, size, value);
                break;
            case < FlushPort:
                Insert(ref _data, port - DataPort, size, value);
                break;
        }
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.UInt32(_data);
        writer.UInt32(_byteData);
        foreach (InterruptLine line in Lines)
        {
            writer.Bool(line.Asserted);
        }
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _data = reader.UInt32();
        _byteData = reader.UInt32();
        foreach (InterruptLine line in Lines)
        {
            line.RestoreLevel(reader.Bool());
        }
    }

    /// <summary>The bytes of a register from an offset on; what lies beyond its four bytes reads as ones, as an absent port does.</summary>
    private static uint Extract(uint register, int offset, int size) =>
        (uint)(((0xFFFF_FFFFUL << 32 | register) >> (offset * 8)) & Mask(size));

    private static void Insert(ref uint register, int offset, int size, uint value)
    {
        ulong mask = Mask(size) << (offset * 8);
        register = (uint)((register & ~mask) | (((ulong)value << (offset * 8)) & mask));
    }

    private static ulong Mask(int size) => (1UL << (size * 8)) - 1;
}
