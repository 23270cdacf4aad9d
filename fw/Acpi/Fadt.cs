namespace CoSim.Firmware.Acpi;

/// <summary>The fixed ACPI description table (ACPI Specification 6.3, section 5.2.9): ports and fixed features.</summary>
public static class Fadt
{
    private const uint Event = 0x800, Control = 0x804, Timer = 0x808, Gpe0 = 0x820, ResetPort = 0xCF9, ResetValue = 6;
    private const uint SciInterrupt = 9, Century = 0x32;
    private const uint EnterpriseServer = 4;
    private const uint LegacyDevices = 1, NoVga = 4;                               // IAPC_BOOT_ARCH
    private const uint Wbinvd = 1, C1 = 4, SleepButton = 0x20, RtcS4 = 0x80, ResetRegister = 0x400; // Flags; bit 8 clear: 24-bit timer
    private const uint NoC2 = 101, NoC3 = 1001;                                    // latencies beyond the limits

    /// <summary>Writes the table.</summary>
    /// <returns>Its position.</returns>
    public static uint Write(ref TableWriter w, ulong facs, ulong dsdt)
    {
        uint start = AcpiTables.Begin(ref w, "FACP"u8, 6);
        w.U32((uint)facs);
        w.U32((uint)dsdt);
        w.U8(0);
        w.U8(EnterpriseServer);
        w.U16(SciInterrupt);
        w.U32(0);  // no SMI command port: the machine is in ACPI mode from the start
        w.Zero(4); // ACPI_ENABLE, ACPI_DISABLE, S4BIOS_REQ, PSTATE_CNT
        w.U32(Event);
        w.U32(0);
        w.U32(Control);
        w.U32(0);
        w.U32(0);
        w.U32(Timer);
        w.U32(Gpe0);
        w.U32(0);
        w.U8(4);   // lengths: event, control, PM2, timer, GPE0, GPE1; GPE1 base
        w.U8(2);
        w.U8(0);
        w.U8(4);
        w.U8(8);
        w.Zero(2);
        w.U8(0);   // CST_CNT
        w.U16(NoC2);
        w.U16(NoC3);
        w.Zero(4); // flush size and stride: WBINVD works
        w.Zero(2); // duty offset and width
        w.U8(0);   // day alarm
        w.U8(0);   // month alarm
        w.U8(Century);
        w.U16(LegacyDevices | NoVga);
        w.U8(0);
        w.U32(Wbinvd | C1 | SleepButton | RtcS4 | ResetRegister);
        AcpiTables.GenericAddress(ref w, 1, 8, 1, ResetPort);
        w.U8(ResetValue);
        w.U16(0);
        w.U8(3);   // FADT minor version
        w.U64(0);  // the FACS is below 4 GiB: only one of its two addresses may be given
        w.U64(dsdt);
        AcpiTables.GenericAddress(ref w, 1, 32, 2, Event);
        AcpiTables.GenericAddress(ref w, 0, 0, 0, 0);
        AcpiTables.GenericAddress(ref w, 1, 16, 2, Control);
        AcpiTables.GenericAddress(ref w, 0, 0, 0, 0);
        AcpiTables.GenericAddress(ref w, 0, 0, 0, 0);
        AcpiTables.GenericAddress(ref w, 1, 32, 3, Timer);
        AcpiTables.GenericAddress(ref w, 1, 64, 1, Gpe0);
        AcpiTables.GenericAddress(ref w, 0, 0, 0, 0);
        AcpiTables.GenericAddress(ref w, 0, 0, 0, 0); // sleep control and status
        AcpiTables.GenericAddress(ref w, 0, 0, 0, 0);
        w.U64(0);  // hypervisor vendor
        AcpiTables.End(ref w, start);
        return start;
    }
}
