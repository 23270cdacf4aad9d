using CoSim.Guest.Symbols;

namespace CoSim.Cli.Running;

/// <summary>An image somewhere in the guest's address space.</summary>
/// <param name="Elf">Its file.</param>
/// <param name="Symbols">Its symbols, at linked addresses.</param>
/// <param name="Bias">What is added to linked addresses, modulo 2^64.</param>
internal sealed record CodeImage(ElfImage Elf, SymbolTable Symbols, ulong Bias)
{
    /// <summary>The lowest linked address.</summary>
    public ulong Start { get; } = Elf.Segments.Where(s => s.Type == ElfProgramHeader.Load).Select(s => s.VirtualAddress).DefaultIfEmpty().Min();

    /// <summary>Whether an address of the guest lies in it.</summary>
    public bool Contains(ulong address) => !Elf.BytesAt(address - Bias, 1).IsEmpty;

    /// <summary>The symbol of an address of the guest; null when unknown.</summary>
    public CodeSymbol? SymbolAt(ulong address) => Symbols.Find(address - Bias);
}
