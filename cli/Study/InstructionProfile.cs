namespace CoSim.Cli.Study;

/// <summary>What one instruction address cost in all spans of a configuration.</summary>
/// <param name="address">Linear address of the instruction.</param>
/// <param name="order">Counts the addresses of a configuration in the order of their first execution.</param>
/// <param name="causes">Number of causes.</param>
/// <param name="code">The bytes in memory from there on, at most 15.</param>
public sealed class InstructionProfile(ulong address, int order, int causes, byte[] code)
{
    private readonly ulong[] _cycles = new ulong[causes];

    /// <summary>Linear address of the instruction.</summary>
    public ulong Address { get; } = address;

    /// <summary>Position among the addresses by first execution.</summary>
    public int Order { get; } = order;

    /// <summary>
    /// What memory had there when the first span with the instruction ended, at most 15 bytes: an operating system patches its code.
    /// </summary>
    public byte[] Code { get; } = code;

    /// <summary>How often the instruction retired.</summary>
    public ulong Times { get; private set; }

    /// <summary>Core cycles attributed to the instruction, by cause.</summary>
    public ReadOnlySpan<ulong> CyclesByCause => _cycles;

    /// <summary>All core cycles attributed to the instruction.</summary>
    public ulong Cycles
    {
        get
        {
            ulong sum = 0;
            foreach (ulong cycles in _cycles)
                sum += cycles;
            return sum;
        }
    }

    /// <summary>Counts one retirement.</summary>
    public void CountRetirement() => Times++;

    /// <summary>Adds cycles to a cause.</summary>
    public void Add(int cause, ulong cycles) => _cycles[cause] += cycles;
}
