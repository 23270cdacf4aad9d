using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// Ways into PCI configuration space: mechanism #1 at ports CF8h and CFCh (PCI 3.0, 3.2.2.3.2) and MMCONFIG. Functions that do not exist
/// read as all ones.
/// </summary>
public sealed class PciConfiguration : IPortDevice, IMmioDevice, IStateful
{
    /// <summary>Where the board maps MMCONFIG: 1 MiB for each bus.</summary>
    public const ulong MemoryBase = 0xE000_0000;
    public const ulong MemorySize = 0x1000_0000;

    private const ushort AddressPort = 0xCF8;
    private const ushort DataPort = 0xCFC;
    private const uint EnableBit = 0x8000_0000;

    private readonly List<PciFunction> _functions = [];
    private uint _address;

    public PciConfiguration(IEnumerable<PciFunctionSpec> functions, DeviceServices services)
    {
        foreach (PciFunctionSpec spec in functions)
        {
            _functions.Add(new PciFunction(spec, services));
        }
    }

    public string StateName => "pci";

    public IReadOnlyList<PciFunction> Functions => _functions;

    /// <summary>Puts mechanism #1 and MMCONFIG on the buses. Port CF9h belongs to the reset control.</summary>
    public void Map(MmioBus memory, PortBus ports)
    {
        ports.Map("pci-address", AddressPort, 1, this, LegacyLatency.Internal);
        ports.Map("pci-data", DataPort, 4, this, LegacyLatency.Internal);
        memory.Map("mmconfig", MemoryBase, MemorySize, this, LegacyLatency.Configuration);
    }

    /// <summary>A warm or cold reset.</summary>
    public void Reset()
    {
        _address = 0;
        foreach (PciFunction function in _functions)
        {
            function.Reset();
        }
    }

    public uint ReadPort(ushort port, int size)
    {
        if (port == AddressPort)
        {
            return size == 4 ? _address : Ones(size);
        }

        if ((_address & EnableBit) == 0 || !Fits(port - DataPort, size))
        {
            return Ones(size);
        }

        int offset = (int)(_address & 0xFC) + (port - DataPort);
        return (uint)(Find(_address >> 8)?.Read(offset, size) ?? Ones(size));
    }

    public void WritePort(ushort port, int size, uint value)
    {
        if (port == AddressPort)
        {
            // Only a double word is a configuration address; narrower accesses pass to the bus, where nobody listens.
            _address = size == 4 ? value & ~3U : _address;
            return;
        }

        if ((_address & EnableBit) != 0 && Fits(port - DataPort, size))
        {
            Find(_address >> 8)?.Write((int)(_address & 0xFC) + (port - DataPort), size, value);
        }
    }

    public ulong ReadMemory(ulong offset, int size)
    {
        ulong ones = size == 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;
        int register = (int)offset & (PciFunction.ConfigurationSize - 1);
        return register + size <= PciFunction.ConfigurationSize ? Find((uint)(offset >> 12))?.Read(register, size) ?? ones : ones;
    }

    public void WriteMemory(ulong offset, int size, ulong value)
    {
        int register = (int)offset & (PciFunction.ConfigurationSize - 1);
        if (register + size <= PciFunction.ConfigurationSize)
        {
            Find((uint)(offset >> 12))?.Write(register, size, value);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.UInt32(_address);
        foreach (PciFunction function in _functions)
        {
            writer.Section(function);
        }
    }

    public void Restore(StateReader reader)
    {
        _address = reader.UInt32();
        foreach (PciFunction function in _functions)
        {
            reader.Section(function);
        }
    }

    private static uint Ones(int size) => size == 4 ? uint.MaxValue : (1U << (size * 8)) - 1;

    private static bool Fits(int offset, int size) => offset + size <= 4;

    /// <summary>Bits 15:8 bus, 7:3 device, 2:0 function.</summary>
    private PciFunction? Find(uint id)
    {
        foreach (PciFunction function in _functions)
        {
            PciFunctionSpec spec = function.Spec;
            if ((id & 0xFFFF) == (uint)((spec.Bus << 8) | (spec.Device << 3) | spec.Function))
            {
                return function;
            }
        }

        return null;
    }
}
