namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>Operating mode, cached in <see cref="CpuState.Mode"/> whenever CR0, EFER, RFLAGS.VM or CS change (AMD APM vol. 2, 1.3).</summary>
public enum CpuMode : byte
{
    /// <summary>Real mode.</summary>
    Real,

    /// <summary>Virtual-8086 mode.</summary>
    Virtual8086,

    /// <summary>Legacy protected mode.</summary>
    Protected,

    /// <summary>Long mode, compatibility code segment.</summary>
    Compatibility,

    /// <summary>Long mode, 64-bit code segment.</summary>
    Long64,
}

/// <summary>What the core is doing (AMD APM vol. 2, 14.1 and 16.8).</summary>
public enum ActivityState : byte
{
    /// <summary>Executing instructions.</summary>
    Active,

    /// <summary>Stopped by HLT until an interrupt.</summary>
    Halted,

    /// <summary>Stopped by MWAIT or MWAITX until an interrupt, a store to the monitored line or the timeout.</summary>
    MonitorWait,

    /// <summary>An application processor before its start-up IPI.</summary>
    WaitForSipi,

    /// <summary>Shut down after a triple fault; only INIT or reset leaves it.</summary>
    Shutdown,
}
