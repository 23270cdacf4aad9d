using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>What a UART is made of.</summary>
public sealed record UartSpec
{
    /// <summary>Name in snapshots: <c>com1</c>.</summary>
    public string Name { get; init; } = "com1";

    /// <summary>First of eight ports.</summary>
    public ushort Port { get; init; } = 0x3F8;

    /// <summary>
    /// Whether a byte takes its time on the line. When false the transmitter is always empty: at 115200 baud a kernel's boot messages
    /// would cost more than five seconds of simulated time.
    /// </summary>
    public bool Paced { get; init; }

    /// <summary>The input of the baud-rate generator: 1.8432 MHz.</summary>
    public Frequency Clock { get; init; } = Frequency.FromHertz(1_843_200);
}

/// <summary>A 16550A serial port (National Semiconductor PC16550D, June 1995).</summary>
public sealed partial class Uart16550 : BytePortDevice, IStateful
{
    private const int FifoSize = 16;
    private const byte InterruptReceive = 0x01;
    private const byte InterruptTransmit = 0x02;
    private const byte InterruptLineStatus = 0x04;
    private const byte InterruptModem = 0x08;
    private const byte LineDivisorLatch = 0x80;
    private const byte ModemOut2 = 0x08;
    private const byte ModemLoop = 0x10;
    private const byte StatusDataReady = 0x01;
    private const byte StatusOverrun = 0x02;
    private const byte StatusTransmitEmpty = 0x60;

    private readonly UartSpec _spec;
    private readonly DeviceServices _services;
    private readonly IConsole _console;
    private readonly Queue<byte> _received = new();
    private readonly Queue<byte> _toSend = new();
    private readonly SimEvent _sent;
    private readonly SimEvent _receiveTimeout;

    private byte _interruptEnable;
    private byte _lineControl;
    private byte _modemControl;
    private byte _modemDelta;
    private byte _modemStatus = ConnectedModem;
    private byte _scratch;
    private byte _fifoControl;
    private ushort _divisor = 1;
    private bool _overrun;
    private bool _transmitInterrupt;
    private bool _timeout;
    private bool _shifting;

    /// <summary>Carrier, data set ready and clear to send: a terminal is connected.</summary>
    private const byte ConnectedModem = 0xB0;

    /// <summary>Makes a UART out of reset.</summary>
    public Uart16550(UartSpec spec, DeviceServices services, IConsole console)
    {
        _spec = spec;
        _services = services;
        _console = console;
        _sent = new SimEvent($"{spec.Name}.sent", EventPriority.Device, ByteSent);
        _receiveTimeout = new SimEvent($"{spec.Name}.timeout", EventPriority.Device, ReceiveTimedOut);
        Output = new InterruptLine($"{spec.Name}.irq");
    }

    public string StateName => _spec.Name;

    /// <summary>The interrupt output, gated by OUT2 as in a PC.</summary>
    public InterruptLine Output { get; }

    private bool FifoEnabled => (_fifoControl & 1) != 0;

    private bool Loop => (_modemControl & ModemLoop) != 0;

    private int Trigger => !FifoEnabled ? 1 : (_fifoControl >> 6) switch
    {
        0 => 1,
        1 => 4,
        2 => 8,
        _ => 14,
    };

    /// <summary>Start, data, parity and stop bits of a character.</summary>
    private int BitsPerCharacter => 7 + (_lineControl & 3) + ((_lineControl >> 2) & 1) + ((_lineControl >> 3) & 1);

    /// <summary>Puts the eight ports on the bus.</summary>
    public void Map(PortBus bus) => bus.Map(_spec.Name, _spec.Port, 8, this, LegacyLatency.Lpc);

    /// <summary>Whether a byte that arrives now would be kept: software is fast enough for its sender.</summary>
    public bool CanReceive => _received.Count < (FifoEnabled ? FifoSize : 1);

    /// <summary>A warm or cold reset (PC16550D, table III). Scratch and divisor are not reset in hardware; here they are.</summary>
    public void Reset()
    {
        _interruptEnable = 0;
        _lineControl = 0;
        _modemControl = 0;
        _modemDelta = 0;
        _modemStatus = ConnectedModem;
        _scratch = 0;
        _fifoControl = 0;
        _divisor = 1;
        _overrun = false;
        _transmitInterrupt = false;
        _timeout = false;
        _shifting = false;
        _received.Clear();
        _toSend.Clear();
        _services.Events.Cancel(_sent);
        _services.Events.Cancel(_receiveTimeout);
        Follow();
    }

    /// <summary>A byte arrives from the far end. Not while the UART is in loopback.</summary>
    public void Receive(byte value)
    {
        if (!Loop)
        {
            Arrive(value);
        }
    }

    protected override byte ReadByte(ushort port)
    {
        int register = port - _spec.Port;
        bool latch = (_lineControl & LineDivisorLatch) != 0;
        return register switch
        {
            0 => latch ? (byte)_divisor : ReadReceiver(),
            1 => latch ? (byte)(_divisor >> 8) : _interruptEnable,
            2 => ReadIdentification(),
            3 => _lineControl,
            4 => _modemControl,
            5 => ReadLineStatus(),
            6 => ReadModemStatus(),
            7 => _scratch,
            _ => 0xFF,
        };
    }

    protected override void WriteByte(ushort port, byte value)
    {
        int register = port - _spec.Port;
        bool latch = (_lineControl & LineDivisorLatch) != 0;
        switch (register)
        {
            case 0 when latch:
                _divisor = (ushort)((_divisor & 0xFF00) | value);
                break;
            case 0:
                Send(value);
                break;
            case 1 when latch:
                _divisor = (ushort)((_divisor & 0xFF) | (value << 8));
                break;
            case 1:
                // Enabling the transmitter interrupt while the transmitter is empty asks at once.
                _transmitInterrupt |= (value & ~_interruptEnable & InterruptTransmit) != 0 && _toSend.Count == 0;
                _interruptEnable = (byte)(value & 0x0F);
                break;
            case 2:
                WriteFifoControl(value);
                break;
            case 3:
                _lineControl = value;
                break;
            case 4:
                _modemControl = (byte)(value & 0x1F);
                FollowModem();
                break;
            case 7:
                _scratch = value;
                break;
        }

        Follow();
    }

    private SimDuration CharacterTime(int characters)
    {
        ulong ticks = (ulong)Math.Max((int)_divisor, 1) * 16 * (ulong)(BitsPerCharacter * characters);
        return SimDuration.FromFemtoseconds((Int128)_spec.Clock.SpanOf(ticks));
    }
}
