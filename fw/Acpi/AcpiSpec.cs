namespace CoSim.Firmware.Acpi;

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
}
