using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>Ports B2h and B3h: software asks firmware's SMM handler for a service. A write to B2h raises an SMI.</summary>
public sealed class ApmPorts : BytePortDevice, IStateful
{
    private const ushort CommandPort = 0xB2;

    private byte _command;
    private byte _status;

    public string StateName => "apm";

    /// <summary>Pulses at each write to B2h: the FCH's SMI output.</summary>
    public InterruptLine Smi { get; } = new("apm.smi");

    /// <summary>Raises an SMI with a word in the ports, as software that writes B3h and then B2h does.</summary>
    /// <param name="word">The upper byte goes to B3h.</param>
    public void Request(ushort word)
    {
        _status = (byte)(word >> 8);
        _command = (byte)word;
        Smi.Pulse();
    }

    /// <summary>Puts the two ports on the bus.</summary>
    public void Map(PortBus bus) => bus.Map("apm", CommandPort, 2, this, LegacyLatency.Internal);

    public void Save(StateWriter writer)
    {
        writer.Byte(_command);
        writer.Byte(_status);
    }

    public void Restore(StateReader reader)
    {
        _command = reader.Byte();
        _status = reader.Byte();
    }

    protected override byte ReadByte(ushort port) => port switch
    {
        CommandPort => _command,
        CommandPort + 1 => _status,
        _ => 0xFF,
    };

    protected override void WriteByte(ushort port, byte value)
    {
        switch (port)
        {
            case CommandPort:
                _command = value;
                Smi.Pulse();
                break;
            case CommandPort + 1:
                _status = value;
                break;
        }
    }
}
