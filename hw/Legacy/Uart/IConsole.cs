namespace CoSim.Hw.Legacy;

/// <summary>The far end of a serial line: a terminal, a file, a test.</summary>
public interface IConsole
{
    /// <summary>The machine sent a byte.</summary>
    void Transmit(byte value);
}
