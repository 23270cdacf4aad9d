using System.Buffers.Binary;
using CoSim.Traces.Format;
using Iced.Intel;

namespace CoSim.Traces.Profile;

/// <summary>The instructions that `code` events have told so far, by address.</summary>
public sealed class CodeBook
{
    private readonly Dictionary<ulong, Instruction> _instructions = [];
    private readonly IntelFormatter _formatter = new(new FormatterOptions
    {
        HexPrefix = "0x",
        HexSuffix = "",
        SmallHexNumbersInDecimal = true,
        SpaceAfterOperandSeparator = true,
        RipRelativeAddresses = true,
        BranchLeadingZeros = false,
    });

    /// <summary>Learns from a `code` event; other kinds are passed over.</summary>
    public void Take(in TraceEvent e)
    {
        if (e.Kind.Name != "code")
            return;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, e.Number("low"));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], e.Number("high"));
        int bits = e.Number("bits") is 16 or 32 ? (int)e.Number("bits") : 64;
        int length = (int)Math.Min(e.Number("length"), 15);
        Decoder decoder = Decoder.Create(bits, bytes[..length].ToArray(), e.Number("rip"));
        decoder.Decode(out Instruction instruction);
        _instructions[e.Number("rip")] = instruction;
    }

    /// <summary>How an instruction goes on: to the next one when it is not known.</summary>
    public FlowControl FlowOf(ulong rip) => _instructions.TryGetValue(rip, out Instruction instruction) ? instruction.FlowControl : FlowControl.Next;

    /// <summary>The instruction's length in bytes; 0 when it is not known.</summary>
    public int LengthOf(ulong rip) => _instructions.TryGetValue(rip, out Instruction instruction) ? instruction.Length : 0;

    /// <summary>The instruction in Intel syntax; empty when it is not known.</summary>
    public string TextOf(ulong rip)
    {
        if (!_instructions.TryGetValue(rip, out Instruction instruction) || instruction.IsInvalid)
            return "";
        StringOutput output = new();
        _formatter.Format(in instruction, output);
        return output.ToStringAndReset();
    }
}
