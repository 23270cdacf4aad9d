namespace CoSim.Os.Timekeeping;

/// <summary>/proc/driver/rtc, in the words of Linux' rtc class and of its driver for this clock.</summary>
internal static unsafe class RtcFile
{
    private const byte StatusB = 0x0B, StatusD = 0x0D;
    private const byte PeriodicEnable = 0x40, UpdateEnable = 0x10, Binary = 0x04, Hours24 = 0x02, SummerTime = 0x01, BatteryGood = 0x80;

    internal static void Register() => ProcFs.AddFile("driver/rtc"u8, 0x124, &Show, null);

    private static int Show(TextBuffer* to, Task* task, void* context)
    {
        byte control = Rtc.Get(StatusB);
        RtcTime now = RtcTime.Of(Rtc.ReadSeconds().Sec), alarm = RtcTime.Of(RtcDevice.AlarmShown);
        PutTime(to, "rtc"u8, now);
        PutTime(to, "alrm"u8, alarm);
        PutAnswer(to, "alarm_IRQ\t"u8, RtcAlarm.IsSet);
        PutAnswer(to, "alrm_pending\t"u8, false);
        PutAnswer(to, "update IRQ enabled\t"u8, RtcDevice.TellsUpdates);
        PutAnswer(to, "periodic IRQ enabled\t"u8, RtcDevice.IsPeriodic);
        to->Format("periodic IRQ frequency\t: %d\nmax user IRQ frequency\t: %d\n"u8, (ulong)RtcDevice.PeriodicFrequency, RtcDevice.MaxUserFrequency);
        PutAnswer(to, "24hr\t\t"u8, (control & Hours24) != 0);
        PutAnswer(to, "periodic_IRQ\t"u8, (control & PeriodicEnable) != 0);
        PutAnswer(to, "update_IRQ\t"u8, (control & UpdateEnable) != 0);
        PutAnswer(to, "HPET_emulated\t"u8, !RtcInterrupt.Works);
        PutAnswer(to, "BCD\t\t"u8, (control & Binary) == 0);
        PutAnswer(to, "DST_enable\t"u8, (control & SummerTime) != 0);
        to->Format("periodic_freq\t: %d\nbatt_status\t: %s\n"u8, (ulong)RtcDevice.PeriodicFrequency,
            (ulong)Text.Literal((Rtc.Get(StatusD) & BatteryGood) != 0 ? "okay"u8 : "dead"u8));
        return 0;
    }

    private static void PutTime(TextBuffer* to, System.ReadOnlySpan<byte> what, RtcTime t)
    {
        to->Put(what);
        to->Format("_time\t: %02d:%02d:%02d\n"u8, (ulong)t.Hour, (ulong)t.Minute, (ulong)t.Second);
        to->Put(what);
        to->Format("_date\t: %04d-%02d-%02d\n"u8, (ulong)t.Year + 1900, (ulong)t.Month + 1, (ulong)t.Day);
    }

    private static void PutAnswer(TextBuffer* to, System.ReadOnlySpan<byte> what, bool yes)
    {
        to->Put(what);
        to->Put(yes ? ": yes\n"u8 : ": no\n"u8);
    }
}
