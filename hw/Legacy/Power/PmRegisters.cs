using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Legacy;

/// <summary>The fixed ACPI hardware (ACPI 6.3, 4.8.3) by offset from its base port.</summary>
public static class PmRegisters
{
    public const int Status = 0x00;
    public const int Enable = 0x02;
    public const int Control = 0x04;
    public const int Timer = 0x08;
    public const int EventStatus = 0x20;
    public const int EventEnable = 0x24;
    public const int Size = 0x28;

    public static RegisterTable<PmBlock> Table { get; } = new(
        "ACPI PM",
        Size,
        new()
        {
            Name = "PM1_STS",
            Offset = Status,
            Bytes = 2,
            Fields =
            [
                W1C("TMR_STS", 0, 1, "the timer's highest bit changed"),
                W1C("BM_STS", 4, 1, "bus master"),
                W1C("GBL_STS", 5, 1, "global lock released"),
                W1C("PWRBTN_STS", 8, 1, "power button"),
                W1C("SLPBTN_STS", 9, 1, "sleep button"),
                W1C("RTC_STS", 10, 1, "RTC alarm"),
                W1C("PCIEXP_WAKE_STS", 14, 1, "PCI Express wake"),
                W1C("WAK_STS", 15, 1, "woke up"),
            ],
            Read = static (p, _) => p.StatusValue,
            Write = static (PmBlock p, int _, in RegisterWrite w) => p.ClearStatus((ushort)w.Value),
        },
        new()
        {
            Name = "PM1_EN",
            Offset = Enable,
            Bytes = 2,
            Fields =
            [
                Rw("TMR_EN", 0, 1, "SCI on TMR_STS"),
                Rw("GBL_EN", 5, 1, "SCI on GBL_STS"),
                Rw("PWRBTN_EN", 8, 1, "SCI on PWRBTN_STS"),
                Rw("SLPBTN_EN", 9, 1, "SCI on SLPBTN_STS"),
                Rw("RTC_EN", 10, 1, "SCI on RTC_STS"),
                Rw("PCIEXP_WAKE_DIS", 14, 1, "no wake by PCI Express"),
            ],
            Write = static (PmBlock p, int _, in RegisterWrite _) => p.Follow(),
        },
        new()
        {
            Name = "PM1_CNT",
            Offset = Control,
            Bytes = 4,
            Fields =
            [
                Rw("SCI_EN", 0, 1, "events are SCIs, not SMIs"),
                Tag("BM_RLD", 1, 1, "bus masters wake from C3"),
                Wo("GBL_RLS", 2, 1, "global lock release to firmware"),
                Rw("SLP_TYP", 10, 3, "sleep state: 3 is S3, 5 is S5"),
                Wo("SLP_EN", 13, 1, "enter it"),
            ],
            Write = static (PmBlock p, int _, in RegisterWrite w) => p.WriteControl(w.Value),
        },
        new()
        {
            Name = "PM_TMR",
            Offset = Timer,
            Bytes = 4,
            Fields = [Ro("TMR_VAL", 0, 32, "3.579545 MHz counter; 31:24 are zero when it has 24 bits")],
            Read = static (p, _) => p.TimerValue,
            AfterRead = static (p, _) => p.ReportTimerRead(),
        },
        new()
        {
            Name = "GPE0_STS",
            Offset = EventStatus,
            Bytes = 4,
            Fields = [W1C("EVENT", 0, 32, "general purpose events")],
            Read = static (p, _) => p.EventStatusValue,
            Write = static (PmBlock p, int _, in RegisterWrite w) => p.ClearEvents((uint)w.Value),
        },
        new()
        {
            Name = "GPE0_EN",
            Offset = EventEnable,
            Bytes = 4,
            Fields = [Rw("ENABLE", 0, 32, "SCI on the event")],
            Write = static (PmBlock p, int _, in RegisterWrite _) => p.Follow(),
        });
}
