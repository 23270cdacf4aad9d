using System.Globalization;
using CoSim.Guest.Symbols;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>Places of a run as users write them: SYMBOL, ADDRESS (0x and hexadecimal digits) or COUNT of instructions.</summary>
internal sealed class CodePlaces
{
    private readonly List<(string Name, Lazy<SymbolTable> Symbols)> _images = [];

    /// <summary>Adds the symbols of a program at its linked addresses.</summary>
    /// <param name="name">The image's name for messages.</param>
    /// <param name="file">An ELF file.</param>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public CodePlaces Add(string name, byte[] file)
    {
        ElfImage image = KernelNames.Image(name, file);
        _images.Add((name, new Lazy<SymbolTable>(() => image.Symbols)));
        return this;
    }

    /// <summary>Adds the symbols of a kernel, ours or Linux, at its linked addresses; they are looked for when a place needs them.</summary>
    /// <param name="name">The image's name for messages.</param>
    /// <param name="file">A vmlinux.</param>
    /// <param name="systemMap">Path of its System.map; null for the symbols in the file.</param>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public CodePlaces AddKernel(string name, byte[] file, string? systemMap)
    {
        ElfImage image = KernelNames.Image(name, file);
        _images.Add((name, new Lazy<SymbolTable>(() => KernelNames.Read(image, systemMap))));
        return this;
    }

    /// <summary>Adds an image's symbols if it is an ELF file that has them in a form that is read here; any other file has none.</summary>
    public CodePlaces AddIfReadable(string name, byte[] file)
    {
        try
        {
            return Add(name, file);
        }
        catch (BadInputException)
        {
            // A 32-bit or a flat kernel: its places are addresses and counts.
            return this;
        }
    }

    /// <summary>Finds a place.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="word">What the user wrote.</param>
    /// <exception cref="BadInputException">No image has the symbol, or several functions have that name.</exception>
    public RunPlace Resolve(string option, string word)
    {
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address)
                ? RunPlace.AtAddress(address)
                : throw new BadInputException($"{option} '{word}'", "an address is 0x and up to 16 hexadecimal digits");
        }
        if (word.Length > 0 && char.IsAsciiDigit(word[0]))
        {
            return ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
                ? RunPlace.AtInstruction(count)
                : throw new BadInputException($"{option} '{word}'", "a count of instructions is a whole number below 2^64");
        }
        return RunPlace.AtAddress(Symbol(option, word));
    }

    /// <summary>A symbol's address: by its full name first, a global one before local ones, then by the short name that listings show.</summary>
    private ulong Symbol(string option, string word)
    {
        try
        {
            foreach ((_, Lazy<SymbolTable> symbols) in _images)
                if (symbols.Value.Find(word) is { } symbol)
                    return symbol.IsGlobal ? symbol.Address : Only(option, word, symbols.Value.Named(word));
            return Only(option, word, _images.SelectMany(i => i.Symbols.Value.All).Where(s => s.DisplayName == word));
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException($"{option} '{word}'", e.Message);
        }
    }

    private ulong Only(string option, string word, IEnumerable<CodeSymbol> symbols)
    {
        ulong[] found = [.. symbols.Select(s => s.Address).Distinct()];
        return found.Length switch
        {
            1 => found[0],
            0 when _images.Count == 0 => throw new BadInputException($"{option} '{word}'", "the kernel has no symbols; name an address or a count of instructions"),
            0 => throw new BadInputException($"{option} '{word}'", $"no such symbol in {string.Join(" or ", _images.Select(i => i.Name))}"),
            _ => throw new BadInputException($"{option} '{word}'", $"{found.Length} functions have that name: {string.Join(", ", found.Select(a => $"0x{a:x}"))}"),
        };
    }
}
