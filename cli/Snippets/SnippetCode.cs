using CoSim.Guest.Symbols;
using CoSim.Os.Loader;

namespace CoSim.Cli.Snippets;

/// <summary>The bytes of a snippet, and what their source says about them.</summary>
/// <param name="Bytes">Machine code.</param>
/// <param name="Address">Where it goes: as the user said, or as it was linked.</param>
/// <param name="Name">The symbol; null for other sources.</param>
internal sealed record SnippetCode(byte[] Bytes, ulong Address, string? Name)
{
    /// <summary>Reads the code from the one source that is given.</summary>
    public static SnippetCode Read(SnippetWords words, BareMode mode, ulong at, bool atIsGiven, SnippetPlace place)
    {
        (string Option, string? Word)[] sources =
            [("CODE", words.Code), ("binary", words.Binary), ("elf", words.Elf), ("asm", words.Asm), ("asm-file", words.AsmFile)];
        (string Option, string? Word)[] given = [.. sources.Where(s => s.Word is not null)];
        if (given.Length == 0)
            throw place.Wrong("CODE", null, "there is no code: give hexadecimal bytes, or one of binary, elf, asm, asm-file");
        if (given.Length > 1)
            throw place.Wrong(given[1].Option, null, "the code comes from one source only");
        if (words.Symbol is not null && words.Elf is null)
            throw place.Wrong("symbol", words.Symbol, "needs an ELF file");
        string word = given[0].Word!;
        switch (given[0].Option)
        {
            case "CODE":
                return HexBytes.TryParse(word, out byte[] bytes, out string? problem) ? new(bytes, at, null) : throw place.Wrong("CODE", word, problem!);
            case "binary":
                return new(InputFile.Read(word), at, null);
            case "elf":
                return Symbol(words, word, at, atIsGiven, place);
            case "asm":
                return new(HostAssembler.Assemble(word.Replace(';', '\n'), "asm", mode, at, words.Assembler, place), at, null);
            default:
                string text = System.Text.Encoding.UTF8.GetString(InputFile.Read(word));
                return new(HostAssembler.Assemble(text, "asm-file", mode, at, words.Assembler, place), at, null);
        }
    }

    private static SnippetCode Symbol(SnippetWords words, string file, ulong at, bool atIsGiven, SnippetPlace place)
    {
        if (words.Symbol is not { } name)
            throw place.Wrong("elf", file, "name a function of it with symbol");
        try
        {
            ElfImage image = ElfImage.Read(file, InputFile.Read(file));
            if (image.Header.Type == ElfHeader.Relocatable)
                throw place.Wrong("elf", file, "an object file has no addresses; link it first");
            CodeSymbol symbol = image.Symbols.Find(name) ?? throw place.Wrong("symbol", name, $"no such symbol in {file}");
            ulong length = symbol.Size;
            if (length == 0)
            {
                // Without a size the function reaches to the next symbol.
                ulong next = image.Symbols.All.Select(s => s.Address).FirstOrDefault(a => a > symbol.Address);
                length = next > symbol.Address ? next - symbol.Address : int.MaxValue;
            }
            byte[] bytes = image.BytesAt(symbol.Address, (int)Math.Min(length, int.MaxValue)).ToArray();
            return bytes.Length == 0
                ? throw place.Wrong("symbol", name, "has no bytes in the file")
                : new SnippetCode(bytes, atIsGiven ? at : symbol.Address, name);
        }
        catch (ImageFormatException e)
        {
            throw place.Wrong("elf", null, e.Message);
        }
    }
}
