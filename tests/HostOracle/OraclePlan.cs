namespace CoSim.Tests.HostOracle;

/// <summary>How a form is examined.</summary>
/// <param name="Seed">Seed of all choices; a report repeats it.</param>
/// <param name="Instances">Number of encodings.</param>
/// <param name="CasesPerInstance">Number of operand sets for each encoding.</param>
public sealed record OraclePlan(ulong Seed, int Instances, int CasesPerInstance)
{
    /// <summary>Kinds of memory operands.</summary>
    public Addressing Addressing { get; init; } = Addressing.Any;

    /// <summary>Where memory operands lie; empty for <see cref="Placement.Ordinary"/>.</summary>
    public ReadOnlyMemory<Placement> Placements { get; init; }

    /// <summary>Stop after this many differing cases of a form.</summary>
    public int MaxFailures { get; init; } = 2;
}
