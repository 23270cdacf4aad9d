using CoSim.Guest.Symbols;
using Iced.Intel;

namespace CoSim.Cli.Running;

/// <summary>Instructions as text in Intel syntax; branches show where they go by name.</summary>
internal sealed class InstructionText : ISymbolResolver
{
    private readonly Func<ulong, (CodeSymbol Symbol, ulong Address)?> _symbolAt;
    private readonly IntelFormatter _formatter;

    /// <summary>A formatter.</summary>
    /// <param name="symbolAt">Finds the function that an address lies in, and where that begins.</param>
    public InstructionText(Func<ulong, (CodeSymbol Symbol, ulong Address)?> symbolAt)
    {
        _symbolAt = symbolAt;
        _formatter = new IntelFormatter(
            new FormatterOptions
            {
                HexPrefix = "0x",
                HexSuffix = "",
                SmallHexNumbersInDecimal = true,
                SpaceAfterOperandSeparator = true,
                RipRelativeAddresses = true,
                BranchLeadingZeros = false,
            },
            this);
    }

    /// <summary>The first instruction: its own bytes and its text, both empty when there is none.</summary>
    /// <param name="bytes">64-bit code.</param>
    /// <param name="address">Its linear address.</param>
    public (byte[] Bytes, string Text) Format(byte[] bytes, ulong address) => Format(bytes, address, 64);

    /// <summary>The first instruction: its own bytes and its text, both empty when there is none.</summary>
    /// <param name="bytes">Code.</param>
    /// <param name="address">Its offset in the code segment; in 64-bit code its linear address.</param>
    /// <param name="bits">16, 32 or 64.</param>
    public (byte[] Bytes, string Text) Format(byte[] bytes, ulong address, int bits)
    {
        Decoder decoder = Decoder.Create(bits, bytes, address);
        decoder.Decode(out Instruction instruction);
        if (instruction.IsInvalid)
            return ([], "");
        StringOutput output = new();
        _formatter.Format(instruction, output);
        return (bytes[..instruction.Length], output.ToStringAndReset());
    }

    /// <inheritdoc/>
    public bool TryGetSymbol(in Instruction instruction, int operand, int instructionOperand, ulong address, int addressSize, out SymbolResult symbol)
    {
        symbol = default;
        if (instruction.FlowControl == FlowControl.Next || _symbolAt(address) is not { } found)
            return false;
        // The formatter writes the difference between the address and the symbol's behind the name.
        symbol = new SymbolResult(found.Address, found.Symbol.DisplayName);
        return true;
    }
}
