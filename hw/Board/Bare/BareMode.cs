namespace CoSim.Hw.Board;

/// <summary>Operating modes of a <see cref="BareCore"/>.</summary>
public enum BareMode
{
    /// <summary>Real mode: linear addresses are physical ones, all of 0 to 10FFFFh is RAM, nothing is paged.</summary>
    Real16,

    /// <summary>Protected mode with flat 32-bit segments and PAE paging.</summary>
    Protected32,

    /// <summary>64-bit mode with four-level paging.</summary>
    Long64,
}

/// <summary>What may be done with the pages of a mapping. Pages can always be read (AMD APM vol. 2, 5.6).</summary>
[Flags]
public enum BareAccess
{
    /// <summary>Read only.</summary>
    Read = 0,

    /// <summary>May be written.</summary>
    Write = 1,

    /// <summary>May be executed.</summary>
    Execute = 2,

    /// <summary>Not at privilege level 3.</summary>
    Supervisor = 4,
}

/// <summary>Why <see cref="BareCore.Run"/> returned.</summary>
public enum BareStop
{
    /// <summary>An address of the caller's was reached.</summary>
    Address,

    /// <summary>The core halted, or waits by MWAIT; nothing will ever wake it.</summary>
    Halted,

    /// <summary>An exception or software interrupt came up: <see cref="BareCore.Exception"/>.</summary>
    Exception,

    /// <summary>The limit of instructions was reached.</summary>
    Limit,

    /// <summary>The core shut down.</summary>
    Shutdown,

    /// <summary>Somebody asked the engine to stop.</summary>
    Requested,
}

/// <summary>An exception or software interrupt that ended a run before it was delivered.</summary>
/// <param name="Vector">0 to 255.</param>
/// <param name="ErrorCode">Null for vectors without one.</param>
/// <param name="Software">INT n, INT3 or INTO, not an exception.</param>
/// <param name="Rip">What delivery would save: the instruction at fault, or the one behind a trap or software interrupt.</param>
/// <param name="Cr2">The address of a page fault; null for everything else.</param>
public sealed record BareException(uint Vector, uint? ErrorCode, bool Software, ulong Rip, ulong? Cr2);
