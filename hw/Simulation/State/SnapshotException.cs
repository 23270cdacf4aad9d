namespace CoSim.Hw.Simulation;

/// <summary>A snapshot that cannot be used; the message names the section, the byte and the cause, for the user.</summary>
public sealed class SnapshotException : Exception
{
    public SnapshotException(string message)
        : base(message)
    {
    }
}
