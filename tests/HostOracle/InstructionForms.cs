using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>The instruction forms (Iced's <see cref="Code"/> values) that user-mode cases can be made for.</summary>
public static class InstructionForms
{
    // Results that belong to the machine, not to the operands, or that would take the test process down.
    private static readonly HashSet<Mnemonic> s_excluded =
    [
        Mnemonic.Rdtsc, Mnemonic.Rdtscp, Mnemonic.Rdpmc, Mnemonic.Rdpru, Mnemonic.Rdrand, Mnemonic.Rdseed, Mnemonic.Rdpid,
        Mnemonic.Cpuid, Mnemonic.Xgetbv, Mnemonic.Sldt, Mnemonic.Str, Mnemonic.Smsw, Mnemonic.Sgdt, Mnemonic.Sidt,
        Mnemonic.Lar, Mnemonic.Lsl, Mnemonic.Verr, Mnemonic.Verw, Mnemonic.Lss, Mnemonic.Lfs, Mnemonic.Lgs,
        Mnemonic.Monitor, Mnemonic.Mwait, Mnemonic.Monitorx, Mnemonic.Mwaitx, Mnemonic.Ud0, Mnemonic.Ud1, Mnemonic.Xlatb,
        Mnemonic.Arpl, Mnemonic.Wrfsbase,
        Mnemonic.Wrgsbase, Mnemonic.Rdfsbase, Mnemonic.Rdgsbase, Mnemonic.Swapgs, Mnemonic.Popf, Mnemonic.Popfq, Mnemonic.Insb,
        Mnemonic.Insw, Mnemonic.Insd, Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd, Mnemonic.In, Mnemonic.Out, Mnemonic.Cli,
        Mnemonic.Sti, Mnemonic.Reservednop, Mnemonic.Lmsw, Mnemonic.Wbnoinvd, Mnemonic.Prefetchit0, Mnemonic.Prefetchit1,

        Mnemonic.Feni, Mnemonic.Fdisi, Mnemonic.Syscall, Mnemonic.Sysenter,

        // WAIT and the instruction without it: two instructions for a decoder.
        Mnemonic.Fstenv, Mnemonic.Fstcw, Mnemonic.Fclex, Mnemonic.Finit, Mnemonic.Fsetpm, Mnemonic.Fsave, Mnemonic.Fstsw,
    ];

    /// <summary>All testable 64-bit forms of a Zen 2 that go on with the next instruction and have no repeat prefix, in Iced's order.</summary>
    public static IReadOnlyList<Code> All { get; } = Enumerate().Where(c => FallsThrough(c) && !IsString(c)).ToArray();

    /// <summary>String instructions.</summary>
    public static IReadOnlyList<Code> Strings { get; } = Enumerate().Where(IsString).ToArray();

    /// <summary>Near branches, calls and returns.</summary>
    public static IReadOnlyList<Code> Branches { get; } = Enumerate().Where(c => !FallsThrough(c)).ToArray();

    /// <summary>Whether the next instruction always follows.</summary>
    /// <param name="code">Instruction form.</param>
    public static bool FallsThrough(Code code) => Probe(code).FlowControl == FlowControl.Next;

    private static bool IsString(Code code) => Probe(code).IsStringInstruction;

    private static Instruction Probe(Code code)
    {
        Instruction probe = default;
        probe.Code = code;
        return probe;
    }

    private static IEnumerable<Code> Enumerate()
    {
        foreach (Code code in Enum.GetValues<Code>())
        {
            OpCodeInfo info = code.ToOpCode();
            if (!info.IsInstruction || !info.Mode64 || info.CpuidFeaturesAreForeign(code))
                continue;
            if (info.Encoding is not (EncodingKind.Legacy or EncodingKind.VEX))
                continue;
            if (s_excluded.Contains(code.Mnemonic()) || info.IsReservedNop || info.IsPrivileged)
                continue;
            if (!OperandsAreSupported(info) || !StaysInProgram(code))
                continue;
            yield return code;
        }
    }

    private static bool CpuidFeaturesAreForeign(this OpCodeInfo info, Code code) => !HostFeatures.OnZen2(code) || info.RequireOpMaskRegister;

    // Not those that end in the kernel or change segments.
    private static bool StaysInProgram(Code code)
    {
        Instruction probe = Probe(code);
        return probe.FlowControl is not (FlowControl.Interrupt or FlowControl.Exception or FlowControl.XbeginXabortXend)
            && !probe.IsJmpFarIndirect && !probe.IsCallFarIndirect && code.Mnemonic() is not (Mnemonic.Retf or Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq);
    }

    private static bool OperandsAreSupported(OpCodeInfo info)
    {
        for (int i = 0; i < info.OpCount; i++)
        {
            if (!OperandChoice.IsSupported(info.GetOpKind(i)))
                return false;
        }

        return true;
    }
}
