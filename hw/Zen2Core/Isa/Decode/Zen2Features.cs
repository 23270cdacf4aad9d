using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>
/// Which of the instruction sets that Iced tells apart a Zen 2 has (CPUID of an EPYC 7742, Data/epyc7742_cpuid.csv, leaves 1, 7, Dh,
/// 8000_0001h and 8000_0008h; PPR 55803 for what has no bit). SVM and what depends on it are reported absent.
/// </summary>
internal static class Zen2Features
{
    private static readonly HashSet<CpuidFeature> s_present =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
        CpuidFeature.X64, CpuidFeature.FPU, CpuidFeature.FPU287, CpuidFeature.FPU387, CpuidFeature.CPUID, CpuidFeature.MSR,
        CpuidFeature.TSC, CpuidFeature.RDPMC, CpuidFeature.RDTSCP, CpuidFeature.RDPRU, CpuidFeature.RDPID, CpuidFeature.SEP,
        CpuidFeature.SYSCALL, CpuidFeature.SMM, CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.CMPXCHG16B, CpuidFeature.FXSR,
        CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE, CpuidFeature.MONITOR, CpuidFeature.MONITORX, CpuidFeature.PREFETCHW,
        CpuidFeature.CLFSH, CpuidFeature.CLFLUSHOPT, CpuidFeature.CLWB, CpuidFeature.CLZERO, CpuidFeature.MCOMMIT, CpuidFeature.WBNOINVD,
        CpuidFeature.FSGSBASE, CpuidFeature.SMAP, CpuidFeature.XSAVE, CpuidFeature.XSAVEC, CpuidFeature.XSAVEOPT, CpuidFeature.XSAVES,
        CpuidFeature.POPCNT, CpuidFeature.LZCNT, CpuidFeature.MOVBE, CpuidFeature.ADX, CpuidFeature.BMI1, CpuidFeature.BMI2,
        CpuidFeature.RDRAND, CpuidFeature.RDSEED, CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSE3,
        CpuidFeature.SSSE3, CpuidFeature.SSE4_1, CpuidFeature.SSE4_2, CpuidFeature.SSE4A, CpuidFeature.AES, CpuidFeature.PCLMULQDQ,
        CpuidFeature.SHA, CpuidFeature.AVX, CpuidFeature.AVX2, CpuidFeature.F16C, CpuidFeature.FMA,
    ];

    /// <summary>
    /// Later instruction sets in the space of 0F 0Dh and 0F 18h-1Fh, which is reserved for NOPs and prefetches (AMD APM vol. 3,
    /// revision 3.36, appendix A, table A-3): a Zen 2 executes their encodings as such.
    /// </summary>
    private static readonly HashSet<CpuidFeature> s_hints =
        [CpuidFeature.CET_IBT, CpuidFeature.CLDEMOTE, CpuidFeature.PREFETCHWT1, CpuidFeature.PREFETCHITI];

    /// <summary>Whether the form exists on a Zen 2. SYSEXIT with a 64-bit operand size does not: AMD processors have it outside long mode only.</summary>
    public static bool Has(Code code) => code != Code.Sysexitq && code.CpuidFeatures().All(s_present.Contains);

    /// <summary>Whether a form of a set that is absent executes as a hint: a NOP or a prefetch.</summary>
    public static bool IsHint(Code code) => code is Code.Rdsspd_r32 or Code.Rdsspq_r64 || code.CpuidFeatures().All(s_hints.Contains);
}
