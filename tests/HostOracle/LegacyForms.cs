using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// Integer instruction forms as 32-bit code has them, those that 64-bit code lost included: decimal adjustment, BOUND, INTO, PUSHA,
/// LDS and LES, ARPL, segment registers on the stack, far calls and jumps with their target in the instruction.
/// </summary>
public static class LegacyForms
{
    private static readonly HashSet<CpuidFeature> s_sets =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386,
        CpuidFeature.INTEL486, CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.POPCNT, CpuidFeature.LZCNT, CpuidFeature.BMI1,
        CpuidFeature.BMI2, CpuidFeature.MOVBE, CpuidFeature.ADX,
    ];

    // Results that belong to the machine, or instructions that end in the kernel.
    private static readonly HashSet<Mnemonic> s_excluded =
    [
        Mnemonic.Sldt, Mnemonic.Str, Mnemonic.Smsw, Mnemonic.Sgdt, Mnemonic.Sidt, Mnemonic.Lar, Mnemonic.Lsl, Mnemonic.Verr, Mnemonic.Verw,
        Mnemonic.Cpuid, Mnemonic.Popf, Mnemonic.Popfd, Mnemonic.In, Mnemonic.Out, Mnemonic.Cli, Mnemonic.Sti, Mnemonic.Iret, Mnemonic.Iretd,
        Mnemonic.Lfs, Mnemonic.Lgs, Mnemonic.Lss, Mnemonic.Int, Mnemonic.Int1, Mnemonic.Int3, Mnemonic.Syscall, Mnemonic.Wait,
    ];

    /// <summary>All of them, in Iced's order.</summary>
    public static IReadOnlyList<Code> All { get; } = [.. Enum.GetValues<Code>().Where(IsIncluded)];

    /// <summary>Whether 64-bit code does not have a form.</summary>
    public static bool IsOnlyLegacy(Code code) => !code.ToOpCode().Mode64;

    private static bool IsIncluded(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        Instruction probe = default;
        probe.Code = code;
        return info.IsInstruction && info.Mode32 && info.Encoding is EncodingKind.Legacy or EncodingKind.VEX && !info.IsPrivileged && !info.IsReservedNop
            && code.CpuidFeatures().All(s_sets.Contains) && !s_excluded.Contains(code.Mnemonic()) && !probe.IsStringInstruction
            && !EndsWithFs(info) && Enumerable.Range(0, info.OpCount).All(n => LegacyInstance.IsSupported(info.GetOpKind(n)))
            && (IsOnlyLegacy(code) || probe.FlowControl == FlowControl.Next);
    }

    // FS is the runtime's.
    private static bool EndsWithFs(OpCodeInfo info) =>
        Enumerable.Range(0, info.OpCount).Any(n => info.GetOpKind(n) is OpCodeOperandKind.fs or OpCodeOperandKind.gs);
}
