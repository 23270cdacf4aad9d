namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Bits of control registers and EFER (AMD APM vol. 2, 3.1).</summary>
public static class ControlBits
{
    /// <summary>CR0.PE.</summary>
    public const ulong Cr0Protection = 1;

    /// <summary>CR0.MP.</summary>
    public const ulong Cr0Monitor = 1 << 1;

    /// <summary>CR0.EM.</summary>
    public const ulong Cr0Emulation = 1 << 2;

    /// <summary>CR0.TS.</summary>
    public const ulong Cr0TaskSwitched = 1 << 3;

    /// <summary>CR0.ET, always one.</summary>
    public const ulong Cr0ExtensionType = 1 << 4;

    /// <summary>CR0.NE.</summary>
    public const ulong Cr0NumericError = 1 << 5;

    /// <summary>CR0.WP.</summary>
    public const ulong Cr0WriteProtect = 1 << 16;

    /// <summary>CR0.AM.</summary>
    public const ulong Cr0AlignmentMask = 1 << 18;

    /// <summary>CR0.NW.</summary>
    public const ulong Cr0NotWriteThrough = 1 << 29;

    /// <summary>CR0.CD.</summary>
    public const ulong Cr0CacheDisable = 1 << 30;

    /// <summary>CR0.PG.</summary>
    public const ulong Cr0Paging = 1UL << 31;

    /// <summary>CR4.VME.</summary>
    public const ulong Cr4VirtualModeExtensions = 1;

    /// <summary>CR4.PVI.</summary>
    public const ulong Cr4ProtectedVirtualInterrupts = 1 << 1;

    /// <summary>CR4.TSD.</summary>
    public const ulong Cr4TimeStampDisable = 1 << 2;

    /// <summary>CR4.DE.</summary>
    public const ulong Cr4DebugExtensions = 1 << 3;

    /// <summary>CR4.PSE.</summary>
    public const ulong Cr4PageSizeExtensions = 1 << 4;

    /// <summary>CR4.PAE.</summary>
    public const ulong Cr4Pae = 1 << 5;

    /// <summary>CR4.PGE.</summary>
    public const ulong Cr4GlobalPages = 1 << 7;

    /// <summary>CR4.PCE.</summary>
    public const ulong Cr4PerformanceCounters = 1 << 8;

    /// <summary>CR4.OSFXSR.</summary>
    public const ulong Cr4FxSave = 1 << 9;

    /// <summary>CR4.OSXMMEXCPT.</summary>
    public const ulong Cr4SimdExceptions = 1 << 10;

    /// <summary>CR4.UMIP.</summary>
    public const ulong Cr4Umip = 1 << 11;

    /// <summary>CR4.FSGSBASE.</summary>
    public const ulong Cr4FsGsBase = 1 << 16;

    /// <summary>CR4.OSXSAVE.</summary>
    public const ulong Cr4Xsave = 1 << 18;

    /// <summary>CR4.SMEP.</summary>
    public const ulong Cr4Smep = 1 << 20;

    /// <summary>CR4.SMAP.</summary>
    public const ulong Cr4Smap = 1 << 21;

    /// <summary>Bits of CR4 that Zen 2 implements: VME, PVI, TSD, DE, PSE, PAE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT, UMIP, FSGSBASE, OSXSAVE, SMEP, SMAP.</summary>
    public const ulong Cr4Implemented = 0x35_0FFF;

    /// <summary>EFER.SCE.</summary>
    public const ulong EferSystemCall = 1;

    /// <summary>EFER.LME.</summary>
    public const ulong EferLongEnable = 1 << 8;

    /// <summary>EFER.LMA.</summary>
    public const ulong EferLongActive = 1 << 10;

    /// <summary>EFER.NXE.</summary>
    public const ulong EferNoExecute = 1 << 11;

    /// <summary>EFER.FFXSR.</summary>
    public const ulong EferFastFxSave = 1 << 14;

    /// <summary>EFER.MCOMMIT: enables the instruction of that name.</summary>
    public const ulong EferCommitStores = 1 << 17;

    /// <summary>EFER bits that may be written: SCE, LME, LMA, NXE, SVME, LMSLE, FFXSR, TCE, MCOMMIT.</summary>
    public const ulong EferImplemented = 0x2_FD01;
}
