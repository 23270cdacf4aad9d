using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Legacy;

/// <summary>The ACPI fixed hardware of the FCH: PM1 events and control, the PM timer, GPE block 0, the SCI (ACPI 6.3, 4.8.3).</summary>
public sealed class PmBlock : IPortDevice, IInterruptInput, IStateful
{
    /// <summary>Input of <see cref="SetInput"/> for the RTC's alarm; inputs from 16 on are general purpose events 0 to 31.</summary>
    public const int RtcInput = 0;
    public const int FirstEventInput = 16;

    private const ushort TimerStatus = 1 << 0;
    private const ushort PowerButtonStatus = 1 << 8;
    private const ushort RtcStatus = 1 << 10;
    private const ushort WakeStatus = 1 << 15;
    private const ushort SciEvents = 0x0721;
    private const ulong SciEnable = 1;
    private static readonly SimDuration s_ripple = SimDuration.FromNanoseconds(3);
    private const ulong SleepEnable = 1 << 13;

    private readonly PmSpec _spec;
    private readonly DeviceServices _services;
    private readonly IMachineControl _machine;
    private readonly RegisterBank<PmBlock> _registers;
    private readonly SimEvent _toggle;
    private ushort _status;
    private uint _events;
    private bool _asleep;
    private ulong _togglesSeen;

    /// <summary>Makes a PM block out of reset: no events enabled, SCI_EN off.</summary>
    public PmBlock(PmSpec spec, DeviceServices services, IMachineControl machine)
    {
        _spec = spec;
        _services = services;
        _machine = machine;
        _toggle = new SimEvent("pm.timer", EventPriority.Device, Follow);
        _registers = new RegisterBank<PmBlock>(PmRegisters.Table, this, "pm", services.Log);
        _togglesSeen = Toggles;
        spec.TimerClock.Drifted += Follow;
    }

    public string StateName => "pm";

    /// <summary>The SCI: IRQ 9, level.</summary>
    public InterruptLine Sci { get; } = new("sci");

    public PmSpec Spec => _spec;

    /// <summary>PM_TMR at the present, as a read gets it.</summary>
    public uint TimerValue => (uint)(_spec.TimerUnlatched ? UnlatchedTicks : Ticks) & (uint)((1UL << _spec.TimerBits) - 1);

    internal ushort StatusValue => (ushort)(_status | (Toggles != _togglesSeen ? TimerStatus : 0));

    internal uint EventStatusValue => _events;

    private ulong Ticks => (_spec.TimerStuck ? 0 : _spec.TimerClock.TicksAt(_services.Now)) + _spec.InitialTimer;

    /// <summary>While the counter ripples, bits that change have their old value or their new one; which, depends on the count.</summary>
    private ulong UnlatchedTicks
    {
        get
        {
            ulong now = Ticks;
            ulong next = _spec.TimerStuck ? now : _spec.TimerClock.TicksAt(_services.Now + s_ripple) + _spec.InitialTimer;
            return now ^ ((now ^ next) & (next * 0x9E37_79B9_7F4A_7C15 >> 40));
        }
    }

    /// <summary>How often the timer's highest bit has changed.</summary>
    private ulong Toggles => Ticks >> (_spec.TimerBits - 1);

    /// <summary>Puts the block's ports on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("pm1", _spec.BasePort, 8, this, LegacyLatency.Internal);
        bus.Map("pmtmr", _spec.BasePort + PmRegisters.Timer, 4, this, LegacyLatency.Internal);
        bus.Map("gpe0", _spec.BasePort + PmRegisters.EventStatus, 8, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset: everything but the timer's count.</summary>
    public void Reset()
    {
        _registers.Reset();
        _status = 0;
        _events = 0;
        _asleep = false;
        _togglesSeen = Toggles;
        Follow();
    }

    /// <summary>
    /// Suspend to RAM begins: the block stays powered, with its events and SLP_TYP, and waits for one that is enabled, or for the
    /// power button, which always wakes (ACPI 6.3, 4.8.2.3 and 7.4.2.2). Firmware sets SCI_EN again.
    /// </summary>
    public void Suspend()
    {
        _asleep = true;
        _registers.Store(PmRegisters.Control, _registers.Stored(PmRegisters.Control) & ~SciEnable);
        Follow();
    }

    /// <summary>All registers with their fields, for those who watch.</summary>
    public IEnumerable<NamedRegister> Registers => _registers.Named();

    /// <summary>All registers by name, without side effects.</summary>
    public IEnumerable<(string Name, int Offset, int Bytes, ulong Value)> Dump() => _registers.Dump();

    /// <summary>Somebody pressed the power button for a moment.</summary>
    public void PressPowerButton()
    {
        _status |= PowerButtonStatus;
        Follow();
    }

    public void SetInput(int pin, bool asserted)
    {
        if (!asserted)
        {
            return;
        }

        if (pin == RtcInput)
        {
            _status |= RtcStatus;
        }
        else if (pin >= FirstEventInput)
        {
            _events |= 1U << (pin - FirstEventInput);
        }

        Follow();
    }

    public uint ReadPort(ushort port, int size) => (uint)_registers.Read(port - _spec.BasePort, size, hole: 0xFF);

    public void WritePort(ushort port, int size, uint value) => _registers.Write(port - _spec.BasePort, size, value);

    public void Save(StateWriter writer)
    {
        _registers.Save(writer);
        writer.UInt16(_status);
        writer.UInt32(_events);
        writer.Bool(_asleep);
        writer.UInt64(_togglesSeen);
        writer.Bool(Sci.Asserted);
        writer.Event(_toggle);
    }

    public void Restore(StateReader reader)
    {
        _registers.Restore(reader);
        _status = reader.UInt16();
        _events = reader.UInt32();
        _asleep = reader.Bool();
        _togglesSeen = reader.UInt64();
        Sci.RestoreLevel(reader.Bool());
        reader.Event(_toggle);
    }

    internal void ReportTimerRead() => _services.Probe?.ClockRead("pm", _services.Now, TimerValue);

    internal void ClearStatus(ushort bits)
    {
        Synchronise();
        _status &= (ushort)~bits;
        Follow();
    }

    internal void ClearEvents(uint bits)
    {
        _events &= ~bits;
        Follow();
    }

    internal void WriteControl(ulong value)
    {
        Follow();
        if ((value & SleepEnable) == 0)
        {
            return;
        }

        int type = (int)(_registers.Stored(PmRegisters.Control) >> 10) & 7;
        if (type == _spec.PowerOffType)
        {
            _machine.RequestPowerOff();
        }
        else if (type == _spec.SuspendType)
        {
            _machine.RequestSleep(type);
        }
        else
        {
            _services.Log.Touched(StateName, "PM1_CNT", $"sleep type {type} is no state of this board", value);
        }
    }

    /// <summary>Drives the SCI and waits for the timer's next change if it can interrupt.</summary>
    internal void Follow()
    {
        Synchronise();
        ulong enable = _registers.Stored(PmRegisters.Enable);
        bool sciEnabled = (_registers.Stored(PmRegisters.Control) & SciEnable) != 0;
        bool asks = (_status & enable & SciEvents) != 0 || (_events & _registers.Stored(PmRegisters.EventEnable)) != 0;
        _services.Drive(Sci, sciEnabled && asks);
        if (_asleep && (asks || (_status & PowerButtonStatus) != 0))
        {
            _asleep = false;
            _status |= WakeStatus;
            _machine.RequestWake();
        }

        if (sciEnabled && (enable & TimerStatus) != 0 && !_spec.TimerStuck)
        {
            ulong next = ((Toggles + 1) << (_spec.TimerBits - 1)) - _spec.InitialTimer;
            _services.Events.Schedule(_toggle, _spec.TimerClock.TimeOf(next));
        }
        else
        {
            _services.Events.Cancel(_toggle);
        }
    }

    private void Synchronise()
    {
        ulong toggles = Toggles;
        _status |= toggles != _togglesSeen ? TimerStatus : (ushort)0;
        _togglesSeen = toggles;
    }
}
