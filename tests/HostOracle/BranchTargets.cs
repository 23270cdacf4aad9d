using System.Buffers.Binary;
using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Targets of branches through registers, memory and the stack.</summary>
internal static unsafe class BranchTargets
{
    /// <summary>
    /// Mostly points them at the INT3s behind the program, now and then at data, which may not be executed; the rest stay random, and mostly
    /// not canonical.
    /// </summary>
    public static void Set(in Instruction instruction, CaseRandom random, ulong operand, ref MachineImage image, Span<byte> scratch)
    {
        if (instruction.FlowControl is not (FlowControl.IndirectBranch or FlowControl.IndirectCall or FlowControl.Return) || random.OneIn(6))
            return;
        ulong target = random.OneIn(12)
            ? OracleLayout.Scratch + (ulong)random.Below(OracleLayout.ScratchSize + OracleLayout.ReadOnlySize)
            : OracleLayout.Code + 0x20 + (ulong)random.Below(0x40);
        if (instruction.FlowControl == FlowControl.Return)
            Store(scratch, image.Gpr[4], target);
        else if (instruction.Op0Kind == OpKind.Register)
            image.Gpr[instruction.Op0Register.GetNumber()] = target;
        else
            Store(scratch, operand, target);
    }

    private static void Store(Span<byte> scratch, ulong address, ulong value)
    {
        if (MemoryContents.Offset(address, 8) is int at)
            BinaryPrimitives.WriteUInt64LittleEndian(scratch[at..], value);
    }
}
