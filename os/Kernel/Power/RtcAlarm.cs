using CoSim.Os.Timekeeping;

namespace CoSim.Os;

/// <summary>The RTC's alarm: /sys/class/rtc/rtc0/wakealarm, and timers that wake the machine. One alarm serves all.</summary>
internal static unsafe class RtcAlarm
{
    private const byte StatusB = 0x0B, StatusC = 0x0C, AlarmInterrupt = 0x20, Binary = 0x04;
    private const byte AlarmSeconds = 1, AlarmMinutes = 3, AlarmHours = 5;
    private const long NsecPerSec = 1_000_000_000;

    /// <summary>A timer that is due sooner keeps the machine awake: it could expire before the machine sleeps.</summary>
    private const long TooSoonNs = 2 * NsecPerSec;

    private static long s_alarm; // seconds since 1970 by the RTC; 0 none

    /// <summary>The alarm that was asked for, in seconds since 1970; 0 when there is none, or it has passed.</summary>
    internal static long Pending => s_alarm > Rtc.ReadSeconds().Sec ? s_alarm : 0;

    /// <summary>Sets or (0) clears it. 0, -EBUSY while another is set, -EINVAL for a time that has passed.</summary>
    internal static int Set(long at)
    {
        if (at == 0)
        {
            s_alarm = 0;
            return 0;
        }
        if (Pending != 0) return -Errno.EBUSY;
        if (at <= Rtc.ReadSeconds().Sec) return -Errno.EINVAL;
        s_alarm = at;
        return 0;
    }

    /// <summary>Sets an alarm, whether or not there is one, for a reader of /dev/rtc0. A time that has passed alarms at once.</summary>
    /// <param name="at">Seconds since 1970 by the RTC.</param>
    internal static void Replace(long at) => s_alarm = at;

    /// <summary>Whether the alarm's time has come; then it is gone.</summary>
    /// <param name="now">Seconds since 1970 by the RTC.</param>
    internal static bool TakeDue(long now)
    {
        if (s_alarm == 0 || s_alarm > now) return false;
        s_alarm = 0;
        return true;
    }

    /// <summary>Whether an alarm waits to be taken, its time passed or not.</summary>
    internal static bool IsSet => s_alarm != 0;

    /// <summary>Programs the device for whatever must wake the machine first. 0, or -EBUSY when that is too soon.</summary>
    internal static int ArmForSleep()
    {
        long now = Rtc.ReadSeconds().Sec, at = Pending;
        long left = AlarmTimers.NearestLeft();
        if (left < TooSoonNs) return -Errno.EBUSY;
        if (left != TimeUnits.KtimeMax)
        {
            long timer = now + (left + NsecPerSec - 1) / NsecPerSec;
            if (at == 0 || timer < at) at = timer;
        }
        RtcInterrupt.Sleep(true);
        if (at != 0) Program(at);
        return 0;
    }

    /// <summary>The machine is awake.</summary>
    internal static void AfterSleep()
    {
        Rtc.Put(StatusB, (byte)(Rtc.Get(StatusB) & ~AlarmInterrupt));
        Rtc.Get(StatusC); // reading clears what has happened
        RtcInterrupt.Sleep(false);
        if (Pending == 0) s_alarm = 0;
    }

    private static void Program(long at)
    {
        byte control = Rtc.Get(StatusB);
        Rtc.Put(StatusB, (byte)(control & ~AlarmInterrupt));
        bool binary = (control & Binary) != 0;
        uint second = (uint)(at % 60), minute = (uint)(at / 60 % 60), hour = (uint)(at / 3600 % 24);
        Rtc.Put(AlarmSeconds, binary ? (byte)second : ToBcd(second));
        Rtc.Put(AlarmMinutes, binary ? (byte)minute : ToBcd(minute));
        Rtc.Put(AlarmHours, binary ? (byte)hour : ToBcd(hour));
        Rtc.Get(StatusC);
        Rtc.Put(StatusB, (byte)(control | AlarmInterrupt));
    }

    private static byte ToBcd(uint value) => (byte)(value / 10 << 4 | value % 10);
}
