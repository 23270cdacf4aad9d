using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>Ports that reset: CF9h (reset control) and 92h (fast INIT and A20).</summary>
public sealed class ResetPorts : BytePortDevice, IStateful
{
    private const ushort ResetControl = 0xCF9;
    private const ushort PortA = 0x92;
    private const byte SystemReset = 1 << 1;
    private const byte ResetCommand = 1 << 2;
    private const byte FullReset = 1 << 3;
    private const byte FastInit = 1 << 0;
    private const byte A20Gate = 1 << 1;

    private readonly DeviceServices _services;
    private readonly IMachineControl _machine;
    private byte _resetControl;
    private byte _portA = A20Gate;

    public ResetPorts(DeviceServices services, IMachineControl machine)
    {
        _services = services;
        _machine = machine;
    }

    public string StateName => "reset-ports";

    /// <summary>Puts the two ports on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("cf9", ResetControl, 1, this, LegacyLatency.Internal);
        bus.Map("port92", PortA, 1, this, LegacyLatency.Internal);
    }

    /// <summary>State after a warm or cold reset.</summary>
    public void Reset()
    {
        _resetControl = 0;
        _portA = A20Gate;
    }

    public void Save(StateWriter writer)
    {
        writer.Byte(_resetControl);
        writer.Byte(_portA);
    }

    public void Restore(StateReader reader)
    {
        _resetControl = reader.Byte();
        _portA = reader.Byte();
    }

    protected override byte ReadByte(ushort port) => port switch
    {
        ResetControl => _resetControl,
        PortA => _portA,
        _ => 0xFF,
    };

    protected override void WriteByte(ushort port, byte value)
    {
        switch (port)
        {
            case ResetControl:
                bool rises = (value & ~_resetControl & ResetCommand) != 0;
                _resetControl = (byte)(value & (SystemReset | ResetCommand | FullReset));
                if (rises)
                {
                    _machine.RequestReset((value & SystemReset) == 0 ? ResetKind.Init : (value & FullReset) != 0 ? ResetKind.Cold : ResetKind.Warm);
                }

                break;
            case PortA:
                if ((value & A20Gate) == 0)
                {
                    _services.Log.Touched(StateName, "port 92h", "A20 masking is not modelled", value);
                }

                bool init = (value & ~_portA & FastInit) != 0;
                _portA = (byte)(value & (FastInit | A20Gate));
                if (init)
                {
                    _machine.RequestReset(ResetKind.Init);
                }

                break;
        }
    }
}
