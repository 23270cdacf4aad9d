namespace CoSim.Os.Timekeeping;

/// <summary>struct rtc_time of the Linux ABI (rtc(4)).</summary>
internal struct RtcTime
{
    internal int Second, Minute, Hour, Day, Month, Year, WeekDay, YearDay, IsDst;

    /// <summary>The record for a time. As those of Linux' driver for this clock, it has neither day of the week nor of the year.</summary>
    internal static RtcTime Of(long seconds)
    {
        CivilTime.DateOf(seconds / 86400, out uint year, out uint month, out uint day);
        int inDay = (int)(seconds % 86400);
        return new RtcTime
        {
            Second = inDay % 60,
            Minute = inDay / 60 % 60,
            Hour = inDay / 3600,
            Day = (int)day,
            Month = (int)month - 1,
            Year = (int)year - 1900,
        };
    }

    /// <summary>Seconds since 1970, or -1 when there is no such time, or before 1970.</summary>
    internal readonly long ToSeconds()
    {
        bool clock = (uint)Second < 60 && (uint)Minute < 60 && (uint)Hour < 24;
        if (!clock || Year < 70 || Year > int.MaxValue - 1900 || (uint)Month >= 12 || Day < 1) return -1;
        uint year = (uint)Year + 1900, month = (uint)Month + 1;
        return (uint)Day > CivilTime.DaysIn(year, month) ? -1 : CivilTime.SecondsSince1970(year, month, (uint)Day, (uint)Hour, (uint)Minute, (uint)Second);
    }
}

/// <summary>struct rtc_wkalrm.</summary>
internal struct RtcWakeAlarm
{
    internal byte Enabled, Pending;
    internal RtcTime Time;
}
