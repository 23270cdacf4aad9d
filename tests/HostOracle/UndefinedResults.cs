using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// What the manuals leave undefined, per instruction (AMD64 Architecture Programmer's Manual volume 3, revision 3.36, flags tables).
/// </summary>
public static class UndefinedResults
{
    private const ulong Cf = 1;
    private const ulong Af = 1 << 4;
    private const ulong Of = 1 << 11;
    private const ulong Arithmetic = 0x8D5;

    /// <summary>RFLAGS bits that a comparison has to leave out.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="input">Registers before it: a shift by zero changes no flag, a shift by more than one leaves OF undefined.</param>
    public static unsafe ulong Flags(in Instruction instruction, in MachineImage input)
    {
        ulong undefined = FromIced(instruction.RflagsUndefined);
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr:
                {
                    bool rotate = instruction.Mnemonic is Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr;
                    int width = OperandBits(instruction);
                    int count = Count(instruction, 1, input) & (width == 64 ? 63 : 31);
                    if (count == 0)
                        return 0;
                    undefined = rotate ? 0 : Af;
                    if (count > 1)
                        undefined |= Of;
                    if (!rotate && count >= width)
                        undefined |= Cf;
                    return undefined;
                }

            case Mnemonic.Shld or Mnemonic.Shrd:
                {
                    int width = OperandBits(instruction);
                    int count = Count(instruction, 2, input) & (width == 64 ? 63 : 31);
                    if (count == 0)
                        return 0;
                    return count > width ? Arithmetic : Af | (count > 1 ? Of : 0);
                }

            default:
                return undefined;
        }
    }

    /// <summary>Whether the whole result is undefined: 16-bit double shifts by more than 16 (AMD64 APM volume 3, SHLD), x87 arguments out of range.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="input">Registers before it.</param>
    public static bool ResultIsUndefined(in Instruction instruction, in MachineImage input) =>
        X87Tolerance.OutOfRange(instruction.Mnemonic, input)
        || (instruction.Mnemonic is Mnemonic.Shld or Mnemonic.Shrd && OperandBits(instruction) == 16 && (Count(instruction, 2, input) & 31) > 16);

    private static int OperandBits(in Instruction instruction) => instruction.Op0Kind == OpKind.Register
        ? instruction.Op0Register.GetSize() * 8
        : instruction.MemorySize.GetSize() * 8;

    private static unsafe int Count(in Instruction instruction, int operand, in MachineImage input) =>
        instruction.GetOpKind(operand) == OpKind.Register ? (byte)input.Gpr[1] : instruction.Immediate8;

    private static ulong FromIced(RflagsBits bits)
    {
        ulong flags = 0;
        flags |= (bits & RflagsBits.CF) != 0 ? 1UL : 0;
        flags |= (bits & RflagsBits.PF) != 0 ? 1UL << 2 : 0;
        flags |= (bits & RflagsBits.AF) != 0 ? 1UL << 4 : 0;
        flags |= (bits & RflagsBits.ZF) != 0 ? 1UL << 6 : 0;
        flags |= (bits & RflagsBits.SF) != 0 ? 1UL << 7 : 0;
        flags |= (bits & RflagsBits.OF) != 0 ? 1UL << 11 : 0;
        return flags;
    }
}
