using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// An 8042 with a keyboard on which nobody types and no mouse: data at port 60h, status and commands at port 64h, IRQ 1. Programs for PCs
/// reset the processor by it, and wait for its answers when they look for a keyboard.
/// </summary>
/// <remarks>
/// Sources: IBM PS/2 Hardware Interface Technical Reference (1988), Keyboard and Auxiliary Device Controller; Intel 8042 data sheet (1991).
/// Its output port's bit 0 is the processor's reset line, which gives INIT, as the FCH's KBRST# does. Bytes are moved at once: the input
/// buffer is never full. Scan codes are not translated, since no key is ever pressed.
/// </remarks>
public sealed class KeyboardController : BytePortDevice, IStateful
{
    /// <summary>The ISA interrupt of the keyboard.</summary>
    public const int Irq = 1;

    private const ushort DataPort = 0x60, CommandPort = 0x64;
    private const byte OutputFull = 1, SystemFlag = 1 << 2, LastWasCommand = 1 << 3, NotLocked = 1 << 4;
    private const byte InterruptMode = 1, SystemMode = 1 << 2, KeyboardOff = 1 << 4, MouseOff = 1 << 5;
    private const byte NotReset = 1, A20 = 1 << 1, OutputPortAtReset = 0xC0 | A20 | NotReset, OutputFullPin = 1 << 4, InputPort = 0xB0;
    private const byte ReadMode = 0x20, WriteMode = 0x60, DisableMouse = 0xA7, EnableMouse = 0xA8, TestMouse = 0xA9, SelfTest = 0xAA, TestKeyboard = 0xAB,
        DisableKeyboard = 0xAD, EnableKeyboard = 0xAE, ReadInput = 0xC0, ReadOutput = 0xD0, WriteOutput = 0xD1, WriteKeyboardBuffer = 0xD2,
        FirstPulse = 0xF0, SelfTestPassed = 0x55, ClockStuckLow = 1;
    private const int QueueLimit = 16;

    private readonly DeviceServices _services;
    private readonly IMachineControl _machine;
    private readonly Keyboard _keyboard = new();
    private readonly Queue<byte> _output = new();
    private byte _mode, _pending, _outputPort, _last, _commandFlag;
    private bool _tested;

    /// <summary>Makes the controller as it is after power-on.</summary>
    /// <param name="services">Log and interrupt lines.</param>
    /// <param name="machine">Is asked for a reset.</param>
    public KeyboardController(DeviceServices services, IMachineControl machine)
    {
        _services = services;
        _machine = machine;
        Reset();
    }

    /// <inheritdoc/>
    public string StateName => "i8042";

    /// <summary>IRQ 1: high while a byte waits for the system and the mode allows it.</summary>
    public InterruptLine Interrupt { get; } = new("i8042.irq1");

    /// <summary>Puts both ports on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("i8042-data", DataPort, 1, this, LegacyLatency.Internal);
        bus.Map("i8042-command", CommandPort, 1, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset.</summary>
    public void Reset()
    {
        _mode = InterruptMode;
        _outputPort = OutputPortAtReset;
        _pending = _last = 0;
        _commandFlag = LastWasCommand;
        _tested = false;
        _output.Clear();
        _keyboard.PowerOn();
        UpdateLine();
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.Byte(_mode);
        writer.Byte(_pending);
        writer.Byte(_outputPort);
        writer.Byte(_last);
        writer.Byte(_commandFlag);
        writer.Bool(_tested);
        writer.Block([.. _output]);
        _keyboard.Save(writer);
        writer.Bool(Interrupt.Asserted);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _mode = reader.Byte();
        _pending = reader.Byte();
        _outputPort = reader.Byte();
        _last = reader.Byte();
        _commandFlag = reader.Byte();
        _tested = reader.Bool();
        _output.Clear();
        foreach (byte value in reader.Block())
            _output.Enqueue(value);
        if (_output.Count > QueueLimit)
            throw reader.Wrong($"{_output.Count} bytes wait in the keyboard controller, more than {QueueLimit}");
        _keyboard.Restore(reader);
        Interrupt.RestoreLevel(reader.Bool());
    }

    /// <inheritdoc/>
    protected override byte ReadByte(ushort port)
    {
        if (port == CommandPort)
            return (byte)(NotLocked | _commandFlag | (_tested ? SystemFlag : 0) | (_output.Count > 0 ? OutputFull : 0));
        if (port != DataPort)
            return 0xFF;
        if (_output.TryDequeue(out byte value))
        {
            _last = value;

            // Each byte is an edge of its own.
            _services.Drive(Interrupt, false);
            UpdateLine();
        }

        return _last;
    }

    /// <inheritdoc/>
    protected override void WriteByte(ushort port, byte value)
    {
        if (port == CommandPort)
        {
            _commandFlag = LastWasCommand;
            Command(value);
            return;
        }

        if (port != DataPort)
            return;
        _commandFlag = 0;
        byte command = _pending;
        _pending = 0;
        switch (command)
        {
            case WriteMode:
                _mode = value;
                _tested |= (value & SystemMode) != 0;
                UpdateLine();
                break;
            case WriteOutput:
                SetOutputPort(value);
                break;
            case WriteKeyboardBuffer:
                Give(value);
                break;
            case 0:
                // The controller holds the keyboard's clock no longer when the system writes to it.
                _mode &= unchecked((byte)~KeyboardOff);
                Give(_keyboard.Receive(value));
                break;
            default:
                _services.Log.Touched(StateName, $"command {command:X}h", "there is no mouse", value);
                break;
        }
    }

    private void Command(byte command)
    {
        _pending = 0;
        switch (command)
        {
            case ReadMode:
                Give(_mode);
                break;
            case >= FirstPulse:
                if ((command & NotReset) == 0)
                    _machine.RequestReset(ResetKind.Init);
                break;
            case WriteMode or WriteOutput or (>= WriteKeyboardBuffer and <= 0xD4):
                _pending = command;
                break;
            case DisableMouse:
                _mode |= MouseOff;
                break;
            case EnableMouse:
                _mode &= unchecked((byte)~MouseOff);
                break;
            case TestMouse:
                Give(ClockStuckLow);
                break;
            case SelfTest:
                _tested = true;
                _output.Clear();
                Give(SelfTestPassed);
                break;
            case TestKeyboard:
                Give(0);
                break;
            case DisableKeyboard:
                _mode |= KeyboardOff;
                break;
            case EnableKeyboard:
                _mode &= unchecked((byte)~KeyboardOff);
                break;
            case ReadInput:
                Give(InputPort);
                break;
            case ReadOutput:
                Give((byte)(_outputPort | (_output.Count > 0 ? OutputFullPin : 0)));
                break;
            default:
                _services.Log.Touched(StateName, "port 64h", "command not modelled", command);
                break;
        }
    }

    private void SetOutputPort(byte value)
    {
        if ((value & A20) == 0)
            _services.Log.Touched(StateName, "output port", "A20 masking is not modelled", value);

        // Software leaves the line low or not: the processor sees its fall.
        if ((value & NotReset) == 0)
            _machine.RequestReset(ResetKind.Init);
        _outputPort = (byte)(value | NotReset);
    }

    private void Give(params ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (_output.Count < QueueLimit)
                _output.Enqueue(value);
        }

        UpdateLine();
    }

    private void UpdateLine() => _services.Drive(Interrupt, _output.Count > 0 && (_mode & InterruptMode) != 0);
}
