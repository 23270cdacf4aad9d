namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>What happened at a step of a recorded path.</summary>
public enum PathStepKind : byte
{
    /// <summary>An instruction retired.</summary>
    Instruction,

    /// <summary>An interrupt was delivered in its place.</summary>
    Interrupt,

    /// <summary>An exception was delivered in its place.</summary>
    Exception,

    /// <summary>The core had waited, and went on.</summary>
    Wake,
}

/// <summary>One step of a recorded path.</summary>
public struct PathStep
{
    /// <summary>Its instruction's address (offset in CS).</summary>
    public ulong Rip;

    /// <summary>The recorded core cycle at which it was over.</summary>
    public ulong Cycle;

    /// <summary>What else is known of it; null for most.</summary>
    public PathDetails? Details;

    /// <summary>Number of its first operand in the path's list.</summary>
    internal long FirstOperand;

    /// <summary>Number of the recorded context in force; see <see cref="PathContext"/>.</summary>
    internal int Context;

    /// <summary>Cycles until the first instruction behind a wait can be fetched.</summary>
    internal int Delay;

    /// <summary>What happened.</summary>
    public PathStepKind Kind;

    /// <summary>How many operands in memory it has.</summary>
    public byte Operands;
}

/// <summary>What is seldom known of a step.</summary>
public sealed class PathDetails
{
    /// <summary>Runs of its microcode, in order.</summary>
    public List<MicrocodeRun> Microcode { get; } = [];

    /// <summary>Translations that it dropped; null for all.</summary>
    public List<ulong?> Flushes { get; } = [];

    /// <summary>Cycles that its load from a device was charged; null when it reads none.</summary>
    public ulong? DeviceRead { get; set; }

    /// <summary>Its store goes to a device.</summary>
    public bool DeviceStore { get; set; }

    /// <summary>Cycles for its quotient; null when it is as before.</summary>
    public int? Divide { get; set; }

    /// <summary>It stored to a page with decoded code, and whether it changed some.</summary>
    public (bool Stored, bool Changed) Code { get; set; }
}

/// <summary>What of the architectural state decides how code is fetched and dispatched.</summary>
/// <param name="CodeBase">Added to instruction pointers: the base of CS outside 64-bit mode, otherwise 0.</param>
/// <param name="IsLong">64-bit mode: linear addresses are not cut to 32 bits.</param>
/// <param name="Paging">Linear addresses are translated.</param>
/// <param name="LoadFenceSerialises">LFENCE stops dispatch (DE_CFG bit 1).</param>
public readonly record struct PathContext(ulong CodeBase, bool IsLong, bool Paging, bool LoadFenceSerialises);
