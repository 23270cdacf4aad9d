using CoSim.Guest.Symbols;
using CoSim.Guest.Symbols.Linux;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>Symbols of a kernel of the user's own.</summary>
internal static class KernelNames
{
    /// <summary>Where SYSCALL enters Linux in 64-bit mode: LSTAR holds its address.</summary>
    public const string SystemCallEntry = "entry_SYSCALL_64";

    /// <summary>Reads a kernel's file.</summary>
    /// <exception cref="BadInputException">It is damaged.</exception>
    public static ElfImage Image(string name, byte[] file)
    {
        try
        {
            return ElfImage.Read(name, file);
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException(name, e.Place, e.Cause);
        }
    }

    /// <summary>The kernel's symbols: of its System.map, of its symbol table, or of its kallsyms.</summary>
    /// <param name="kernel">The vmlinux.</param>
    /// <param name="systemMap">The map's path; null for none.</param>
    /// <exception cref="BadInputException">The map cannot be read, or is another kernel's.</exception>
    public static SymbolTable Read(ElfImage kernel, string? systemMap)
    {
        try
        {
            SymbolTable own = KernelSymbols.Of(kernel);
            if (systemMap is null)
                return own;
            SymbolTable map = new(SystemMap.Read(systemMap, InputFile.Read(systemMap)));
            ulong? there = map.Find(SystemCallEntry)?.Address, here = own.Find(SystemCallEntry)?.Address;
            return there == null || here == null || there == here ? map : throw new BadInputException(
                systemMap, $"is another kernel's: {SystemCallEntry} is at {there:x} there and at {here:x} in {kernel.Name}");
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException(e.File, e.Place, e.Cause);
        }
    }

    /// <summary>The vDSO in a kernel's file; null when there is none.</summary>
    /// <exception cref="BadInputException">It is damaged.</exception>
    public static ElfImage? Vdso(ElfImage kernel)
    {
        try
        {
            return KernelSymbols.Vdso(kernel);
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException(kernel.Name, $"{e.File}: {e.Place}", e.Cause);
        }
    }
}
