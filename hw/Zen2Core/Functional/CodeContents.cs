namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>
/// Which code of a machine's memory was decoded at a moment. A store to a page with decoded code takes longer on the detailed engine than
/// one to another page, so that going back to a moment has to bring this back too.
/// </summary>
public sealed class CodeContents
{
    internal CodeContents(Block[] blocks, ulong[] pages)
    {
        Blocks = blocks;
        Pages = pages;
    }

    /// <summary>Bytes that this takes, without the blocks themselves.</summary>
    public long Bytes => (Blocks.LongLength + Pages.LongLength) * sizeof(ulong);

    /// <summary>The blocks in RAM that were good then. Their micro-ops may be gone by now.</summary>
    internal Block[] Blocks { get; }

    /// <summary>Numbers of the pages that were marked as holding code.</summary>
    internal ulong[] Pages { get; }
}
