namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>MSR numbers that code names (AMD APM vol. 2, appendix A; family 17h models 30h-3Fh PPR).</summary>
public static class MsrNumbers
{
    /// <summary>Time-stamp counter.</summary>
    public const uint Tsc = 0x10;

    /// <summary>APIC_BASE.</summary>
    public const uint ApicBase = 0x1B;

    /// <summary>MPERF.</summary>
    public const uint Mperf = 0xE7;

    /// <summary>APERF.</summary>
    public const uint Aperf = 0xE8;

    /// <summary>SYSENTER_CS.</summary>
    public const uint SysenterCs = 0x174;

    /// <summary>SYSENTER_ESP.</summary>
    public const uint SysenterEsp = 0x175;

    /// <summary>SYSENTER_EIP.</summary>
    public const uint SysenterEip = 0x176;

    /// <summary>DBG_CTL: last-branch recording and single step on branches.</summary>
    public const uint DebugControl = 0x1D9;

    /// <summary>BR_FROM: instruction pointer of the last branch.</summary>
    public const uint LastBranchFrom = 0x1DB;

    /// <summary>BR_TO: its target.</summary>
    public const uint LastBranchTo = 0x1DC;

    /// <summary>LASTEXC_FROM: instruction pointer of the last exception or interrupt.</summary>
    public const uint LastExceptionFrom = 0x1DD;

    /// <summary>LASTEXC_TO: its handler.</summary>
    public const uint LastExceptionTo = 0x1DE;

    /// <summary>First variable-range MTRR.</summary>
    public const uint MtrrBase0 = 0x200;

    /// <summary>PAT.</summary>
    public const uint Pat = 0x277;

    /// <summary>MTRR default type and enables.</summary>
    public const uint MtrrDefault = 0x2FF;

    /// <summary>EFER.</summary>
    public const uint Efer = 0xC000_0080;

    /// <summary>STAR.</summary>
    public const uint Star = 0xC000_0081;

    /// <summary>LSTAR.</summary>
    public const uint LongStar = 0xC000_0082;

    /// <summary>CSTAR.</summary>
    public const uint CompatibilityStar = 0xC000_0083;

    /// <summary>SFMASK.</summary>
    public const uint SystemCallMask = 0xC000_0084;

    /// <summary>MPERF, read-only alias.</summary>
    public const uint MperfReadOnly = 0xC000_00E7;

    /// <summary>APERF, read-only alias.</summary>
    public const uint AperfReadOnly = 0xC000_00E8;

    /// <summary>IRPERF: instructions retired, read-only here.</summary>
    public const uint InstructionsRetired = 0xC000_00E9;

    /// <summary>FS.Base.</summary>
    public const uint FsBase = 0xC000_0100;

    /// <summary>GS.Base.</summary>
    public const uint GsBase = 0xC000_0101;

    /// <summary>KernelGSbase.</summary>
    public const uint KernelGsBase = 0xC000_0102;

    /// <summary>TSC_AUX.</summary>
    public const uint TscAux = 0xC000_0103;

    /// <summary>HWCR.</summary>
    public const uint Hwcr = 0xC001_0015;

    /// <summary>TOP_MEM.</summary>
    public const uint TopOfMemory = 0xC001_001A;

    /// <summary>TOM2.</summary>
    public const uint TopOfMemory2 = 0xC001_001D;

    /// <summary>DE_CFG; bit 1 makes LFENCE dispatch-serialising.</summary>
    public const uint DecodeConfiguration = 0xC001_1029;

    /// <summary>SMM_BASE.</summary>
    public const uint SmmBase = 0xC001_0111;

    /// <summary>SMMAddr: where TSEG lies.</summary>
    public const uint SmmAddress = 0xC001_0112;

    /// <summary>SMMMask: its size, and which SMRAM is in use.</summary>
    public const uint SmmMask = 0xC001_0113;

    /// <summary>IGNNE: bit 0 is the state of the input of this name.</summary>
    public const uint IgnoreNumericErrors = 0xC001_0115;

    /// <summary>PStateCurLim: the P-states that may be asked for.</summary>
    public const uint PStateLimit = 0xC001_0061;

    /// <summary>HwPStateStatus: number, voltage and frequency of the P-state in force.</summary>
    public const uint HardwarePStateStatus = 0xC001_0293;

    /// <summary>PStateCtl: the P-state asked for.</summary>
    public const uint PStateControl = 0xC001_0062;

    /// <summary>PStateStat: the P-state in force.</summary>
    public const uint PStateStatus = 0xC001_0063;

    /// <summary>First of six MSRs with the processor's name, which CPUID reads.</summary>
    public const uint ProcessorName = 0xC001_0030;

    /// <summary>CStateBaseAddr: the first port whose read enters an idle state.</summary>
    public const uint CStateBaseAddress = 0xC001_0073;

    /// <summary>CStateConfig: bits 6, 14 and 22 let each kind of request enter CC6.</summary>
    public const uint CStateConfiguration = 0xC001_0296;

    /// <summary>P-state 0 definition.</summary>
    public const uint PState0 = 0xC001_0064;
}
