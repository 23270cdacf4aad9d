using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// Operands that processors access in several pieces: which piece faults first, and so the address that is reported, and whether a
/// page fault or the end of the canonical addresses comes first, is a matter of the microcode and in no manual.
/// </summary>
internal static class FaultOrder
{
    private const long StackFault = 12, GeneralProtection = 13, PageFault = 14, SimdException = 19;

    /// <summary>Whether two different faults of an instruction may be the same to a program.</summary>
    /// <param name="instruction">The instruction that ran.</param>
    /// <param name="expected">The host's outcome, an exception.</param>
    /// <param name="actual">The simulator's outcome, an exception.</param>
    public static bool IsOpen(in Instruction instruction, in MachineImage expected, in MachineImage actual) =>
        ConvertsBeforeStoring(instruction, expected, actual)
        || (IsAccessedInPieces(instruction) && IsMemoryFault(expected) && IsMemoryFault(actual)
            && (expected.FaultVector != PageFault || actual.FaultVector != PageFault || Distance(expected.FaultAddress, actual.FaultAddress) < 1024));

    // The detailed engine converts first: it finds the numeric exception before the store's.
    private static bool ConvertsBeforeStoring(in Instruction instruction, in MachineImage expected, in MachineImage actual) =>
        instruction.Mnemonic == Mnemonic.Vcvtps2ph && IsMemoryFault(expected) && actual.FaultVector == SimdException;

    private static bool IsAccessedInPieces(in Instruction instruction) => instruction.MemorySize is MemorySize.Float80 or MemorySize.Bcd
        or MemorySize.FpuEnv14 or MemorySize.FpuEnv28 or MemorySize.FpuState94 or MemorySize.FpuState108
        || CaseFactory.IsStateImage(instruction.Mnemonic);

    private static bool IsMemoryFault(in MachineImage image) => image.FaultVector is StackFault or GeneralProtection or PageFault;

    // A 32-bit address may go round the end of its space within one operand.
    private static ulong Distance(ulong a, ulong b)
    {
        ulong distance = a > b ? a - b : b - a;
        return Math.Min(distance, distance <= uint.MaxValue ? (1UL << 32) - distance : distance);
    }
}
