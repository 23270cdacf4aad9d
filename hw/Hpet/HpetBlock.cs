using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Hpet;

/// <summary>
/// The high precision event timer of the FCH (IA-PC HPET specification 1.0a). The counter is a function of time; only matches
/// that raise an interrupt are events, all others are worked out when software looks.
/// </summary>
public sealed partial class HpetBlock : IMmioDevice, IStateful
{
    private const ulong Enable = 1;
    private const ulong LegacyRouting = 2;
    private const ulong Low32 = uint.MaxValue;

    private readonly HpetSpec _spec;
    private readonly DeviceServices _services;
    private readonly IMessageInterruptSink _messages;
    private readonly RegisterBank<HpetBlock> _registers;
    private readonly HpetTimer[] _timers;

    private bool _decode;
    private bool _wide;
    private bool _messagesAllowed;
    private ulong _configuration;
    private ulong _haltedCounter;
    private ulong _startTick;

    /// <summary>Makes an HPET out of reset: halted, all interrupts off.</summary>
    /// <param name="spec">What it is made of.</param>
    /// <param name="services">Time, log, probe.</param>
    /// <param name="messages">Takes interrupts of comparators in message mode.</param>
    public HpetBlock(HpetSpec spec, DeviceServices services, IMessageInterruptSink messages)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Timers, HpetRegisters.MaxTimers);
        _spec = spec;
        _services = services;
        _messages = messages;
        _timers = new HpetTimer[spec.Timers];
        for (int i = 0; i < _timers.Length; i++)
        {
            int number = i;
            _timers[i] = new HpetTimer(i, new SimEvent($"hpet.timer{i}", EventPriority.Device, () => Expire(number)));
        }

        InterruptLine?[] pins = new InterruptLine?[32];
        for (int pin = 0; pin < pins.Length; pin++)
        {
            pins[pin] = (spec.RouteCapability & (1U << pin)) != 0 ? new InterruptLine($"hpet.pin{pin}") : null;
        }

        PinLines = pins;

        _registers = new RegisterBank<HpetBlock>(HpetRegisters.For(spec.Timers), this, "hpet", services.Log);
        spec.Clock.Drifted += RescheduleAll;
        Reset();
    }

    public string StateName => "hpet";

    /// <summary>The IO-APIC pins that comparators can be routed to; null for the others.</summary>
    public IReadOnlyList<InterruptLine?> PinLines { get; }

    /// <summary>Comparator 0 in legacy replacement mode: takes the place of the PIT on IRQ 0.</summary>
    public InterruptLine Legacy0 { get; } = new("hpet.legacy0");

    /// <summary>Comparator 1 in legacy replacement mode: takes the place of the RTC on IRQ 8.</summary>
    public InterruptLine Legacy1 { get; } = new("hpet.legacy1");

    /// <summary>High while LEG_RT_CNF is set: the PIT and the RTC are cut off from their interrupt inputs.</summary>
    public InterruptLine LegacyReplacement { get; } = new("hpet.leg_rt");

    /// <summary>Number of counter bits, 32 or 64.</summary>
    public int CounterWidth => _wide ? 64 : 32;

    public HpetSpec Spec => _spec;

    /// <summary>Whether the counter stands still though it is enabled: by its specification, or since <see cref="Stick"/>.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>The counter at the present.</summary>
    public ulong Counter => CounterAt(NowTick);

    private ulong NowTick => _spec.Clock.TicksAt(_services.Now);

    private bool Running => (_configuration & Enable) != 0 && !IsStuck;

    private ulong CounterMask => _wide ? ulong.MaxValue : Low32;

    /// <summary>Puts the block in its state after a warm or cold reset.</summary>
    public void Reset()
    {
        _decode = _spec.DecodeEnabled;
        IsStuck = _spec.CounterStuck;
        _wide = _spec.Wide;
        _messagesAllowed = false;
        _configuration = 0;
        _haltedCounter = _spec.InitialCounter & CounterMask;
        _startTick = 0;
        foreach (HpetTimer timer in _timers)
        {
            _services.Events.Cancel(timer.Expiry);
            timer.Config = 0;
            timer.Comparator = CounterMask;
            timer.Period = 0;
            timer.Message = 0;
            timer.Status = false;
            timer.Latched = false;
            timer.CheckedTick = NowTick;
            timer.EarliestMatch = 0;
            timer.IsStale = false;
        }

        DriveLines();
    }

    /// <summary>The counter's clock stops now, until a reset: a fault.</summary>
    public void Stick()
    {
        CatchUpAll();
        _haltedCounter = Counter;
        IsStuck = true;
        RescheduleAll();
    }

    /// <summary>What the FCH's PM register 00h decides (HPET_EN, WIDTH_SEL, MSI_EN).</summary>
    public void Configure(bool decode, bool wide, bool messages)
    {
        CatchUpAll();
        ulong counter = Counter;
        _decode = decode;
        _wide = wide;
        _messagesAllowed = messages;
        _haltedCounter = counter & CounterMask;
        _startTick = NowTick;
        RescheduleAll();
        DriveLines();
    }

    /// <summary>All registers with their fields, for those who watch.</summary>
    public IEnumerable<NamedRegister> Registers => _registers.Named();

    /// <summary>All registers by name, without side effects.</summary>
    public IEnumerable<(string Name, int Offset, int Bytes, ulong Value)> Dump() => _registers.Dump();

    /// <summary>Reads 4 or 8 aligned bytes; anything else, and a disabled decoder, reads all ones (2.3.2: software must not).</summary>
    public ulong ReadMemory(ulong offset, int size)
    {
        if (!Accepts(offset, size))
        {
            return size == 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;
        }

        return _registers.Read((int)offset, size, hole: 0);
    }

    /// <summary>Writes 4 or 8 aligned bytes; anything else is lost.</summary>
    public void WriteMemory(ulong offset, int size, ulong value)
    {
        if (Accepts(offset, size))
        {
            _registers.Write((int)offset, size, value);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Bool(_decode);
        writer.Bool(_wide);
        writer.Bool(_messagesAllowed);
        writer.UInt64(_configuration);
        writer.UInt64(_haltedCounter);
        writer.UInt64(_startTick);
        writer.Bool(IsStuck);
        foreach (HpetTimer timer in _timers)
        {
            timer.Save(writer);
        }
    }

    public void Restore(StateReader reader)
    {
        _decode = reader.Bool();
        _wide = reader.Bool();
        _messagesAllowed = reader.Bool();
        _configuration = reader.UInt64();
        _haltedCounter = reader.UInt64();
        _startTick = reader.UInt64();
        IsStuck = reader.Bool();
        foreach (HpetTimer timer in _timers)
        {
            timer.Restore(reader);
        }

        RestoreLines();
    }

    private bool Accepts(ulong offset, int size)
    {
        if (!_decode)
        {
            return false;
        }

        if ((size == 4 || size == 8) && (offset & (ulong)(size - 1)) == 0 && offset + (ulong)size <= HpetRegisters.WindowSize)
        {
            return true;
        }

        _services.Log.Touched(StateName, $"offset {offset:X}h", $"access of {size} bytes, not an aligned double or quad word", 0);
        return false;
    }

    private ulong CounterAt(ulong tick) => (Running ? _haltedCounter + (tick - _startTick) : _haltedCounter) & CounterMask;
}
