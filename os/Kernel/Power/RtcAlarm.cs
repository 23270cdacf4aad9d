using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The RTC's alarm: /sys/class/rtc/rtc0/wakealarm, and timers that wake the machine. One alarm serves all.</summary>
internal static unsafe class RtcAlarm
{
    private const ushort Index = 0x70, Data = 0x71;
    private const byte StatusB = 0x0B, StatusC = 0x0C, AlarmInterrupt = 0x20, Binary = 0x04;
    private const byte AlarmSeconds = 1, AlarmMinutes = 3, AlarmHours = 5;
    private const long NsecPerSec = 1_000_000_000;

    /// <summary>A timer that is due sooner keeps the machine awake: it could expire before the machine sleeps.</summary>
    private const long TooSoonNs = 2 * NsecPerSec;

    private static long s_alarm; // seconds since 1970 by the RTC; 0 none

    /// <summary>The alarm that was asked for, in seconds since 1970; 0 when there is none, or it has passed.</summary>
    internal static long Pending => s_alarm > Timekeeping.Rtc.ReadSeconds().Sec ? s_alarm : 0;

    /// <summary>Sets or (0) clears it. 0, -EBUSY while another is set, -EINVAL for a time that has passed.</summary>
    internal static int Set(long at)
    {
        if (at == 0)
        {
            s_alarm = 0;
            return 0;
        }
        if (Pending != 0) return -Errno.EBUSY;
        if (at <= Timekeeping.Rtc.ReadSeconds().Sec) return -Errno.EINVAL;
        s_alarm = at;
        return 0;
    }

    /// <summary>Programs the device for whatever must wake the machine first. 0, or -EBUSY when that is too soon.</summary>
    internal static int ArmForSleep()
    {
        long now = Timekeeping.Rtc.ReadSeconds().Sec, at = Pending;
        long left = AlarmTimers.NearestLeft();
        if (left < TooSoonNs) return -Errno.EBUSY;
        if (left != TimeUnits.KtimeMax)
        {
            long timer = now + (left + NsecPerSec - 1) / NsecPerSec;
            if (at == 0 || timer < at) at = timer;
        }
        if (at != 0) Program(at);
        return 0;
    }

    /// <summary>The machine is awake.</summary>
    internal static void AfterSleep()
    {
        Put(StatusB, (byte)(Get(StatusB) & ~AlarmInterrupt));
        Get(StatusC); // reading clears what has happened
        if (Pending == 0) s_alarm = 0;
    }

    private static void Program(long at)
    {
        byte control = Get(StatusB);
        Put(StatusB, (byte)(control & ~AlarmInterrupt));
        bool binary = (control & Binary) != 0;
        uint second = (uint)(at % 60), minute = (uint)(at / 60 % 60), hour = (uint)(at / 3600 % 24);
        Put(AlarmSeconds, binary ? (byte)second : ToBcd(second));
        Put(AlarmMinutes, binary ? (byte)minute : ToBcd(minute));
        Put(AlarmHours, binary ? (byte)hour : ToBcd(hour));
        Get(StatusC);
        Put(StatusB, (byte)(control | AlarmInterrupt));
    }

    private static byte ToBcd(uint value) => (byte)(value / 10 << 4 | value % 10);

    private static byte Get(byte register)
    {
        Machine.Out8(Index, register);
        return Machine.In8(Data);
    }

    private static void Put(byte register, byte value)
    {
        Machine.Out8(Index, register);
        Machine.Out8(Data, value);
    }
}
