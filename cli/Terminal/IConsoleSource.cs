namespace CoSim.Cli.Terminal;

/// <summary>Where the bytes come from that enter the guest's serial console.</summary>
public interface IConsoleSource
{
    /// <summary>Waits for a byte. False: no more will come.</summary>
    bool WaitForByte();

    /// <summary>Takes the next byte; false when none is waiting.</summary>
    bool TryTake(out byte value);
}
