using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Chooses concrete operands for Iced's operand kinds.</summary>
public static class OperandChoice
{
    /// <summary>Whether cases can be made for an operand of this kind.</summary>
    public static bool IsSupported(OpCodeOperandKind kind) => kind switch
    {
        OpCodeOperandKind.seg_reg or OpCodeOperandKind.cr_reg or OpCodeOperandKind.dr_reg or OpCodeOperandKind.fs or OpCodeOperandKind.gs
            or OpCodeOperandKind.mem_offs or OpCodeOperandKind.seg_rBX_al or OpCodeOperandKind.mem_mib or OpCodeOperandKind.br32_1
            or OpCodeOperandKind.br32_4 or OpCodeOperandKind.farbr2_2 or OpCodeOperandKind.farbr4_2 => false,
        _ => Enum.GetName(kind) is string name
            && !name.StartsWith("brdisp", StringComparison.Ordinal)
            && !name.StartsWith("bnd", StringComparison.Ordinal) && !name.StartsWith("xbegin", StringComparison.Ordinal)
            && !name.StartsWith("k_", StringComparison.Ordinal) && !name.StartsWith("tmm", StringComparison.Ordinal),
    };

    /// <summary>Whether the kind may be memory.</summary>
    public static bool MayBeMemory(OpCodeOperandKind kind) =>
        MustBeMemory(kind) || Enum.GetName(kind)!.EndsWith("_or_mem", StringComparison.Ordinal);

    /// <summary>Whether the kind is always memory.</summary>
    public static bool MustBeMemory(OpCodeOperandKind kind) => kind is OpCodeOperandKind.mem || IsVectorIndexed(kind);

    /// <summary>Whether the kind is memory with a vector register as index.</summary>
    public static bool IsVectorIndexed(OpCodeOperandKind kind) => kind is OpCodeOperandKind.mem_vsib32x or OpCodeOperandKind.mem_vsib32y
        or OpCodeOperandKind.mem_vsib64x or OpCodeOperandKind.mem_vsib64y;

    /// <summary>A register for the kind, or <see cref="Register.None"/> when the kind is an immediate.</summary>
    /// <param name="kind">A supported kind that is not (or shall not be) memory.</param>
    /// <param name="random">Source of choices.</param>
    public static Register ChooseRegister(OpCodeOperandKind kind, CaseRandom random)
    {
        switch (kind)
        {
            case OpCodeOperandKind.al: return Register.AL;
            case OpCodeOperandKind.cl: return Register.CL;
            case OpCodeOperandKind.ax: return Register.AX;
            case OpCodeOperandKind.dx: return Register.DX;
            case OpCodeOperandKind.eax: return Register.EAX;
            case OpCodeOperandKind.rax: return Register.RAX;
            case OpCodeOperandKind.st0: return Register.ST0;
        }

        string name = Enum.GetName(kind)!;
        int prefix = name.IndexOf('_', StringComparison.Ordinal);
        return (prefix < 0 ? name : name[..prefix]) switch
        {
            "r8" => ChooseByte(random),
            "r16" => Register.AX + NotStack(random),
            "r32" => Register.EAX + NotStack(random),
            "r64" => Register.RAX + NotStack(random),
            "sti" => Register.ST0 + random.Below(8),
            "mm" => Register.MM0 + random.Below(8),
            "xmm" => Register.XMM0 + random.Below(16),
            "ymm" => Register.YMM0 + random.Below(16),
            _ => Register.None,
        };
    }

    // The high-byte registers cannot be encoded together with a REX prefix; an instance that fails to encode is retried.
    private static Register ChooseByte(CaseRandom random) => random.Below(4) switch
    {
        0 => Register.AH + random.Below(4),
        _ => random.Pick<Register>(
        [
            Register.AL, Register.CL, Register.DL, Register.BL, Register.BPL, Register.SIL, Register.DIL,
            Register.R8L, Register.R9L, Register.R10L, Register.R11L, Register.R12L, Register.R13L, Register.R14L, Register.R15L,
        ]),
    };

    private static int NotStack(CaseRandom random)
    {
        int number = random.Below(15);
        return number >= 4 ? number + 1 : number;
    }
}
