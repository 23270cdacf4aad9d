using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// What a PC has between the cores' FERR# and IGNNE# pins (IBM AT; AMD family 17h model 31h PPR 55803, IO0F0, and HWCR.IgnneEm's counterpart): a core
/// that reports an x87 exception with CR0.NE clear asserts FERR#, which latches IRQ 13. A write of any value to port F0h, as the handler makes,
/// lets go of IRQ 13 and asserts IGNNE# to each core that still asserts FERR#, until it no longer does.
/// </summary>
public sealed class NumericErrorPort : BytePortDevice, IInterruptInput, IStateful
{
    private const ushort Port = 0xF0;

    private ulong _errors, _ignored;

    /// <summary>Makes the logic for a number of cores.</summary>
    /// <param name="cores">1 to 64.</param>
    public NumericErrorPort(int cores) => Ignore = [.. Enumerable.Range(0, cores).Select(n => new InterruptLine($"ignne{n}"))];

    /// <inheritdoc/>
    public string StateName => "numeric-error";

    /// <summary>IRQ 13.</summary>
    public InterruptLine Output { get; } = new("irq13");

    /// <summary>IGNNE# of each core.</summary>
    public IReadOnlyList<InterruptLine> Ignore { get; }

    /// <summary>Puts the port on the bus.</summary>
    public void Map(PortBus bus) => bus.Map("numeric-error", Port, 1, this, LegacyLatency.Internal);

    /// <summary>FERR# of core <paramref name="pin"/>.</summary>
    public void SetInput(int pin, bool asserted)
    {
        ulong core = 1UL << pin;
        if (asserted)
        {
            _errors |= core;
            Output.Set(true);
            return;
        }

        _errors &= ~core;
        _ignored &= ~core;
        Ignore[pin].Set(false);
    }

    /// <summary>Back to the state out of reset; the cores let go of FERR# themselves.</summary>
    public void Reset()
    {
        _errors = _ignored = 0;
        Output.Set(false);
        foreach (InterruptLine line in Ignore)
        {
            line.Set(false);
        }
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.UInt64(_errors);
        writer.UInt64(_ignored);
        writer.Bool(Output.Asserted);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _errors = reader.UInt64();
        _ignored = reader.UInt64();
        Output.RestoreLevel(reader.Bool());
        for (int n = 0; n < Ignore.Count; n++)
        {
            Ignore[n].RestoreLevel((_ignored >> n & 1) != 0);
        }
    }

    protected override byte ReadByte(ushort port) => 0xFF;

    protected override void WriteByte(ushort port, byte value)
    {
        if (port != Port)
        {
            return;
        }

        Output.Set(false);
        _ignored |= _errors;
        for (int n = 0; n < Ignore.Count; n++)
        {
            Ignore[n].Set((_ignored >> n & 1) != 0);
        }
    }
}
