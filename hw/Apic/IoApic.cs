using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Apic;

/// <summary>An IO-APIC (82093AA data sheet; version 20h and above add the EOI register).</summary>
public sealed class IoApic : IMmioDevice, IInterruptInput, IStateful
{
    /// <summary>Bytes of address space.</summary>
    public const int WindowSize = 0x1000;

    private const ulong Polarity = 1 << 13;
    private const ulong RemoteIrr = 1 << 14;
    private const ulong Level = 1 << 15;
    private const ulong Masked = 1 << 16;
    private const ulong Logical = 1 << 11;

    private readonly IoApicSpec _spec;
    private readonly DeviceServices _services;
    private readonly InterruptFabric _fabric;
    private readonly RegisterBank<IoApic> _registers;
    private readonly ulong[] _entries;
    private ulong _asserted;
    private ulong _remembered;
    private byte _select;

    /// <summary>Makes an IO-APIC out of reset, every pin masked, and joins it to the fabric.</summary>
    public IoApic(IoApicSpec spec, DeviceServices services, InterruptFabric fabric)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Pins, 64);
        _spec = spec;
        _services = services;
        _fabric = fabric;
        _entries = new ulong[spec.Pins];
        _registers = new RegisterBank<IoApic>(IoApicRegisters.For(spec.Pins, spec.IdBits), this, spec.Name, services.Log);
        fabric.Join(this);
        Reset();
    }

    public string StateName => _spec.Name;

    public IoApicSpec Spec => _spec;

    internal ulong VersionValue => _spec.Version | ((ulong)(_spec.Pins - 1) << 16);

    internal ulong ArbitrationValue => _registers.Stored(IoApicRegisters.IdIndex * 4) & 0x0F00_0000;

    /// <summary>Masks all pins, as a warm or cold reset does; the wires keep their levels.</summary>
    public void Reset()
    {
        _registers.Reset();
        _registers.Store(IoApicRegisters.IdIndex * 4, ((ulong)_spec.Id & ((1UL << _spec.IdBits) - 1)) << 24);
        Array.Fill(_entries, Masked);
        _remembered = 0;
        _select = 0;
    }

    /// <summary>All registers with their fields, for those who watch.</summary>
    public IEnumerable<NamedRegister> Registers => _registers.Named();

    /// <summary>All indirect registers by name, without side effects.</summary>
    public IEnumerable<(string Name, int Offset, int Bytes, ulong Value)> Dump() => _registers.Dump();

    public ulong ReadMemory(ulong offset, int size)
    {
        ulong mask = size == 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;
        return mask & (offset switch
        {
            IoApicRegisters.Select => _select,
            IoApicRegisters.Window => _registers.Read(_select * 4, sizeof(uint), hole: 0xFF),
            _ => 0,
        });
    }

    public void WriteMemory(ulong offset, int size, ulong value)
    {
        switch (offset)
        {
            case IoApicRegisters.Select:
                _select = (byte)value;
                break;
            case IoApicRegisters.Window:
                _registers.Write(_select * 4, sizeof(uint), (uint)value);
                break;
            case IoApicRegisters.PinAssertion:
                AssertPin((int)value & 0x1F);
                break;
            case IoApicRegisters.EndOfInterrupt when _spec.Version >= 0x20:
                EndOfInterrupt((byte)value);
                break;
            default:
                _services.Log.Touched(StateName, $"offset {offset:X}h", "no register here, written", value);
                break;
        }
    }

    /// <summary>A wire changed. Asserted is the device's wish; the wire's electrical level follows from <see cref="IoApicSpec.ActiveLowPins"/>.</summary>
    public void SetInput(int pin, bool asserted)
    {
        ulong bit = 1UL << pin;
        bool was = Active(pin);
        _asserted = asserted ? _asserted | bit : _asserted & ~bit;
        bool active = Active(pin);
        ulong entry = _entries[pin];
        if ((entry & Level) != 0)
        {
            ServeLevel(pin);
        }
        else if (active && !was)
        {
            Edge(pin);
        }
    }

    public void Save(StateWriter writer)
    {
        _registers.Save(writer);
        foreach (ulong entry in _entries)
        {
            writer.UInt64(entry);
        }

        writer.UInt64(_asserted);
        writer.UInt64(_remembered);
        writer.Byte(_select);
    }

    public void Restore(StateReader reader)
    {
        _registers.Restore(reader);
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = reader.UInt64();
        }

        _asserted = reader.UInt64();
        _remembered = reader.UInt64();
        _select = reader.Byte();
    }

    internal ulong EntryValue(int pin) => _entries[pin];

    internal void WriteEntry(int pin, ulong value)
    {
        // An entry that becomes edge-triggered forgets that a level interrupt is pending: the way out of a stuck remote IRR.
        _entries[pin] = (value & Level) == 0 ? value & ~RemoteIrr : value;
        ulong bit = 1UL << pin;
        if ((value & (Level | Masked)) == 0 && (_remembered & bit) != 0)
        {
            _remembered &= ~bit;
            Send(pin);
        }
        else
        {
            ServeLevel(pin);
        }
    }

    /// <summary>A local APIC, or the EOI register, completed a vector: level pins that still ask are sent again.</summary>
    internal void EndOfInterrupt(byte vector)
    {
        for (int pin = 0; pin < _entries.Length; pin++)
        {
            if ((byte)_entries[pin] == vector && (_entries[pin] & (Level | RemoteIrr)) == (Level | RemoteIrr))
            {
                _entries[pin] &= ~RemoteIrr;
                ServeLevel(pin);
            }
        }
    }

    private bool Active(int pin)
    {
        ulong bit = 1UL << pin;
        bool high = ((_asserted ^ _spec.ActiveLowPins) & bit) != 0;
        return high != ((_entries[pin] & Polarity) != 0);
    }

    private void AssertPin(int pin)
    {
        if (pin < _entries.Length && (_entries[pin] & Level) == 0)
        {
            Edge(pin);
        }
    }

    private void Edge(int pin)
    {
        if ((_entries[pin] & Masked) == 0)
        {
            Send(pin);
        }
        else if (_spec.RemembersMaskedEdges)
        {
            _remembered |= 1UL << pin;
        }
    }

    private void ServeLevel(int pin)
    {
        if ((_entries[pin] & (Level | Masked | RemoteIrr)) == Level && Active(pin))
        {
            _entries[pin] |= RemoteIrr;
            Send(pin);
        }
    }

    private void Send(int pin)
    {
        ulong entry = _entries[pin];
        _fabric.Send(new InterruptMessage(
            (DeliveryMode)((entry >> 8) & 7),
            (byte)entry,
            (uint)(entry >> 56),
            (entry & Logical) != 0,
            Wide: false,
            Level: (entry & Level) != 0,
            DestinationShorthand.None,
            Source: -1));
    }
}
