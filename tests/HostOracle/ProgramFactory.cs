using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// Random programs of 10 to 50 instructions: integer, vector and x87 code on registers and on memory at fixed addresses, with
/// forward branches. What the manuals leave undefined is left out, so that whole programs have one outcome.
/// </summary>
public static class ProgramFactory
{
    private const int Shortest = 10, Longest = 50, FarthestBranch = 6;

    private static readonly Code[] s_integer = Usable(c => !IsX87(c) && !UsesVectors(c));
    private static readonly Code[] s_vector = Usable(UsesVectors);
    private static readonly Code[] s_x87 = Usable(IsX87);
    private static readonly Code[] s_branches = InstructionForms.Branches
        .Where(c => c.IsJccShortOrNear() && c.ToOpCode().OperandSize != 16).Append(Code.Jrcxz_rel8_64).Append(Code.Jmp_rel8_64).ToArray();

    /// <summary>Makes a program for <see cref="OracleLayout.Code"/>.</summary>
    /// <param name="random">Source of choices.</param>
    /// <param name="instructions">What it consists of, for reports.</param>
    /// <returns>Its bytes, at most <see cref="OracleLayout.ProgramSize"/> - 64.</returns>
    public static byte[] Create(CaseRandom random, out IReadOnlyList<Instruction> instructions)
    {
        while (true)
        {
            int count = Shortest + random.Below(Longest - Shortest + 1);
            List<Instruction> list = [];
            for (int i = 0; i < count; i++)
            {
                Instruction instruction = i + 1 < count && random.OneIn(6) ? Branch(random, i, count) : Ordinary(random);

                // The number is the label that branches go to.
                instruction.IP = Label(i);
                list.Add(instruction);
            }

            instructions = list;
            if (TryEncode(list, out byte[] bytes))
                return bytes;
        }
    }

    private static ulong Label(int index) => (ulong)index + 1;

    private static Instruction Branch(CaseRandom random, int at, int count)
    {
        Code code = random.Pick<Code>(s_branches);
        return Instruction.CreateBranch(code, Label(Math.Min(at + 1 + random.Below(FarthestBranch), count - 1)));
    }

    private static Instruction Ordinary(CaseRandom random)
    {
        while (true)
        {
            Code[] forms = random.Below(20) switch { < 11 => s_integer, < 17 => s_vector, _ => s_x87 };
            if (FormInstance.TryCreate(random.Pick<Code>(forms), random, Addressing.OnlyFixed) is { } instance)
                return instance.Instruction;
        }
    }

    private static bool TryEncode(List<Instruction> instructions, out byte[] bytes)
    {
        using MemoryStream stream = new();
        InstructionBlock block = new(new StreamCodeWriter(stream), instructions, OracleLayout.Code);
        bool encoded = BlockEncoder.TryEncode(64, block, out _, out _);
        bytes = stream.ToArray();
        return encoded && bytes.Length <= OracleLayout.ProgramSize - 64;
    }

    private static Code[] Usable(Func<Code, bool> kind) => InstructionForms.All.Where(c => HostFeatures.OnHost(c) && kind(c) && IsDefined(c)).ToArray();

    private static bool IsDefined(Code code)
    {
        Mnemonic mnemonic = code.Mnemonic();
        Instruction probe = default;
        probe.Code = code;
        if (X87Tolerance.Applies(mnemonic) || CaseFactory.IsStateImage(mnemonic) || ReadsState(mnemonic) || IsShift(mnemonic) || OperandsAreElsewhere(code))
            return false;

        // The logical operations clear AF on every processor.
        return probe.RflagsUndefined == RflagsBits.None || mnemonic is Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Test || IsX87(code);
    }

    // They would end most programs at once, by exceptions, or read what programs do not have in common.
    private static bool ReadsState(Mnemonic mnemonic) => mnemonic is Mnemonic.Ldmxcsr or Mnemonic.Vldmxcsr or Mnemonic.Fldenv or Mnemonic.Frstor
        or Mnemonic.Fldcw or Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Fnsave or Mnemonic.Fnstenv or Mnemonic.Enter or Mnemonic.Leave;

    // Their AF and OF, and more with some counts, are undefined.
    private static bool IsShift(Mnemonic mnemonic) => mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Shld
        or Mnemonic.Shrd or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr;

    private static bool OperandsAreElsewhere(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        bool bitString = code.Mnemonic() is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc;
        return bitString || code.Mnemonic() == Mnemonic.Clzero
            || Enumerable.Range(0, info.OpCount).Any(n => info.GetOpKind(n) is OpCodeOperandKind.seg_rDI || OperandChoice.IsVectorIndexed(info.GetOpKind(n)));
    }

    private static bool IsX87(Code code) => code.CpuidFeatures()[0] is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387 or CpuidFeature.MMX;

    private static bool UsesVectors(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        return !IsX87(code) && Enumerable.Range(0, info.OpCount).Any(n => Enum.GetName(info.GetOpKind(n))!.Contains("mm_", StringComparison.Ordinal));
    }
}
