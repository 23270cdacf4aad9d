namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>
/// The pipe that a micro-op went to: four ALUs, three address generators (0 and 1 for loads, 2 for stores) and four
/// floating-point pipes (AnandTech 14525; WikiChip, Zen 2).
/// </summary>
public enum ExecutionPort : byte
{
    /// <summary>None: it needs no pipe, or it is carried out when it is the oldest.</summary>
    None,

    /// <summary>ALU 0, which takes branches too.</summary>
    Alu0,

    /// <summary>ALU 1, which multiplies too.</summary>
    Alu1,

    /// <summary>ALU 2, which divides too.</summary>
    Alu2,

    /// <summary>ALU 3.</summary>
    Alu3,

    /// <summary>Address generator 0: loads.</summary>
    Agu0,

    /// <summary>Address generator 1: loads.</summary>
    Agu1,

    /// <summary>Address generator 2: stores.</summary>
    Agu2,

    /// <summary>Floating-point pipe 0.</summary>
    Fp0,

    /// <summary>Floating-point pipe 1.</summary>
    Fp1,

    /// <summary>Floating-point pipe 2.</summary>
    Fp2,

    /// <summary>Floating-point pipe 3.</summary>
    Fp3,
}

/// <summary>Facts about <see cref="ExecutionPort"/>.</summary>
public static class ExecutionPorts
{
    /// <summary>How many values there are, <see cref="ExecutionPort.None"/> included.</summary>
    public const int Count = (int)ExecutionPort.Fp3 + 1;
}
