using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Ends of the machine's run.</summary>
public static unsafe class Power
{
    /// <summary>ACPI S5 through PM1a_CNT (SLP_TYP, SLP_EN; ACPI 6.4, 4.8.3.2.1). Halts if the machine stays on.</summary>
    public static void Off()
    {
        Log.Print("reboot: Power down"u8);
        SerialPort.Drain();
        if (AcpiTables.Fadt.Present) Machine.Out16((ushort)AcpiTables.Fadt.Pm1aControlPort, (ushort)(AcpiTables.Fadt.SleepTypeS5 << 10 | 1 << 13));
        Halt();
    }

    /// <summary>Restarts by the FADT's reset register, then by port CF9h.</summary>
    public static void Restart()
    {
        Log.Print("reboot: Restarting system"u8);
        SerialPort.Drain();
        if (AcpiTables.Fadt.HasReset) Machine.Out8(AcpiTables.Fadt.ResetPort, AcpiTables.Fadt.ResetValue);
        Machine.Out8(0xCF9, 0x02);
        Machine.Out8(0xCF9, 0x06);
        Halt();
    }

    /// <summary>Stops this CPU for good and tells the others to do the same.</summary>
    public static void Halt()
    {
        Machine.Cli();
        Smp.StopOthers();
        for (; ; ) Machine.Hlt();
    }
}
