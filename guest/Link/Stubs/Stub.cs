using Iced.Intel;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Where a stub lives in the image.</summary>
public enum StubPlace
{
    /// <summary>With the image's code.</summary>
    Text,
    /// <summary>Code and data used before paging: at a physical address (kernel) or in the last 4 KiB of flash (firmware).</summary>
    Boot,
    /// <summary>Zeroed memory next to the boot code, at a physical address.</summary>
    BootZero,
    /// <summary>Zeroed memory of the image.</summary>
    Zero,
    /// <summary>The sixteen bytes at FFFFFFF0h.</summary>
    ResetVector,
}

/// <summary>
/// Code that C# cannot express, assembled by the linker and pulled into an image only when something refers to one of its
/// symbols.
/// </summary>
public sealed class Stub
{
    /// <summary>The symbols that the stub defines; the first is at its start.</summary>
    public required string[] Names { get; init; }
    /// <summary>Symbols that the stub itself refers to.</summary>
    public string[] Needs { get; init; } = [];
    /// <summary>Where the stub goes.</summary>
    public StubPlace Place { get; init; } = StubPlace.Text;
    /// <summary>16, 32 or 64: the mode in which the code starts.</summary>
    public int Bits { get; init; } = 64;
    /// <summary>Alignment in bytes.</summary>
    public int Alignment { get; init; } = 16;
    /// <summary>Length of a block of zeroed memory, in bytes; 0 for code.</summary>
    public int ZeroSize { get; init; }
    /// <summary>Whether the body may stand in place of a call of it (it then must not use the stack).</summary>
    public bool Inline { get; init; }
    /// <summary>Writes the code; an inline stub leaves out the final RET.</summary>
    public Action<StubWriter> Emit { get; init; } = _ => { };

    /// <summary>The code of an inline stub.</summary>
    public byte[] InlineCode(ushort vectorMask)
    {
        StubWriter writer = new(Bits, _ => 0, vectorMask);
        Emit(writer);
        return writer.Assemble(0, out _);
    }
}

/// <summary>What a stub's code is written with.</summary>
public sealed class StubWriter(int bits, Func<string, ulong> resolve, ushort vectorMask)
{
    private readonly List<(string Name, Label Label)> _exports = [];

    /// <summary>The assembler.</summary>
    public Assembler Code { get; } = new(bits);

    /// <summary>The vector registers that the image's C# code uses, bit n for XMMn: what an entry from outside must preserve.</summary>
    public ushort VectorMask { get; } = vectorMask;

    /// <summary>The address of a symbol listed in <see cref="Stub.Needs"/>, or of one of the linker's own.</summary>
    public ulong Address(string symbol) => resolve(symbol);

    /// <summary>Defines a further symbol at the next instruction.</summary>
    public void Export(string name)
    {
        Label label = Code.CreateLabel();
        Code.Label(ref label);
        _exports.Add((name, label));
    }

    /// <summary>Assembles to bytes; gives the offsets of the exported symbols.</summary>
    public byte[] Assemble(ulong at, out List<(string Name, ulong Offset)> exports)
    {
        exports = [];
        if (Code.Instructions.Count == 0) return [];
        MemoryStream bytes = new();
        AssemblerResult result = Code.Assemble(new StreamCodeWriter(bytes), at, BlockEncoderOptions.ReturnNewInstructionOffsets);
        foreach ((string name, Label label) in _exports) exports.Add((name, result.GetLabelRIP(label) - at));
        return bytes.ToArray();
    }
}
