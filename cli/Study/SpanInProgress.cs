namespace CoSim.Cli.Study;

/// <summary>A span that has begun on a core and has not ended. Kept apart, so that a span that is given up leaves no trace.</summary>
internal sealed class SpanInProgress
{
    /// <summary>The number from the begin marker.</summary>
    public ulong PackedId { get; private set; }

    /// <summary>The core cycle in which the begin marker retired.</summary>
    public ulong StartCycle { get; private set; }

    /// <summary>Whether a span is open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Cycles that have been charged to instructions.</summary>
    public ulong AttributedCycles { get; private set; }

    /// <summary>Addresses in the order of retirement.</summary>
    public List<ulong> Retired { get; } = [];

    /// <summary>Cycles charged to an address for a cause.</summary>
    public List<(ulong Address, int Cause, ulong Cycles)> Charges { get; } = [];

    /// <summary>Opens the span.</summary>
    public void Open(ulong packedId, ulong cycle)
    {
        Close();
        PackedId = packedId;
        StartCycle = cycle;
        IsOpen = true;
    }

    /// <summary>Forgets the span.</summary>
    public void Close()
    {
        IsOpen = false;
        AttributedCycles = 0;
        Retired.Clear();
        Charges.Clear();
    }

    /// <summary>Charges cycles to an address.</summary>
    public void Charge(ulong address, int cause, ulong cycles)
    {
        Charges.Add((address, cause, cycles));
        AttributedCycles += cycles;
    }
}
