using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Legacy;

/// <summary>The RTC's bytes by index (Motorola MC146818A, "Programming"; FCH: AltCentury at 32h, 128 bytes more).</summary>
public static class RtcRegisters
{
    public const int Seconds = 0x00;
    public const int Minutes = 0x02;
    public const int Hours = 0x04;
    public const int DayOfWeek = 0x06;
    public const int DayOfMonth = 0x07;
    public const int Month = 0x08;
    public const int Year = 0x09;
    public const int A = 0x0A;
    public const int B = 0x0B;
    public const int C = 0x0C;
    public const int D = 0x0D;
    public const int Century = 0x32;

    public static RegisterTable<Rtc> Table { get; } = new(
        "RTC",
        256,
        new() { Name = "TIME", Offset = 0, Bytes = 1, Count = 10, Stride = 1, Fields = [Rw("VALUE", 0, 8, "seconds, alarm, minutes, ..., year")] },
        new()
        {
            Name = "A",
            Offset = A,
            Bytes = 1,
            Reset = 0x26,
            Fields =
            [
                Rw("RS", 0, 4, "periodic rate"),
                Rw("DV0", 4, 1, "bank select on AMD"),
                Rw("DV", 5, 2, "divider: 1 runs, 3 holds"),
                Ro("UIP", 7, 1, "update in progress"),
            ],
            Read = static (r, _) => r.RegisterA,
            Write = static (Rtc r, int _, in RegisterWrite w) => r.WriteRegisterA((byte)w.New),
        },
        new()
        {
            Name = "B",
            Offset = B,
            Bytes = 1,
            Reset = 0x02,
            Fields =
            [
                Tag("DSE", 0, 1, "daylight saving"),
                Rw("24/12", 1, 1, "24-hour mode"),
                Rw("DM", 2, 1, "binary"),
                Tag("SQWE", 3, 1, "square wave output"),
                Rw("UIE", 4, 1, "interrupt at update end"),
                Rw("AIE", 5, 1, "alarm interrupt"),
                Rw("PIE", 6, 1, "periodic interrupt"),
                Rw("SET", 7, 1, "no updates"),
            ],
            Write = static (Rtc r, int _, in RegisterWrite w) => r.WriteRegisterB((byte)w.New),
        },
        new()
        {
            Name = "C",
            Offset = C,
            Bytes = 1,
            Fields =
            [
                Ro("UF", 4, 1, "update ended"),
                Ro("AF", 5, 1, "alarm"),
                Ro("PF", 6, 1, "period"),
                Ro("IRQF", 7, 1, "interrupt request"),
            ],
            Read = static (r, _) => r.RegisterC,
            AfterRead = static (r, _) => r.ClearFlags(),
        },
        new()
        {
            Name = "D",
            Offset = D,
            Bytes = 1,
            Fields = [Tag("DATE_ALARM", 0, 6, "day of the alarm"), Ro("VRT", 7, 1, "battery good")],
            Read = static (r, _) => r.RegisterD,
        },
        new() { Name = "RAM", Offset = 0x0E, Bytes = 1, Count = 242, Stride = 1, Fields = [Rw("VALUE", 0, 8, "battery-backed RAM; 32h is the century")] });
}
