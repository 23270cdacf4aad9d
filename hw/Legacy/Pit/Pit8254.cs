using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The 8254 interval timer at ports 40h to 43h with port 61h, which holds counter 2's gate and shows its output (Intel 231164-005).
/// Counter 0 drives IRQ 0; its output's changes are the only events. Counter 1 has no user on this board.
/// </summary>
public sealed partial class Pit8254 : BytePortDevice, IStateful
{
    public const ushort FirstPort = 0x40;
    public const ushort ControlPort = 0x43;
    public const ushort SystemControlPortB = 0x61;

    /// <summary>The refresh request toggles every 18 clocks (15 us): bit 4 of port 61h.</summary>
    private const ulong RefreshClocks = 18;

    private const byte Gate2 = 1 << 0;
    private const byte SpeakerData = 1 << 1;
    private const byte RefreshToggle = 1 << 4;
    private const byte Output2 = 1 << 5;
    private const byte Writable61 = 0x0F;

    private readonly ClockDomain _clock;
    private readonly DeviceServices _services;
    private readonly PitChannel[] _channels = [new(), new(), new()];
    private readonly SimEvent _change;
    private byte _portB;

    /// <summary>Makes a PIT.</summary>
    /// <param name="clock">1.193182 MHz nominal: the 14.318180 MHz clock divided by 12.</param>
    /// <param name="services">Time, log, probe.</param>
    public Pit8254(ClockDomain clock, DeviceServices services)
    {
        _clock = clock;
        _services = services;
        _change = new SimEvent("pit.out0", EventPriority.Device, Change);
        clock.Drifted += Follow;
        Reset();
    }

    public string StateName => "pit";

    /// <summary>OUT of counter 0.</summary>
    public InterruptLine Output { get; } = new("pit.out0");

    /// <summary>Port 61h bit 0 and 1 both set: the speaker sounds at counter 2's rate.</summary>
    public bool SpeakerOn => (_portB & (Gate2 | SpeakerData)) == (Gate2 | SpeakerData);

    private ulong NowTick => _clock.TicksAt(_services.Now);

    /// <summary>The mode and divisor of a counter, for users to see.</summary>
    public (int Mode, uint Divisor) Describe(int channel) => (_channels[channel].Mode, _channels[channel].Divisor);

    /// <summary>Puts ports 40h to 43h and 61h on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("pit", FirstPort, 4, this, LegacyLatency.Internal);
        bus.Map("port61", SystemControlPortB, 1, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset: no counter is programmed, OUT 0 is low.</summary>
    public void Reset()
    {
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i].Reset(gate: i != 2);
        }

        _portB = 0;
        Follow();
    }

    public void Save(StateWriter writer)
    {
        foreach (PitChannel channel in _channels)
        {
            channel.Save(writer);
        }

        writer.Byte(_portB);
        writer.Bool(Output.Asserted);
        writer.Event(_change);
    }

    public void Restore(StateReader reader)
    {
        foreach (PitChannel channel in _channels)
        {
            channel.Restore(reader);
        }

        _portB = reader.Byte();
        Output.RestoreLevel(reader.Bool());
        reader.Event(_change);
    }

    protected override byte ReadByte(ushort port)
    {
        ulong tick = NowTick;
        switch (port)
        {
            case SystemControlPortB:
                return (byte)(_portB | ((tick / RefreshClocks & 1) != 0 ? RefreshToggle : 0) | (_channels[2].OutAt(tick) ? Output2 : 0));
            case >= FirstPort and < ControlPort:
                byte value = _channels[port - FirstPort].Read(tick);
                _services.Probe?.ClockRead($"pit{port - FirstPort}", _services.Now, value);
                return value;
            default:
                return 0xFF;
        }
    }

    protected override void WriteByte(ushort port, byte value)
    {
        ulong tick = NowTick;
        switch (port)
        {
            case SystemControlPortB:
                _portB = (byte)(value & Writable61);
                _channels[2].SetGate((value & Gate2) != 0, tick);
                break;
            case ControlPort:
                Control(value, tick);
                break;
            case >= FirstPort and < ControlPort:
                _channels[port - FirstPort].Write(value, tick);
                break;
            default:
                return;
        }

        Follow();
        if (port is FirstPort or ControlPort)
        {
            _services.Probe?.TimerProgrammed(Output.Name, _services.Now, Expiry(NowTick));
        }
    }

    private void Control(byte word, ulong tick)
    {
        int select = word >> 6;
        if (select < 3)
        {
            _channels[select].Control(word, tick);
            return;
        }

        // Read-back: bit 5 low latches counts, bit 4 low latches status, bits 3:1 choose counters.
        for (int i = 0; i < _channels.Length; i++)
        {
            if ((word & (2 << i)) == 0)
            {
                continue;
            }

            if ((word & 0x20) == 0)
            {
                _channels[i].LatchCount(tick);
            }

            if ((word & 0x10) == 0)
            {
                _channels[i].LatchStatus(tick);
            }
        }
    }

    /// <summary>When OUT 0 rises next, which is what asks for an interrupt.</summary>
    private SimTime Expiry(ulong tick)
    {
        ulong next = _channels[0].NextChange(tick);
        if (next != ulong.MaxValue && !_channels[0].OutAt(next))
            next = _channels[0].NextChange(next);
        return next == ulong.MaxValue ? SimTime.Never : _clock.TimeOf(next);
    }

    /// <summary>OUT 0 has changed by itself.</summary>
    private void Change()
    {
        bool wasHigh = Output.Asserted;
        Follow();
        if (Output.Asserted && !wasHigh)
            _services.Probe?.TimerExpired(Output.Name, _services.Now);
    }

    /// <summary>Drives OUT 0 to its present level and waits for its next change.</summary>
    private void Follow()
    {
        ulong tick = NowTick;
        _services.Drive(Output, _channels[0].OutAt(tick));
        ulong next = _channels[0].NextChange(tick);
        if (next == ulong.MaxValue)
        {
            _services.Events.Cancel(_change);
        }
        else
        {
            _services.Events.Schedule(_change, _clock.TimeOf(next));
        }
    }
}
