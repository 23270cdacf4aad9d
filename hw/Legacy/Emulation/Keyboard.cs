using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// An AT keyboard on which nobody types: it answers commands. Two of them take a parameter, which it acknowledges too.
/// </summary>
/// <remarks>Source: IBM PS/2 Hardware Interface Technical Reference (1988), Keyboard and Auxiliary Device Controller, "Commands from the system".</remarks>
internal sealed class Keyboard
{
    private const byte SetIndicators = 0xED, Echo = 0xEE, ScanCodeSet = 0xF0, ReadId = 0xF2, SetRate = 0xF3, Enable = 0xF4, DefaultDisable = 0xF5,
        SetDefault = 0xF6, Reset = 0xFF;
    private const byte Acknowledge = 0xFA, TestPassed = 0xAA, Again = 0xFE, FirstId = 0xAB, SecondId = 0x83, DefaultSet = 2, LastSet = 3;

    private byte _pending;
    private byte _set = DefaultSet;

    /// <summary>Takes a byte from the system.</summary>
    /// <param name="value">A command, or the parameter of the one before.</param>
    /// <returns>The answer's bytes.</returns>
    public byte[] Receive(byte value)
    {
        byte command = _pending;
        _pending = 0;
        return command switch
        {
            ScanCodeSet => Choose(value),
            SetIndicators or SetRate when value < SetIndicators => [Acknowledge],
            _ => Begin(value),
        };
    }

    /// <summary>Power-on state.</summary>
    public void PowerOn()
    {
        _pending = 0;
        _set = DefaultSet;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(_pending);
        writer.Byte(_set);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Restore(StateReader reader)
    {
        _pending = reader.Byte();
        _set = reader.Byte();
    }

    private byte[] Begin(byte command)
    {
        switch (command)
        {
            case SetIndicators or ScanCodeSet or SetRate:
                _pending = command;
                return [Acknowledge];
            case Enable or DefaultDisable or SetDefault:
                return [Acknowledge];
            case Echo:
                return [Echo];
            case ReadId:
                return [Acknowledge, FirstId, SecondId];
            case Reset:
                PowerOn();
                return [Acknowledge, TestPassed];
            default:
                return [Again];
        }
    }

    /// <summary>Set 0 asks which one is in use.</summary>
    private byte[] Choose(byte set)
    {
        if (set > LastSet)
            return [Again];
        if (set == 0)
            return [Acknowledge, _set];
        _set = set;
        return [Acknowledge];
    }
}
