namespace CoSim.Hw.Simulation;

/// <summary>An input that interrupt lines can be wired to: a pin of an interrupt controller.</summary>
public interface IInterruptInput
{
    /// <summary>The wire at <paramref name="pin"/> changed to <paramref name="asserted"/>.</summary>
    void SetInput(int pin, bool asserted);
}

/// <summary>
/// A wire from a device to one or more interrupt inputs. It carries a level; asserted means active, whatever the
/// electrical polarity. An edge is a change of level.
/// </summary>
public sealed class InterruptLine
{
    private readonly List<(IInterruptInput Input, int Pin)> _inputs = [];

    public InterruptLine(string name) => Name = name;

    public string Name { get; }

    public bool Asserted { get; private set; }

    /// <summary>Wires the line to an input. Done once, when the machine is built.</summary>
    public void Connect(IInterruptInput input, int pin) => _inputs.Add((input, pin));

    /// <summary>Drives the level; inputs hear of changes only.</summary>
    public void Set(bool asserted)
    {
        if (asserted == Asserted)
        {
            return;
        }

        Asserted = asserted;
        foreach ((IInterruptInput input, int pin) in _inputs)
        {
            input.SetInput(pin, asserted);
        }
    }

    /// <summary>A rising and a falling edge at the same moment.</summary>
    public void Pulse()
    {
        Set(true);
        Set(false);
    }

    /// <summary>Restores the level without telling the inputs, which restore their own view.</summary>
    public void RestoreLevel(bool asserted) => Asserted = asserted;
}
