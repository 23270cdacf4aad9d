using System.Globalization;
using CoSim.Guest.Symbols;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>Places of a run as users write them: SYMBOL, ADDRESS (0x and hexadecimal digits) or COUNT of instructions.</summary>
internal sealed class CodePlaces
{
    private readonly List<ElfImage> _images = [];

    /// <summary>Adds the symbols of an image at its linked addresses.</summary>
    /// <param name="name">The image's name for messages.</param>
    /// <param name="file">An ELF file.</param>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public CodePlaces Add(string name, byte[] file)
    {
        try
        {
            _images.Add(ElfImage.Read(name, file));
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException(name, e.Message);
        }
        return this;
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

    /// <summary>A symbol's address: by its full name first, then by the short name that listings show.</summary>
    private ulong Symbol(string option, string word)
    {
        try
        {
            foreach (ElfImage image in _images)
                if (image.Symbols.Find(word) is { } symbol)
                    return symbol.Address;
            ulong[] found = [.. _images.SelectMany(i => i.Symbols.All).Where(s => s.DisplayName == word).Select(s => s.Address).Distinct()];
            return found.Length switch
            {
                1 => found[0],
                0 => throw new BadInputException($"{option} '{word}'", $"no such symbol in {string.Join(" or ", _images.Select(i => i.Name))}"),
                _ => throw new BadInputException($"{option} '{word}'", $"{found.Length} functions have that name: {string.Join(", ", found.Select(a => $"0x{a:x}"))}"),
            };
        }
        catch (ImageFormatException e)
        {
            throw new BadInputException($"{option} '{word}'", e.Message);
        }
    }
}
