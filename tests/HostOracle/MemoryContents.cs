using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>What stands in the scratch memory before a case.</summary>
internal static unsafe class MemoryContents
{
    /// <summary>Offset of an address in the scratch memory, or null when <paramref name="size"/> bytes from there do not fit.</summary>
    public static int? Offset(ulong address, int size)
    {
        ulong offset = address - OracleLayout.Scratch;
        return offset <= (ulong)(OracleLayout.ScratchSize - size) ? (int)offset : null;
    }

    /// <summary>Fills what the instruction is likely to touch.</summary>
    public static void Fill(in Instruction instruction, CaseRandom random, ulong target, in MachineImage image, Span<byte> scratch)
    {
        int length = instruction.MemorySize.GetSize() > 64 || CaseFactory.IsStateImage(instruction.Mnemonic) ? 1280 : 512;
        Span<byte> operands = Around(scratch, target, length);
        EdgeValues.FillLanes(random, operands);
        if (instruction.MemorySize is MemorySize.Float80 or MemorySize.Bcd && Offset(target, 16) is int at)
        {
            for (int i = at & 15; i + 16 <= operands.Length; i += 16)
                EdgeValues.FillExtended(random, operands[i..]);
        }

        MachineImage copy = image;
        EdgeValues.FillLanes(random, Around(scratch, copy.Gpr[4], 192));
    }

    // A multiple of 8 bytes around an address, as far as it lies in the scratch memory.
    private static Span<byte> Around(Span<byte> scratch, ulong address, int length)
    {
        long start = Math.Clamp(((long)(address - OracleLayout.Scratch) & ~15L) - 64, 0, OracleLayout.ScratchSize);
        long end = Math.Clamp(start + length, 0, OracleLayout.ScratchSize);
        return scratch[(int)start..(int)end];
    }
}
