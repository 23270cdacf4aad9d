using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>One MSR that is plain storage.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reset">Value after reset.</param>
/// <param name="Writable">Bits that a write changes; the rest keep their value.</param>
/// <param name="Reserved">Bits that raise #GP when a write sets them.</param>
public sealed record MsrRow(uint Number, string Name, ulong Reset, ulong Writable, ulong Reserved)
{
    /// <summary>Index into <see cref="CpuState.Msr"/>.</summary>
    public int Slot { get; internal set; }
}

/// <summary>
/// The MSRs of a Rome core: one table of plain registers; those with a meaning of their own are in <see cref="MsrAccess"/>. Reset
/// values are those of a dumped EPYC 7742 (Data/epyc7742_msr.csv) where the dump has them.
/// </summary>
public static unsafe class MsrTable
{
    private const ulong All = ulong.MaxValue;
    private const ulong PhysicalAddress = 0xFFFF_FFFF_F000;

    private static readonly MsrRow[] s_rows = [.. Rows()];
    private static readonly Dictionary<uint, MsrRow> s_byNumber = Index();

    /// <summary>Every row.</summary>
    public static IReadOnlyList<MsrRow> Registers => s_rows;

    /// <summary>The row of an MSR, or null.</summary>
    public static MsrRow? Find(uint number) => s_byNumber.GetValueOrDefault(number);

    /// <summary>Stored value of an MSR that has a row.</summary>
    public static ulong Value(CpuState* s, uint number) => s->Msr[s_byNumber[number].Slot];

    /// <summary>Sets the stored value without checks.</summary>
    public static void Set(CpuState* s, uint number, ulong value) => s->Msr[s_byNumber[number].Slot] = value;

    /// <summary>Puts every MSR to its reset value; a warm reset keeps the errors in the machine-check banks.</summary>
    public static void Reset(CoreContext core, bool warm)
    {
        foreach (MsrRow row in s_rows)
        {
            if (!warm || !MachineCheckBanks.KeptByWarmReset(row.Number))
                core.State->Msr[row.Slot] = row.Reset;
        }

        Set(core.State, MsrNumbers.TopOfMemory, core.Spec.TopOfMemory);
        Set(core.State, MsrNumbers.TopOfMemory2, core.Spec.TopOfMemory2);
        WriteName(core);
        PStates.Define(core);
    }

    /// <summary>"AMD EPYC 7742 64-Core Processor", blank up to 47 characters and a zero, as firmware leaves it.</summary>
    private static void WriteName(CoreContext core)
    {
        const int length = 48;
        string name = $"AMD EPYC {core.Spec.ModelName} {core.Spec.ModelCores}-Core Processor".PadRight(length - 1)[..(length - 1)];
        Span<byte> bytes = stackalloc byte[length];
        bytes.Clear();
        System.Text.Encoding.ASCII.GetBytes(name, bytes);
        for (int n = 0; n < length / 8; n++)
            Set(core.State, MsrNumbers.ProcessorName + (uint)n, BitConverter.ToUInt64(bytes[(n * 8)..]));
    }

    private static Dictionary<uint, MsrRow> Index()
    {
        Dictionary<uint, MsrRow> index = [];
        int slot = 0;
        foreach (MsrRow row in s_rows)
        {
            row.Slot = slot++;
            index.Add(row.Number, row);
        }

        if (slot > CpuState.MsrSlots)
            throw new InvalidOperationException($"{slot} MSRs need more slots than CpuState has");
        return index;
    }

    private static IEnumerable<MsrRow> Rows()
    {
        yield return new(0x48, "SPEC_CTRL", 0, 0x7, ~0x7UL);
        yield return new(0x8B, "PATCH_LEVEL", 0x0830_101C, 0, 0);
        yield return new(0xFE, "MTRRcap", 0x508, 0, All);
        yield return new(0x174, "SYSENTER_CS", 0, 0xFFFF, 0);
        // Bits 63:32 are reserved: SYSENTER is an instruction of legacy mode (AMD64 APM volume 2, 6.1.2). Intel's keep 64 bits.
        yield return new(0x175, "SYSENTER_ESP", 0, uint.MaxValue, 0);
        yield return new(0x176, "SYSENTER_EIP", 0, uint.MaxValue, 0);
        yield return new(0x179, "MCG_CAP", 0x10A, 0, All);
        yield return new(0x17A, "MCG_STAT", 0, 0x7, ~0x7UL);
        yield return new(0x17B, "MCG_CTL", 0x3FF, 0x3FF, 0);
        yield return new(0x1D9, "DBG_CTL", 0, 0x7F, ~0x7FUL);
        yield return new(0x1DB, "BR_FROM", 0, 0, 0);
        yield return new(0x1DC, "BR_TO", 0, 0, 0);
        yield return new(0x1DD, "LASTEXC_FROM", 0, 0, 0);
        yield return new(0x1DE, "LASTEXC_TO", 0, 0, 0);
        for (uint n = 0; n < 8; n++)
        {
            yield return new(0x200 + 2 * n, $"MtrrVarBase{n}", 0, PhysicalAddress | 7, ~(PhysicalAddress | 7));
            yield return new(0x201 + 2 * n, $"MtrrVarMask{n}", 0, PhysicalAddress | 0x800, ~(PhysicalAddress | 0x800));
        }

        uint[] fixedRanges = [0x250, 0x258, 0x259, 0x268, 0x269, 0x26A, 0x26B, 0x26C, 0x26D, 0x26E, 0x26F];
        foreach (uint number in fixedRanges)
            yield return new(number, $"MtrrFix_{number:X}", 0, 0x1F1F_1F1F_1F1F_1F1F, 0xE0E0_E0E0_E0E0_E0E0);
        yield return new(MsrNumbers.Pat, "PAT", 0x0007_0406_0007_0406, 0x0707_0707_0707_0707, ~0x0707_0707_0707_0707UL);
        yield return new(MsrNumbers.MtrrDefault, "MTRRdefType", 0, 0xC07, ~0xC07UL);
        yield return new(0xC81, "L3_QOS_CFG1", 0, 1, ~1UL);
        yield return new(0xC8D, "QM_EVTSEL", 0, 0xFF_0000_00FF, 0);
        // Bit 62: no counter value available.
        yield return new(0xC8E, "QM_CTR", 1UL << 62, 0, All);
        yield return new(0xC8F, "PQR_ASSOC", 0, 0xF_0000_00FF, 0);
        for (uint n = 0; n < 16; n++)
            yield return new(0xC90 + n, $"L3_MASK_{n}", 0xFFFF, 0xFFFF, ~0xFFFFUL);
        yield return new(0xDA0, "XSS", 0, 0, All);
        // Start values of the counters; what they have counted is added when they are read.
        yield return new(MsrNumbers.Mperf, "MPERF", 0, All, 0);
        yield return new(MsrNumbers.Aperf, "APERF", 0, All, 0);
        foreach (MsrRow row in MachineCheckBanks.Rows())
            yield return row;
        yield return new(MsrNumbers.Star, "STAR", 0, All, 0);
        yield return new(MsrNumbers.LongStar, "LSTAR", 0, All, 0);
        yield return new(MsrNumbers.CompatibilityStar, "CSTAR", 0, All, 0);
        yield return new(MsrNumbers.SystemCallMask, "SFMASK", 0, uint.MaxValue, 0);
        yield return new(MsrNumbers.KernelGsBase, "KernelGSbase", 0, All, 0);
        yield return new(MsrNumbers.TscAux, "TSC_AUX", 0, uint.MaxValue, 0);
        yield return new(0xC000_0104, "TscRateMsr", 0x1_0000_0000, 0xFF_FFFF_FFFF, ~0xFF_FFFF_FFFFUL);
        for (uint n = 0; n < 16; n++)
            yield return new(0xC000_0200 + n, $"L3QOS_BW_CONTROL_{n}", 0x800, 0xFFF, ~0xFFFUL);
        yield return new(0xC001_0010, "SYS_CFG", 0x74_0000, 0x7F_0000, 0);
        // The dump's SmmLock is what firmware sets when it has placed its handlers.
        yield return new(MsrNumbers.Hwcr, "HWCR", 0x0900_0010, 0x7F36_6F19 & ~(1UL << 24), 0);
        for (uint n = 0; n < 4; n++)
            yield return new(0xC001_0016 + n, n % 2 == 0 ? $"IORR_BASE{n / 2}" : $"IORR_MASK{n / 2}", 0, PhysicalAddress | 0x818, 0);
        yield return new(MsrNumbers.TopOfMemory, "TOP_MEM", 0, 0xFFFF_FF80_0000, 0);
        yield return new(MsrNumbers.TopOfMemory2, "TOM2", 0, 0xFFFF_FF80_0000, 0);
        yield return new(0xC001_001F, "NB_CFG1", 0, All, 0);
        yield return new(0xC001_0022, "MC_EXP_REDIR", 0, All, 0);
        for (uint n = 0; n < 6; n++)
            yield return new(0xC001_0030 + n, $"ProcNameString{n}", 0, All, 0);
        yield return new(0xC001_0055, "IntPend", 0, 0x3FFF_FFFF, 0);
        yield return new(0xC001_0058, "MmioCfgBaseAddr", 0xE000_0021, 0xFFFF_FFF0_003D, 0);
        // The P-states of the dumped 7742; what other models have follows when a core is reset.
        yield return new(0xC001_0061, "PStateCurLim", 0x20, 0, All);
        yield return new(0xC001_0062, "PStateCtl", 0, 7, ~7UL);
        yield return new(0xC001_0063, "PStateStat", 0, 0, All);
        ulong[] pstates = [0x8000_0000_4592_085A, 0x8000_0000_4516_0A64, 0x8000_0000_43DA_0C5A, 0, 0, 0, 0, 0];
        for (uint n = 0; n < 8; n++)
            yield return new(MsrNumbers.PState0 + n, $"PStateDef{n}", pstates[n], 0x8000_0000_FFFF_FFFF, 0);
        yield return new(0xC001_0073, "CStateBaseAddr", 0x813, 0xFFFF, 0);
        yield return new(0xC001_0074, "CpuWdtCfg", 0, 0x7F, 0);
        yield return new(0xC001_0111, "SMM_BASE", 0x3_0000, uint.MaxValue, 0);
        yield return new(0xC001_0112, "SMMAddr", 0, PhysicalAddress & ~0x1_F000UL, 0);
        yield return new(0xC001_0113, "SMMMask", 0, (PhysicalAddress & ~0x1_F000UL) | 0x773F, 0);
        yield return new(0xC001_0114, "VM_CR", 0x10, 0, 0);
        yield return new(MsrNumbers.IgnoreNumericErrors, "IGNNE", 0, 1, 0);
        yield return new(0xC001_0117, "VM_HSAVE_PA", 0, PhysicalAddress, 0xFFF);
        yield return new(0xC001_0118, "SvmLockKey", 0, 0, 0);
        yield return new(0xC001_0140, "OSVW_ID_Length", 0, All, 0);
        yield return new(0xC001_0141, "OSVW_Status", 0, All, 0);
        for (uint n = 0; n < 6; n++)
        {
            yield return new(0xC001_0200 + 2 * n, $"PERF_CTL{n}", 0, 0x3FF_FFFF_FFFF, 0);
            yield return new(0xC001_0201 + 2 * n, $"PERF_CTR{n}", 0, 0xFFFF_FFFF_FFFF, 0);
        }

        yield return new(0xC001_0292, "PStateStatus2", 0x040B_0012, 0, 0);
        yield return new(MsrNumbers.HardwarePStateStatus, "HwPStateStatus", 0x005F_0859, 0, 0);
        yield return new(0xC001_0294, "CStatePolicy", 0x0F8E_847F_0000_8912, All, 0);
        yield return new(0xC001_0296, "CStateConfig", 0x48_4848, All, 0);
        yield return new(0xC001_0299, "RAPL_PWR_UNIT", 0xA_1003, 0, All);
        yield return new(0xC001_029A, "CORE_ENERGY_STAT", 0, 0, All);
        yield return new(0xC001_029B, "PKG_ENERGY_STAT", 0, 0, All);
        // Locked out, as firmware leaves it: the protected processor number itself (C001_02F1h) is not modelled.
        yield return new(0xC001_02F0, "PPIN_CTL", 1, 0, ~3UL);
        for (uint n = 2; n <= 5; n++)
            yield return new(0xC001_1000 + n, $"CPUID_FEATURES_{n}", 0, All, 0);
        yield return new(0xC001_1020, "LS_CFG", 0, All, 0);
        yield return new(0xC001_1021, "IC_CFG", 0, All, 0);
        yield return new(0xC001_1022, "DC_CFG", 0, All, 0);
        yield return new(0xC001_1023, "TW_CFG", 0x0002_0000_0000_0020, All, 0);
        yield return new(0xC001_1028, "FP_CFG", 0, All, 0);
        yield return new(MsrNumbers.DecodeConfiguration, "DE_CFG", 0, All, 0);
        yield return new(0xC001_102A, "CU_CFG", 0, All, 0);
        yield return new(0xC001_102D, "LS_CFG2", 0, All, 0);
        yield return new(0xC001_102E, "MSRC001_102E", 0, All, 0);
        // Instruction-based sampling never counts anything here; its interrupt uses extended LVT entry 0.
        string[] sampling =
        [
            "IBS_FETCH_CTL", "IBS_FETCH_LINADDR", "IBS_FETCH_PHYSADDR", "IBS_OP_CTL", "IBS_OP_RIP", "IBS_OP_DATA", "IBS_OP_DATA2",
            "IBS_OP_DATA3", "IBS_DC_LINADDR", "IBS_DC_PHYSADDR",
        ];
        for (uint n = 0; n < sampling.Length; n++)
            yield return new(0xC001_1030 + n, sampling[n], 0, All, 0);
        yield return new(0xC001_103A, "IBS_CTL", 0x100, 0, 0);
        yield return new(0xC001_103B, "BP_IBSTGT_RIP", 0, All, 0);
        yield return new(0xC001_103C, "IC_IBS_EXTD_CTL", 0, 0, 0);
        yield return new(0xC001_10E3, "BP_CFG2", 0, All, 0);
    }
}
