namespace CoSim.Os.Loader;

/// <summary>A part of a program in physical memory.</summary>
/// <param name="Address">Its first byte's physical address.</param>
/// <param name="Bytes">What is loaded.</param>
/// <param name="Length">Its length in memory; what is beyond <paramref name="Bytes"/> is zero.</param>
public readonly record struct ProgramPart(ulong Address, ReadOnlyMemory<byte> Bytes, ulong Length)
{
    /// <summary>One past its last byte.</summary>
    public ulong End => Address + Length;
}

/// <summary>A program that runs at physical addresses: a kernel as its file says that it is to be loaded.</summary>
/// <param name="Parts">Its parts; they do not overlap.</param>
/// <param name="Entry">Where it starts.</param>
public sealed record LoadedProgram(IReadOnlyList<ProgramPart> Parts, ulong Entry)
{
    /// <summary>One past the last byte of all parts.</summary>
    public ulong End => Parts.Max(p => p.End);

    /// <summary>The parts that bring bytes along.</summary>
    public IEnumerable<MemoryPiece> Pieces => Parts.Where(p => !p.Bytes.IsEmpty).Select(p => new MemoryPiece(p.Address, p.Bytes));

    /// <summary>What the parts have beyond their bytes.</summary>
    public IEnumerable<ZeroedMemory> Zeroed =>
        Parts.Where(p => p.Length > (ulong)p.Bytes.Length).Select(p => new ZeroedMemory(p.Address + (ulong)p.Bytes.Length, p.Length - (ulong)p.Bytes.Length));

    /// <summary>Whether any part uses some of a range.</summary>
    public bool Overlaps(ulong start, ulong end) => Parts.Any(p => p.Address < end && start < p.End);

    /// <summary>Checks that there is memory for every part and that the entry is inside of one.</summary>
    /// <param name="file">The program's file, for messages.</param>
    /// <param name="layout">The machine's memory.</param>
    /// <exception cref="BadInputException">It is not so.</exception>
    public LoadedProgram Check(string file, MemoryLayout layout)
    {
        foreach (ProgramPart part in Parts)
        {
            if (!layout.CanLoad(part.Address, part.Length))
                throw new BadInputException(file, $"segment at {part.Address:X}h", $"{part.Length} bytes do not fit into the machine's memory there; it ends at {layout.Reclaimable:X}h");
        }

        if (!Overlaps(Entry, Entry + 1))
            throw new BadInputException(file, "entry point", $"{Entry:X}h is in no loaded segment");
        ProgramPart[] ascending = [.. Parts.OrderBy(p => p.Address)];
        for (int n = 1; n < ascending.Length; n++)
        {
            if (ascending[n].Address < ascending[n - 1].End)
                throw new BadInputException(file, $"segment at {ascending[n].Address:X}h", $"overlaps the one at {ascending[n - 1].Address:X}h");
        }

        return this;
    }
}
