using CoSim.Cli.Study;
using CoSim.Guest.Symbols;

namespace CoSim.Cli.Running;

/// <summary>Names the addresses of a guest: the images of its kernel, its programs and its vDSO, where they lie in its memory.</summary>
internal sealed class GuestCodeMap : ICodeMap
{
    /// <summary>Where the build places the checkout in line tables.</summary>
    private const string SourceRoot = "/cosim/";

    private readonly List<CodeImage> _images = [];
    private readonly InstructionText _text;

    /// <summary>A map without images.</summary>
    public GuestCodeMap() => _text = new InstructionText(FindSymbol);

    /// <summary>Adds an image with the symbols of its own file.</summary>
    /// <param name="elf">The file; its name is the image's.</param>
    /// <param name="bias">What is added to linked addresses.</param>
    public void Add(ElfImage elf, ulong bias) => Add(elf, elf.Symbols, bias);

    /// <summary>Adds an image with symbols from elsewhere.</summary>
    /// <param name="elf">The file; its name is the image's.</param>
    /// <param name="symbols">Its symbols at linked addresses.</param>
    /// <param name="bias">What is added to linked addresses.</param>
    public void Add(ElfImage elf, SymbolTable symbols, ulong bias) => _images.Add(new CodeImage(elf, symbols, bias));

    /// <inheritdoc/>
    public CodeLocation Locate(ulong address, byte[] memory)
    {
        if (_images.Find(i => i.Contains(address)) is not { } image)
        {
            (byte[] unnamed, string what) = _text.Format(memory, address);
            return new CodeLocation("", "", 0, "", 0, unnamed, what);
        }
        ulong linked = address - image.Bias;
        byte[] code = memory.Length > 0 ? memory : image.Elf.BytesAt(linked, ICodeReader.LongestInstruction).ToArray();
        (byte[] bytes, string text) = _text.Format(code, address);
        CodeSymbol? symbol = image.SymbolAt(address);
        SourceLine line = image.Elf.Lines.Find(linked) ?? new SourceLine("", 0);
        string file = line.File.StartsWith(SourceRoot, StringComparison.Ordinal) ? line.File[SourceRoot.Length..] : line.File;
        return new CodeLocation(image.Elf.Name, symbol?.DisplayName ?? "", linked - (symbol?.Address ?? image.Start), file, line.Line, bytes, text);
    }

    /// <summary>The function that an address lies in; null when unknown.</summary>
    private (CodeSymbol Symbol, ulong Address)? FindSymbol(ulong address) =>
        _images.Find(i => i.Contains(address)) is { } image && image.SymbolAt(address) is { } symbol ? (symbol, symbol.Address + image.Bias) : null;
}
