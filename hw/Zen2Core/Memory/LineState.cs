namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>MOESI state of a 64-byte line in one cache (AMD64 APM volume 2, section 7.3, revision 3.33).</summary>
public enum LineState : byte
{
    /// <summary>Not here.</summary>
    Invalid,

    /// <summary>Readable; others may hold it too.</summary>
    Shared,

    /// <summary>Readable and dirty; others may hold it shared; this cache answers for it.</summary>
    Owned,

    /// <summary>The only copy, clean: may become <see cref="Modified"/> without asking.</summary>
    Exclusive,

    /// <summary>The only copy, dirty.</summary>
    Modified,
}

/// <summary>Where a memory access was answered from: the cause its waiting cycles are attributed to.</summary>
public enum MemoryLevel : byte
{
    /// <summary>First-level cache, or the store queue.</summary>
    L1,

    /// <summary>Second-level cache.</summary>
    L2,

    /// <summary>The complex's third-level cache, or another core in the same complex.</summary>
    L3,

    /// <summary>DRAM.</summary>
    Dram,

    /// <summary>A cache of another complex.</summary>
    Remote,
}
