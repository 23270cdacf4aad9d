namespace CoSim.Firmware.Acpi;

/// <summary>A P-state as _PSS tells it.</summary>
public struct PowerState
{
    /// <summary>Core frequency in MHz.</summary>
    public uint Megahertz;
    /// <summary>Power of a core in mW.</summary>
    public uint Milliwatts;
    /// <summary>Its number: what is written to PSTATE_CTL and read from PSTATE_STAT.</summary>
    public uint Number;
}

/// <summary>What the tables tell of the machine.</summary>
public unsafe struct AcpiSpec
{
    /// <summary>Local APIC ids in ascending order.</summary>
    public uint* ApicIds;
    /// <summary>How many.</summary>
    public int Processors;
    /// <summary>Id of the IO-APIC.</summary>
    public uint IoApicId;
    /// <summary>End of memory below 4 GiB: PCI memory starts there.</summary>
    public ulong LowMemory;
    /// <summary>Whether there is an RSDT beside the XSDT: for systems that know no 64-bit tables.</summary>
    public bool HasRsdt;
    /// <summary>Whether firmware knows the way back from suspend to RAM.</summary>
    public bool CanSuspend;
    /// <summary>Port whose read enters the C2 state; 0 for none.</summary>
    public uint C2Port;
    /// <summary>P-states, the fastest first; null for none.</summary>
    public PowerState* PowerStates;
    /// <summary>How many.</summary>
    public int PowerStateCount;
}
