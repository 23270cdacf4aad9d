using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Legacy;

/// <summary>
/// Two cascaded 8259As as in a PC: master at 20h, slave at A0h on master input 2, edge/level control at 4D0h and 4D1h.
/// Inputs 0 to 15 are IRQ 0 to 15.
/// </summary>
public sealed class PicPair : BytePortDevice, IInterruptInput, IExternalInterruptController, IStateful
{
    private const ushort MasterPort = 0x20;
    private const ushort SlavePort = 0xA0;
    private const ushort EdgeLevelPort = 0x4D0;
    private const int Cascade = 2;

    /// <summary>IRQ 0, 1, 2, 8 and 13 are edge-triggered whatever ELCR says.</summary>
    private const byte MasterLevelCapable = 0xF8;
    private const byte SlaveLevelCapable = 0xDE;

    private readonly Pic8259 _master = new();
    private readonly Pic8259 _slave = new();

    public string StateName => "pic";

    /// <summary>The registers of one of the two by name: IRR, ISR, IMR and ELCR. Reading them has no side effects.</summary>
    /// <param name="slave">The one at A0h; otherwise the master at 20h.</param>
    public IEnumerable<NamedRegister> Registers(bool slave)
    {
        Pic8259 pic = slave ? _slave : _master;
        return
        [
            new NamedRegister("IRR", 1, [], () => pic.Requests),
            new NamedRegister("ISR", 1, [], () => pic.InService),
            new NamedRegister("IMR", 1, [], () => pic.Mask),
            new NamedRegister("ELCR", 1, [], () => pic.LevelSensitive),
        ];
    }

    /// <summary>INTR: to LINT0 of the boot processor and to pin 0 of the IO-APIC.</summary>
    public InterruptLine Output { get; } = new("pic.intr");

    /// <summary>Interrupt masks, slave in the high byte.</summary>
    public ushort Masks => (ushort)(_master.Mask | (_slave.Mask << 8));

    /// <summary>Puts the ports on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("pic0", MasterPort, 2, this, LegacyLatency.Internal);
        bus.Map("pic1", SlavePort, 2, this, LegacyLatency.Internal);
        bus.Map("elcr", EdgeLevelPort, 2, this, LegacyLatency.Internal);
    }

    public void SetInput(int pin, bool asserted)
    {
        if (pin < 8)
        {
            _master.SetLine(pin, asserted);
        }
        else
        {
            _slave.SetLine(pin - 8, asserted);
        }

        Follow();
    }

    public byte AcknowledgeExternal()
    {
        int line = _master.Acknowledge();
        byte vector = _master.VectorOf(line);
        if (line == Cascade)
        {
            vector = _slave.VectorOf(_slave.Acknowledge());
        }

        Follow();
        return vector;
    }

    /// <summary>A warm or cold reset.</summary>
    public void Reset()
    {
        _master.Reset();
        _slave.Reset();
        Follow();
    }

    public void Save(StateWriter writer)
    {
        _master.Save(writer);
        _slave.Save(writer);
    }

    public void Restore(StateReader reader)
    {
        _master.Restore(reader);
        _slave.Restore(reader);
        Output.RestoreLevel(_master.Interrupt);
    }

    protected override byte ReadByte(ushort port)
    {
        byte value = port switch
        {
            MasterPort => _master.ReadCommand(),
            MasterPort + 1 => _master.ReadData(),
            SlavePort => _slave.ReadCommand(),
            SlavePort + 1 => _slave.ReadData(),
            EdgeLevelPort => _master.LevelSensitive,
            EdgeLevelPort + 1 => _slave.LevelSensitive,
            _ => 0xFF,
        };

        // A poll is an acknowledge.
        Follow();
        return value;
    }

    protected override void WriteByte(ushort port, byte value)
    {
        switch (port)
        {
            case MasterPort:
                _master.WriteCommand(value);
                break;
            case MasterPort + 1:
                _master.WriteData(value);
                break;
            case SlavePort:
                _slave.WriteCommand(value);
                break;
            case SlavePort + 1:
                _slave.WriteData(value);
                break;
            case EdgeLevelPort:
                _master.SetLevelSensitive((byte)(value & MasterLevelCapable));
                break;
            case EdgeLevelPort + 1:
                _slave.SetLevelSensitive((byte)(value & SlaveLevelCapable));
                break;
        }

        Follow();
    }

    private void Follow()
    {
        // A second request of the slave makes a new edge on the cascade after the first has been acknowledged.
        _master.SetLine(Cascade, false);
        _master.SetLine(Cascade, _slave.Interrupt);
        Output.Set(_master.Interrupt);
    }
}
