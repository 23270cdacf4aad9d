namespace CoSim.Tests.HostOracle;

/// <summary>Where the memory operand (or the stack) of a case lies.</summary>
public enum Placement
{
    /// <summary>Inside the scratch memory.</summary>
    Ordinary,

    /// <summary>Across two pages that may be written.</summary>
    AcrossPages,

    /// <summary>In a page that may be read only.</summary>
    InReadOnly,

    /// <summary>From a page that may be written into one that may be read only.</summary>
    IntoReadOnly,

    /// <summary>From a page that may be read into one that is not mapped.</summary>
    IntoUnmapped,

    /// <summary>From a page that is not mapped into one that may be written.</summary>
    FromUnmapped,

    /// <summary>Not mapped.</summary>
    Unmapped,

    /// <summary>From the last canonical address of the lower half on.</summary>
    IntoNonCanonical,

    /// <summary>Not canonical.</summary>
    NonCanonical,
}

/// <summary>Addresses for placements.</summary>
public static class Placements
{
    /// <summary>All but the ordinary one.</summary>
    public static readonly Placement[] Boundaries =
    [
        Placement.AcrossPages, Placement.InReadOnly, Placement.IntoReadOnly, Placement.IntoUnmapped, Placement.FromUnmapped,
        Placement.Unmapped, Placement.IntoNonCanonical, Placement.NonCanonical,
    ];

    private const ulong EndOfLowerHalf = 0x0000_8000_0000_0000;

    /// <summary>An address for an operand.</summary>
    /// <param name="placement">Where.</param>
    /// <param name="size">Bytes of the operand, at least 1.</param>
    /// <param name="random">Source of choices.</param>
    public static ulong Address(Placement placement, int size, CaseRandom random)
    {
        ulong before = (ulong)(size > 1 ? 1 + random.Below(size - 1) : 1);
        return placement switch
        {
            Placement.AcrossPages => OracleLayout.Scratch + 0x1000 - before,
            Placement.InReadOnly => OracleLayout.ReadOnly + (ulong)random.Below(OracleLayout.ReadOnlySize - 64),
            Placement.IntoReadOnly => OracleLayout.ReadOnly - before,
            Placement.IntoUnmapped => OracleLayout.ReadOnly + OracleLayout.ReadOnlySize - before,
            Placement.FromUnmapped => OracleLayout.Scratch - before,
            Placement.Unmapped => OracleLayout.Scratch - 0x400 + (ulong)random.Below(256),
            Placement.IntoNonCanonical => EndOfLowerHalf - before,
            Placement.NonCanonical => random.OneIn(2) ? EndOfLowerHalf + (ulong)random.Below(64) : 0x1234_5678_9ABC_DE00 + (ulong)random.Below(64),
            _ => OracleLayout.Scratch + OracleLayout.OperandOffset + (ulong)(random.Below(16) * 16),
        };
    }
}
