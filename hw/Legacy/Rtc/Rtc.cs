using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The real-time clock and CMOS RAM of the FCH: MC146818A registers at ports 70h and 71h, all 256 bytes at 72h and 73h. Its second is a
/// function of its crystal's ticks; events exist only while an interrupt is enabled.
/// </summary>
public sealed partial class Rtc : BytePortDevice, IStateful
{
    private const ushort FirstPort = 0x70;
    private const byte SetBit = 0x80;
    private const byte PeriodicEnable = 0x40;
    private const byte AlarmEnable = 0x20;
    private const byte UpdateEnable = 0x10;
    private const byte BinaryMode = 0x04;
    private const byte Mode24 = 0x02;
    private const byte BankSelect = 0x10;

    private readonly RtcSpec _spec;
    private readonly DeviceServices _services;
    private readonly RegisterBank<Rtc> _registers;
    private readonly SimEvent _event;
    private byte _index;
    private byte _extendedIndex;
    private bool _nmiDisabled;
    private byte _registerA = 0x26;
    private byte _flags;

    // The divider chain is at zero at _chainBase; an update begins at every 32768th tick after it.
    private ulong _chainBase;
    private ulong _updatesDone;
    private ulong _checkedTick;

    /// <summary>Makes an RTC that shows the start time.</summary>
    public Rtc(RtcSpec spec, DeviceServices services)
    {
        _spec = spec;
        _services = services;
        _registers = new RegisterBank<Rtc>(RtcRegisters.Table, this, "rtc", services.Log);
        _event = new SimEvent("rtc", EventPriority.Device, Follow);
        SetCalendar(spec.Start);
        StoreMemorySizes();
        spec.Clock.Drifted += Follow;
    }

    public string StateName => "rtc";

    /// <summary>IRQ 8.</summary>
    public InterruptLine Output { get; } = new("rtc.irq");

    /// <summary>Port 70h bit 7: the board must not deliver NMI while it is set.</summary>
    public bool NmiDisabled => _nmiDisabled;

    /// <summary>What the clock shows, or null while software holds an impossible date in it.</summary>
    public CalendarTime? Shown
    {
        get
        {
            Synchronise();
            return ReadCalendar();
        }
    }

    internal byte RegisterA => (byte)(_registerA | (UpdateInProgress ? 0x80 : 0));

    internal byte RegisterC => (byte)(_flags | (InterruptRequested ? 0x80 : 0));

    internal byte RegisterD => (byte)((_registers.Stored(RtcRegisters.D) & 0x3F) | (_spec.BatteryGood ? 0x80UL : 0));

    private byte RegisterB => (byte)_registers.Stored(RtcRegisters.B);

    private bool InterruptRequested => (_flags & RegisterB & (PeriodicEnable | AlarmEnable | UpdateEnable)) != 0;

    /// <summary>Puts ports 70h to 73h on the bus.</summary>
    public void Map(PortBus bus) => bus.Map("rtc", FirstPort, 4, this, LegacyLatency.Internal);

    /// <summary>All bytes by name, without side effects.</summary>
    public IEnumerable<(string Name, int Offset, int Bytes, ulong Value)> Dump()
    {
        Synchronise();
        return _registers.Dump();
    }

    /// <summary>A byte of CMOS RAM, as firmware set-up sees it. The index is 0Eh to FFh.</summary>
    public byte this[int index]
    {
        get => (byte)_registers.Stored(index);
        set => _registers.Store(index, value);
    }

    /// <summary>The RESET pin: interrupts are disabled and their flags cleared; time and RAM go on (MC146818A, "RESET").</summary>
    public void Reset()
    {
        Synchronise();
        _registers.Store(RtcRegisters.B, RegisterB & ~(ulong)(PeriodicEnable | AlarmEnable | UpdateEnable));
        _flags = 0;
        _index = 0;
        _extendedIndex = 0;
        _nmiDisabled = false;
        Follow();
    }

    public void Save(StateWriter writer)
    {
        _registers.Save(writer);
        writer.Byte(_index);
        writer.Byte(_extendedIndex);
        writer.Bool(_nmiDisabled);
        writer.Byte(_registerA);
        writer.Byte(_flags);
        writer.UInt64(_chainBase);
        writer.UInt64(_updatesDone);
        writer.UInt64(_checkedTick);
        writer.Event(_event);
    }

    public void Restore(StateReader reader)
    {
        _registers.Restore(reader);
        _index = reader.Byte();
        _extendedIndex = reader.Byte();
        _nmiDisabled = reader.Bool();
        _registerA = reader.Byte();
        _flags = reader.Byte();
        _chainBase = reader.UInt64();
        _updatesDone = reader.UInt64();
        _checkedTick = reader.UInt64();
        reader.Event(_event);
        Output.RestoreLevel(InterruptRequested);
    }

    internal void ClearFlags()
    {
        _flags = 0;
        _services.Drive(Output, false);
    }

    protected override byte ReadByte(ushort port)
    {
        switch (port)
        {
            case FirstPort:
                return (byte)(_index | (_nmiDisabled ? 0x80 : 0));
            case FirstPort + 1:
                return Access(Banked(_index));
            case FirstPort + 2:
                return _extendedIndex;
            case FirstPort + 3:
                return Access(_extendedIndex);
            default:
                return 0xFF;
        }
    }

    protected override void WriteByte(ushort port, byte value)
    {
        switch (port)
        {
            case FirstPort:
                _index = (byte)(value & 0x7F);
                _nmiDisabled = (value & 0x80) != 0;
                break;
            case FirstPort + 1:
                Change(Banked(_index), value);
                break;
            case FirstPort + 2:
                _extendedIndex = value;
                break;
            case FirstPort + 3:
                Change(_extendedIndex, value);
                break;
        }
    }

    private byte Access(int index)
    {
        Synchronise();
        byte value = (byte)_registers.Read(index, 1, hole: 0xFF);
        if (index < RtcRegisters.A)
        {
            _services.Probe?.ClockRead("rtc", _services.Now, value);
        }

        return value;
    }

    private void Change(int index, byte value)
    {
        Synchronise();
        _registers.Write(index, 1, value);
        Follow();
    }

    /// <summary>With DV0 set, indices 0Eh to 7Fh reach the upper 128 bytes: the century at 32h is then out of reach (family 17h RTC).</summary>
    private int Banked(int index) => (_registerA & BankSelect) != 0 && index > RtcRegisters.D ? index + 0x80 : index;

    private void StoreMemorySizes()
    {
        ulong kibibytes = Math.Min(_spec.ExtendedMemory >> 10, ushort.MaxValue);
        ulong above16 = _spec.ExtendedMemory > (15UL << 20) ? Math.Min((_spec.ExtendedMemory - (15UL << 20)) >> 16, ushort.MaxValue) : 0;
        StoreWord(0x15, _spec.BaseMemoryKibibytes);
        StoreWord(0x17, kibibytes);
        StoreWord(0x30, kibibytes);
        StoreWord(0x34, above16);
    }

    private void StoreWord(int index, ulong value)
    {
        _registers.Store(index, value & 0xFF);
        _registers.Store(index + 1, value >> 8);
    }
}
