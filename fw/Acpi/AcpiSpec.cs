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
    /// <summary>Whether there is an HPET table.</summary>
    public bool HasHpet;
    /// <summary>What the HPET table says: the block's address, and the space it is in (0 memory, 1 ports).</summary>
    public ulong HpetAddress;
    /// <summary>See <see cref="HpetAddress"/>.</summary>
    public byte HpetSpace;
    /// <summary>The IO-APIC's input that has IRQ 0, as the MADT says; -1 to say nothing.</summary>
    public int TimerInput;
    /// <summary>Polarity (bits 1:0) and trigger mode (bits 3:2) of that input; 0 as the bus has it.</summary>
    public ushort TimerFlags;
    /// <summary>Whether firmware knows the way back from suspend to RAM.</summary>
    public bool CanSuspend;
    /// <summary>Port whose read enters the C2 state; 0 for none.</summary>
    public uint C2Port;
    /// <summary>P-states, the fastest first; null for none.</summary>
    public PowerState* PowerStates;
    /// <summary>How many.</summary>
    public int PowerStateCount;

    /// <summary>Says of the HPET and of IRQ 0 what is so on a Rome board.</summary>
    public void DescribeTimers()
    {
        HasHpet = true;
        HpetAddress = AcpiTables.Hpet;
        TimerInput = (int)AcpiTables.TimerInput;
    }
}
