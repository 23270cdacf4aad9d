namespace CoSim.Cli.Inspect;

/// <summary>A world that says nothing to a machine and does not listen, except for the end of a program.</summary>
internal sealed class SilentHost : IMachineHost
{
    /// <summary>Whether a program has said that it ended.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public void Transmit(byte value)
    {
    }

    /// <inheritdoc/>
    public bool TryReceive(out byte value)
    {
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public bool WaitForInput() => false;

    /// <inheritdoc/>
    public void OnGuestRequest(int core, GuestRequest request, ulong argument) => HasEnded |= request == GuestRequest.Exit;

    /// <inheritdoc/>
    public void OnUnmodelled(string what)
    {
    }
}
