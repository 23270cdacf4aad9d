namespace CoSim.Cli.Inspect.Checks;

/// <summary>What ACPI declares of timers and interrupt controllers, against the registers of the devices.</summary>
internal static class AcpiChecks
{
    private const ulong PowerManagement = 0xFED8_0300, PmTimerBase = 0x64;
    private const int TimerBlock = 76, TimerLength = 91, CenturyIndex = 108, BootFlags = 109, Flags = 112, ExtendedTimerBlock = 208;
    private const int RtcAbsent = 5, HardwareReduced = 20, BatteryGood = 0x80;
    private const byte LocalApicType = 0, IoApicType = 1, X2ApicType = 9, RtcD = 0x0D;
    private const int ApicId = 0x20;

    /// <summary>The port of the PM timer as the FADT gives it.</summary>
    public static ushort PmTimerPort(AcpiView acpi) => (ushort)RegisterView.Field(acpi.Find("FACP") ?? [], TimerBlock, sizeof(uint));

    /// <summary>Adds the checks.</summary>
    public static void Add(CheckList list, RegisterView registers, AcpiView acpi)
    {
        list.Equal("ACPI checksums", "0", acpi.IsFound ? CheckList.Number((ulong)acpi.BadSums.Count) : "no tables", "ACPI 6.3, 5.2.6: every table adds up to zero");
        if (acpi.Find("FACP") is { } fadt)
            AddFixed(list, registers, fadt);
        AddInterrupts(list, registers, acpi);
    }

    /// <summary>
    /// FADT: the PM timer's port, in both fields, is the one that the FCH decodes, and is four bytes long (ACPI 6.3, 5.2.9 and 4.8.3.3; PPR
    /// 55803, PMx064); the RTC is there unless IAPC_BOOT_ARCH bit 5 says otherwise, has power, and its century is at the index that the FADT names.
    /// </summary>
    private static void AddFixed(CheckList list, RegisterView registers, byte[] fadt)
    {
        const int address = 4;
        list.Equal("FADT hardware-reduced", "0", CheckList.Number(RegisterView.Field(fadt, Flags, sizeof(uint)) >> HardwareReduced & 1), "ACPI 6.3, 4.1: with PM timer and RTC");
        ulong port = RegisterView.Field(fadt, TimerBlock, sizeof(uint));
        list.Equal("PM timer port", CheckList.Hex(port), CheckList.Hex(registers.Device(PowerManagement + PmTimerBase, sizeof(ushort))), "ACPI 6.3, 5.2.9 PM_TMR_BLK; PPR 55803, PMx064");
        list.Equal("PM timer port, extended", CheckList.Hex(port), CheckList.Hex(RegisterView.Field(fadt, ExtendedTimerBlock + address, sizeof(ulong))), "ACPI 6.3, 5.2.9 X_PM_TMR_BLK");
        list.Equal("PM timer length", "4", CheckList.Number(fadt[TimerLength]), "ACPI 6.3, 5.2.9 PM_TMR_LEN");
        bool isAbsent = (RegisterView.Field(fadt, BootFlags, sizeof(ushort)) >> RtcAbsent & 1) != 0;
        byte status = registers.Cmos(RtcD);
        list.Equal("RTC", isAbsent ? "absent" : "present, valid", (status & BatteryGood) != 0 && status != byte.MaxValue ? "present, valid" : "absent or without power", "ACPI 6.3, 5.2.9.3; MC146818A, register D");
        byte index = fadt[CenturyIndex];
        if (index != 0)
        {
            byte century = registers.Cmos(index);
            list.Holds("RTC century", $"index {CheckList.Hex(index)}: 19 to 21", $"{century:X2}", "ACPI 6.3, 5.2.9 CENTURY", century is 0x19 or 0x20 or 0x21);
        }
    }

    /// <summary>MADT: every local APIC's id is a processor's, and the IO-APIC answers with its id where the table says (ACPI 6.3, 5.2.12).</summary>
    private static void AddInterrupts(CheckList list, RegisterView registers, AcpiView acpi)
    {
        const int apicId = 3, x2ApicId = 4, ioApicId = 2, ioApicAddress = 4, window = 0x10, shift = 24;
        const string rule = "ACPI 6.3, 5.2.12";
        List<ulong> ids = [];
        foreach (byte[] entry in acpi.InterruptStructures())
        {
            if (entry[0] is LocalApicType)
                ids.Add(RegisterView.Field(entry, apicId, 1));
            else if (entry[0] is X2ApicType)
                ids.Add(RegisterView.Field(entry, x2ApicId, sizeof(uint)));
            if (entry[0] != IoApicType)
                continue;
            ulong at = RegisterView.Field(entry, ioApicAddress, sizeof(uint));
            registers.SetDevice(at, sizeof(uint), 0);
            string found = registers.Device(at + window, sizeof(uint)) is var id && id == uint.MaxValue ? "no answer" : CheckList.Number(id >> shift);
            list.Equal($"IO-APIC id at {CheckList.Hex(at)}", CheckList.Number(RegisterView.Field(entry, ioApicId, 1)), found, rule);
        }
        string present = string.Join(", ", Enumerable.Range(0, registers.Cores).Select(c => registers.Apic(c, ApicId) >> (registers.IsX2Apic(c) ? 0 : shift)));
        list.Equal("local APIC ids", string.Join(", ", ids), present, rule);
    }
}
