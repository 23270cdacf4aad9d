using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Recording;

/// <summary>What a core's next retirement waits for: addresses of its instruction's operands in memory, as many as an event holds.</summary>
internal sealed class OperandList
{
    private readonly ulong[] _addresses = new ulong[InstructionLayout.MostOperands];

    /// <summary>Microcode has run, and its instruction has not retired: only microcode and deliveries change contexts.</summary>
    public bool ContextMayHaveChanged { get; set; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The addresses.</summary>
    public ReadOnlySpan<ulong> Addresses => _addresses.AsSpan(0, Count);

    /// <summary>Adds one; none of more than four operands.</summary>
    public void Add(ulong linear)
    {
        if (Count < _addresses.Length)
            _addresses[Count++] = linear;
    }

    /// <summary>Forgets them.</summary>
    public void Clear() => Count = 0;
}
