using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Which instruction sets the host and a Zen 2 have, in Iced's terms.</summary>
public static partial class HostFeatures
{
    private static readonly HashSet<CpuidFeature> s_always =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
        CpuidFeature.X64, CpuidFeature.FPU, CpuidFeature.FPU287, CpuidFeature.FPU387, CpuidFeature.CMOV, CpuidFeature.CX8,
        CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.FXSR, CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE,
    ];

    // CPUID leaf, subleaf, register (0 EAX .. 3 EDX), bit: AMD64 Architecture Programmer's Manual volume 3, revision 3.36, appendix E.
    private static readonly Dictionary<CpuidFeature, (uint Leaf, int Register, int Bit)> s_bits = new()
    {
        [CpuidFeature.SSE3] = (1, 2, 0),
        [CpuidFeature.PCLMULQDQ] = (1, 2, 1),
        [CpuidFeature.SSSE3] = (1, 2, 9),
        [CpuidFeature.FMA] = (1, 2, 12),
        [CpuidFeature.CMPXCHG16B] = (1, 2, 13),
        [CpuidFeature.SSE4_1] = (1, 2, 19),
        [CpuidFeature.SSE4_2] = (1, 2, 20),
        [CpuidFeature.MOVBE] = (1, 2, 22),
        [CpuidFeature.POPCNT] = (1, 2, 23),
        [CpuidFeature.AES] = (1, 2, 25),
        [CpuidFeature.XSAVE] = (1, 2, 26),
        [CpuidFeature.AVX] = (1, 2, 28),
        [CpuidFeature.F16C] = (1, 2, 29),
        [CpuidFeature.CLFSH] = (1, 3, 19),
        [CpuidFeature.XSAVEOPT] = (0xD, 0, 0),
        [CpuidFeature.XSAVEC] = (0xD, 0, 1),
        [CpuidFeature.BMI1] = (7, 1, 3),
        [CpuidFeature.AVX2] = (7, 1, 5),
        [CpuidFeature.BMI2] = (7, 1, 8),
        [CpuidFeature.ADX] = (7, 1, 19),
        [CpuidFeature.CLFLUSHOPT] = (7, 1, 23),
        [CpuidFeature.CLWB] = (7, 1, 24),
        [CpuidFeature.SHA] = (7, 1, 29),
        [CpuidFeature.LZCNT] = (0x8000_0001, 2, 5),
        [CpuidFeature.SSE4A] = (0x8000_0001, 2, 6),
        [CpuidFeature.PREFETCHW] = (0x8000_0001, 2, 8),
        [CpuidFeature.CLZERO] = (0x8000_0008, 1, 0),
    };

    // getauxval: AT_HWCAP2, HWCAP2_FSGSBASE of Linux on x86-64 (arch/x86 uapi: hwcap2).
    private const nuint CapabilitiesEntry = 26;
    private const nuint BasesInUserMode = 2;

    /// <summary>Whether user programs may execute WRGSBASE on this host.</summary>
    public static bool SetsSegmentBases => OperatingSystem.IsLinux() && (AuxiliaryValue(CapabilitiesEntry) & BasesInUserMode) != 0;

    /// <summary>Whether a Zen 2 has the instruction and it can be run in user mode without special set-up.</summary>
    /// <param name="code">Instruction form.</param>
    public static bool OnZen2(Code code)
    {
        foreach (CpuidFeature feature in code.CpuidFeatures())
        {
            if (!s_always.Contains(feature) && !s_bits.ContainsKey(feature))
                return false;
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial nuint AuxiliaryValue(nuint type);

    /// <summary>Whether the host has the instruction.</summary>
    /// <param name="code">Instruction form.</param>
    public static bool OnHost(Code code)
    {
        foreach (CpuidFeature feature in code.CpuidFeatures())
        {
            if (s_always.Contains(feature))
                continue;
            if (!s_bits.TryGetValue(feature, out (uint Leaf, int Register, int Bit) place))
                return false;
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId((int)place.Leaf, place.Leaf == 0xD ? 1 : 0);
            int value = place.Register switch { 0 => eax, 1 => ebx, 2 => ecx, _ => edx };
            if (((value >> place.Bit) & 1) == 0)
                return false;
        }

        return true;
    }
}
