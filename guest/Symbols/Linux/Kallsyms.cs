using System.Text;

namespace CoSim.Guest.Symbols.Linux;

/// <summary>
/// The symbols that a Linux kernel carries for itself (CONFIG_KALLSYMS), found in a stripped vmlinux by the shape of their tables.
/// Formats of Linux 4.20 to 6.x: kernel/kallsyms.c and scripts/kallsyms.c of those versions.
/// </summary>
public static class Kallsyms
{
    /// <summary>Below this there are no kernel symbols but offsets of per-CPU variables and constants (Documentation/x86/x86_64/mm.rst).</summary>
    private const ulong KernelHalf = 0xFFFF_8000_0000_0000;

    /// <summary>Reads the symbols.</summary>
    /// <param name="vmlinux">All bytes of the file.</param>
    /// <returns>The symbols at their linked addresses; none when the kernel was built without them.</returns>
    public static IReadOnlyList<CodeSymbol> Read(ReadOnlySpan<byte> vmlinux)
    {
        if (TokenTable.Find(vmlinux) is not { } tokens || NameTable.Find(vmlinux, tokens.Start) is not { } names
            || AddressTable.Read(vmlinux, names, tokens.End) is not { } addresses)
            return [];
        List<CodeSymbol> symbols = new(names.Count);
        StringBuilder name = new();
        int at = names.Start;
        foreach (ulong address in addresses)
        {
            int length = NameTable.TakeLength(vmlinux, ref at);
            name.Clear();
            foreach (byte token in vmlinux.Slice(at, length))
                name.Append(tokens.Text(token));
            at += length;
            if (address >= KernelHalf && name.Length > 1)
                symbols.Add(NmSymbol.Create(address, name[0], name.ToString(1, name.Length - 1)));
        }
        return symbols;
    }
}
