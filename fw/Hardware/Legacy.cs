using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>The devices of the PC's first years, and the ACPI power management block.</summary>
public static class Legacy
{
    private const ushort Pic1 = 0x20, Pic2 = 0xA0, Pit = 0x40, RtcIndex = 0x70, RtcData = 0x71;
    private const ushort Pm1Status = 0xC731; // the bits that are defined (ACPI Specification 6.3, table 4-16)
    private const ushort WakeStatus = 0x8000;
    private const int SleepType = 10, SleepTypeS3 = 3;
    private const byte RtcA = 0x0A, RtcB = 0x0B, RtcC = 0x0C, RtcD = 0x0D;

    /// <summary>Ports of the power management block, as the FADT tells them.</summary>
    public const ushort Pm1Event = 0x800, Pm1Control = 0x804, PmTimer = 0x808, Gpe0 = 0x820;

    /// <summary>
    /// Whether the machine woke up from suspend to RAM: WAK_STS is set and SLP_TYP still names S3 (ACPI Specification 6.3, section
    /// 4.8.3.2.1). Without such a block all bits read as 1, and SLP_TYP is 7.
    /// </summary>
    public static bool IsResume => (Machine.In16(Pm1Event) & WakeStatus) != 0 && (Machine.In16(Pm1Control) >> SleepType & 7) == SleepTypeS3;

    /// <summary>Brings all of them to the state in which an operating system expects them.</summary>
    /// <param name="resume">After suspend to RAM: alarm and events are the operating system's, which wants to see what woke it.</param>
    public static void Initialise(bool resume)
    {
        InitialisePic();
        Machine.Out8(Pit + 3, 0x36); // channel 0: low and high byte, square wave; 65536 counts, 18.2 Hz
        Machine.Out8(Pit, 0);
        Machine.Out8(Pit, 0);
        if (!resume)
        {
            InitialiseRtc();
            Machine.Out16(Pm1Event, Pm1Status);  // clear status
            Machine.Out16(Pm1Event + 2, 0);      // enable nothing
        }
        // SCI_EN: ACPI mode without SMI_CMD. SLP_TYP has been seen.
        Machine.Out16(Pm1Control, (ushort)(Machine.In16(Pm1Control) & ~(7 << SleepType) | 1));
    }

    /// <summary>Reads a byte of CMOS memory.</summary>
    public static byte ReadCmos(byte index)
    {
        Machine.Out8(RtcIndex, index);
        return Machine.In8(RtcData);
    }

    private static void WriteCmos(byte index, byte value)
    {
        Machine.Out8(RtcIndex, index);
        Machine.Out8(RtcData, value);
    }

    // Intel 8259A data sheet: ICW1 to ICW4, then everything masked.
    private static void InitialisePic()
    {
        Machine.Out8(Pic1, 0x11);
        Machine.Out8(Pic2, 0x11);
        Machine.Out8(Pic1 + 1, 0x08);
        Machine.Out8(Pic2 + 1, 0x70);
        Machine.Out8(Pic1 + 1, 4);
        Machine.Out8(Pic2 + 1, 2);
        Machine.Out8(Pic1 + 1, 1);
        Machine.Out8(Pic2 + 1, 1);
        Machine.Out8(Pic1 + 1, 0xFF);
        Machine.Out8(Pic2 + 1, 0xFF);
    }

    // Motorola MC146818: 32768 Hz time base, 1024 Hz periodic rate, 24-hour BCD, no interrupts, nothing pending.
    private static void InitialiseRtc()
    {
        WriteCmos(RtcA, 0x26);
        WriteCmos(RtcB, 0x02);
        ReadCmos(RtcC);
        if ((ReadCmos(RtcD) & 0x80) == 0) Console.Write("firmware: the RTC lost power, its time is not valid\n"u8);
    }
}
