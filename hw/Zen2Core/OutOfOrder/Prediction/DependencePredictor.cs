namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>
/// Which loads have read too early before: they wait until the addresses of all older stores are known. Small counters by
/// address; AMD publishes no structure.
/// </summary>
public sealed class DependencePredictor
{
    private const int Entries = 1024;
    private const byte Strong = 15;

    private readonly byte[] _counters = new byte[Entries];

    /// <summary>Forgets everything.</summary>
    public void Clear() => Array.Clear(_counters);

    /// <summary>Whether the load at an address should wait.</summary>
    public bool ShouldWait(ulong address) => _counters[Index(address)] > 0;

    /// <summary>The load read too early.</summary>
    public void Violated(ulong address) => _counters[Index(address)] = Strong;

    /// <summary>The load waited, and no older store had its address.</summary>
    public void WaitedInVain(ulong address)
    {
        ref byte counter = ref _counters[Index(address)];
        counter = (byte)Math.Max(counter - 1, 0);
    }

    internal void Save(Simulation.StateWriter writer) => writer.Bytes(_counters);

    internal void Restore(Simulation.StateReader reader) => reader.Bytes(Entries).CopyTo(_counters);

    private static int Index(ulong address) => (int)((address ^ (address >> 10)) % Entries);
}
