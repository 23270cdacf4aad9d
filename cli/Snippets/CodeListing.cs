using System.Buffers.Binary;
using Iced.Intel;

namespace CoSim.Cli.Snippets;

/// <summary>The instructions of a snippet's code, from its first byte on.</summary>
internal sealed class CodeListing
{
    private readonly List<(int Offset, Instruction Instruction, ConstantOffsets Constants)> _instructions = [];
    private readonly Dictionary<int, int> _indices = [];
    private readonly SnippetRequest _request;
    private readonly ulong _ip;

    /// <summary>Decodes the code.</summary>
    public CodeListing(SnippetRequest request)
    {
        _request = request;
        // Instruction pointers are offsets in the code segment, which is not flat in real mode.
        _ip = request.Mode == BareMode.Real16 ? request.At & 0xFFFF : request.At;
        int bits = request.Mode switch { BareMode.Real16 => 16, BareMode.Protected32 => 32, _ => 64 };
        Decoder decoder = Decoder.Create(bits, request.Code, _ip, DecoderOptions.AMD);
        while (decoder.IP < _ip + (ulong)request.Code.Length)
        {
            int offset = (int)(decoder.IP - _ip);
            decoder.Decode(out Instruction instruction);
            if (instruction.IsInvalid)
                return;
            _indices[offset] = _instructions.Count;
            _instructions.Add((offset, instruction, decoder.GetConstantOffsets(instruction)));
        }
        IsComplete = true;
    }

    /// <summary>All bytes belong to instructions.</summary>
    public bool IsComplete { get; }

    /// <summary>How many instructions were found.</summary>
    public int Count => _instructions.Count;

    /// <summary>The offset in the code that an instruction pointer, in any copy, stands for.</summary>
    public int OffsetOf(ulong rip) => (int)((rip - _ip) % (ulong)_request.Code.Length);

    /// <summary>Whether an instruction pointer lies in one of the first copies of the code.</summary>
    public bool Covers(ulong rip, int copies) => rip - _ip < (ulong)_request.Code.Length * (ulong)copies;

    /// <summary>The instruction pointer of an offset in the first copy.</summary>
    public ulong AddressOf(int offset) => _ip + (ulong)offset;

    /// <summary>The copy that an instruction pointer lies in, from 0.</summary>
    public int CopyOf(ulong rip) => (int)((rip - _ip) / (ulong)_request.Code.Length);

    /// <summary>The number of the instruction at an offset; null where none starts.</summary>
    public int? IndexOf(int offset) => _indices.TryGetValue(offset, out int index) ? index : null;

    /// <summary>Bytes of the instruction at an offset; empty where none starts.</summary>
    public ReadOnlySpan<byte> BytesAt(int offset) =>
        IndexOf(offset) is { } index ? _request.Code.AsSpan(offset, _instructions[index].Instruction.Length) : [];

    /// <summary>Text of the instruction at an offset.</summary>
    public string TextAt(int offset)
    {
        if (IndexOf(offset) is not { } index)
            return "?";
        IntelFormatter formatter = new(new FormatterOptions
        {
            HexPrefix = "0x",
            HexSuffix = "",
            SmallHexNumbersInDecimal = true,
            SpaceAfterOperandSeparator = true,
            RipRelativeAddresses = true,
            BranchLeadingZeros = false,
        });
        StringOutput output = new();
        formatter.Format(_instructions[index].Instruction, output);
        return output.ToStringAndReset();
    }

    /// <summary>Lets a copy that lies further on refer to the same places outside the code as the original.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="distance">How far it lies behind the original, in bytes.</param>
    /// <returns>False when a displacement is too short for that.</returns>
    public bool Relocate(Span<byte> copy, int distance)
    {
        foreach ((int offset, Instruction instruction, ConstantOffsets constants) in _instructions)
        {
            if (instruction.IsIPRelativeMemoryOperand)
            {
                if (!Move(copy[(offset + constants.DisplacementOffset)..], constants.DisplacementSize, distance))
                    return false;
            }
            else if (instruction.Op0Kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64)
            {
                ulong target = instruction.NearBranchTarget - _ip;
                if (target > (ulong)_request.Code.Length && !Move(copy[(offset + constants.ImmediateOffset)..], constants.ImmediateSize, distance))
                    return false;
            }
        }
        return true;
    }

    private static bool Move(Span<byte> field, int size, int distance)
    {
        switch (size)
        {
            case 4:
                BinaryPrimitives.WriteInt32LittleEndian(field, unchecked(BinaryPrimitives.ReadInt32LittleEndian(field) - distance));
                return true;
            case 2:
                BinaryPrimitives.WriteInt16LittleEndian(field, unchecked((short)(BinaryPrimitives.ReadInt16LittleEndian(field) - distance)));
                return true;
            default:
                return false;
        }
    }
}
