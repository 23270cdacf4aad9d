using CoSim.Cli.Study;
using CoSim.Guest.Symbols;
using CoSim.Os.Loader;
using Iced.Intel;

namespace CoSim.Cli.Running;

/// <summary>Names the addresses of our guest: kernel and programs at their linked addresses, the vDSO where the kernel mapped it.</summary>
internal sealed class GuestCodeMap : ICodeMap
{
    private const int LongestInstruction = 15;
    private const ulong KernelHalf = 1UL << 63;

    /// <summary>Where the build places the checkout in line tables.</summary>
    private const string SourceRoot = "/cosim/";

    private readonly List<(ElfImage Image, ulong Bias)> _images = [];
    private readonly Formatter _formatter;

    private GuestCodeMap() => _formatter = new IntelFormatter(
        new FormatterOptions
        {
            HexPrefix = "0x",
            HexSuffix = "",
            SmallHexNumbersInDecimal = true,
            SpaceAfterOperandSeparator = true,
            RipRelativeAddresses = true,
            BranchLeadingZeros = false,
        },
        new BranchTargets(this));

    /// <summary>Loads the images of a study.</summary>
    /// <param name="images">The built images.</param>
    /// <param name="spans">The measurements: they tell where the vDSO is.</param>
    public static GuestCodeMap Load(GuestImages images, SpanCollector spans)
    {
        GuestCodeMap map = new();
        map.Add("kernel", images.KernelPath, 0);
        map.Add("clockstudy", images.ProgramPath("clockstudy"), 0);
        if (map.FindVdso(spans) is { } page && File.Exists(images.VdsoPath))
            map.Add("vdso", images.VdsoPath, page);
        return map;
    }

    /// <inheritdoc/>
    public CodeLocation Locate(ulong address)
    {
        foreach ((ElfImage image, ulong bias) in _images)
        {
            ulong linked = address - bias;
            ReadOnlySpan<byte> code = image.BytesAt(linked, LongestInstruction);
            if (code.IsEmpty)
                continue;
            (byte[] bytes, string text) = Decode(code.ToArray(), address);
            CodeSymbol? symbol = image.Symbols.Find(linked);
            SourceLine line = image.Lines.Find(linked) ?? new SourceLine("", 0);
            string file = line.File.StartsWith(SourceRoot, StringComparison.Ordinal) ? line.File[SourceRoot.Length..] : line.File;
            return new CodeLocation(image.Name, symbol?.DisplayName ?? "", linked - (symbol?.Address ?? linked), file, line.Line, bytes, text);
        }
        return new CodeLocation("", "", 0, "", 0, [], "");
    }

    /// <summary>The function that an address lies in; null when unknown.</summary>
    private (CodeSymbol Symbol, ulong Address)? FindSymbol(ulong address)
    {
        foreach ((ElfImage image, ulong bias) in _images)
            if (!image.BytesAt(address - bias, 1).IsEmpty)
                return image.Symbols.Find(address - bias) is { } symbol ? (symbol, symbol.Address + bias) : null;
        return null;
    }

    private void Add(string name, string path, ulong bias)
    {
        if (File.Exists(path))
            _images.Add((ElfImage.Read(name, File.ReadAllBytes(path)), bias));
    }

    /// <summary>
    /// The page that the vDSO starts at: no other image has user code besides the workload, and the vDSO's code begins in its
    /// first page.
    /// </summary>
    private ulong? FindVdso(SpanCollector spans)
    {
        const ulong pageMask = ~0xFFFUL;
        ulong? lowest = null;
        foreach (ConfigurationProfile profile in spans.Profiles.Where(p => p.Configuration.Path == CallPath.Vdso))
            foreach (InstructionProfile instruction in profile.Instructions)
                if (instruction.Address < KernelHalf && !_images.Any(i => !i.Image.BytesAt(instruction.Address - i.Bias, 1).IsEmpty) && (lowest == null || instruction.Address < lowest))
                    lowest = instruction.Address;
        return lowest & pageMask;
    }

    private (byte[] Bytes, string Text) Decode(byte[] bytes, ulong address)
    {
        Decoder decoder = Decoder.Create(64, bytes, address);
        decoder.Decode(out Instruction instruction);
        if (instruction.IsInvalid)
            return ([], "");
        StringOutput output = new();
        _formatter.Format(instruction, output);
        return (bytes[..instruction.Length], output.ToStringAndReset());
    }

    /// <summary>Shows where branches go by name.</summary>
    private sealed class BranchTargets(GuestCodeMap map) : ISymbolResolver
    {
        public bool TryGetSymbol(in Instruction instruction, int operand, int instructionOperand, ulong address, int addressSize, out SymbolResult symbol)
        {
            symbol = default;
            if (instruction.FlowControl == FlowControl.Next || map.FindSymbol(address) is not { } found)
                return false;
            // The formatter writes the difference between the address and the symbol's behind the name.
            symbol = new SymbolResult(found.Address, found.Symbol.DisplayName);
            return true;
        }
    }
}
