namespace CoSim.Os.Timekeeping;

/// <summary>The requests of rtc(4).</summary>
internal static unsafe partial class RtcDevice
{
    private const uint AlarmOn = 0x7001, AlarmOff = 0x7002, UpdatesOn = 0x7003, UpdatesOff = 0x7004, PeriodicOn = 0x7005, PeriodicOff = 0x7006;
    private const uint SetAlarm = 0x4024_7007, ReadAlarm = 0x8024_7008, ReadTime = 0x8024_7009, SetTime = 0x4024_700A;
    private const uint ReadRate = 0x8008_700B, SetRate = 0x4008_700C, SetWakeAlarm = 0x4028_700F, ReadWakeAlarm = 0x8028_7010;
    private const ulong MaxFrequency = 8192;
    private const long SecondsPerDay = 86400;

    private static long Ioctl(File* file, uint command, ulong argument)
    {
        // What a request needs is asked before its argument is looked at.
        if (command == SetTime && !Permission.Capable(Cap.SysTime)) return -Errno.EACCES;
        if (command == SetRate && argument > MaxUserFrequency && !Permission.Capable(Cap.SysResource)) return -Errno.EACCES;
        if (command == PeriodicOn && The->Frequency > MaxUserFrequency && !Permission.Capable(Cap.SysResource)) return -Errno.EACCES;
        switch (command)
        {
            case PeriodicOn or PeriodicOff:
                SetPeriodic(command == PeriodicOn);
                return 0;
            case UpdatesOn or UpdatesOff:
                The->UpdateOn = command == UpdatesOn;
                if (The->UpdateOn) BeginLooking();
                return 0;
            case AlarmOn or AlarmOff:
                EnableAlarm(command == AlarmOn);
                return 0;
            case ReadRate:
                return UserMemory.Write64(argument, (ulong)The->Frequency) != 0 ? -Errno.EFAULT : 0;
            case SetRate:
                if (argument is 0 or > MaxFrequency) return -Errno.EINVAL;
                The->Frequency = (int)argument;
                if (The->PeriodicOn) SetPeriodic(true);
                return 0;
            case ReadTime:
                RtcTime now = RtcTime.Of(Rtc.ReadSeconds().Sec);
                return UserMemory.CopyTo(argument, &now, (ulong)sizeof(RtcTime)) != 0 ? -Errno.EFAULT : 0;
            case SetTime:
                return WriteTime(argument);
            case SetAlarm or ReadAlarm or SetWakeAlarm or ReadWakeAlarm:
                return AlarmRequest(command, argument);
            default:
                return -Errno.ENOTTY;
        }
    }

    private static long WriteTime(ulong user)
    {
        RtcTime time;
        if (UserMemory.CopyFrom(&time, user, (ulong)sizeof(RtcTime)) != 0) return -Errno.EFAULT;
        long seconds = time.ToSeconds();
        if (seconds < 0) return -Errno.EINVAL;
        if (time.Year >= 170) return -Errno.ERANGE; // two digits of a year from 1970 on
        Rtc.Write(seconds);
        The->LastSecond = seconds;
        return 0;
    }

    private static void EnableAlarm(bool on)
    {
        RtcAlarm.Replace(on ? The->AlarmTime : 0);
        if (on) BeginLooking();
    }

    private static long AlarmRequest(uint command, ulong user)
    {
        RtcWakeAlarm alarm = default;
        bool whole = command is SetWakeAlarm or ReadWakeAlarm;
        void* record = whole ? &alarm : &alarm.Time;
        ulong bytes = whole ? (ulong)sizeof(RtcWakeAlarm) : (ulong)sizeof(RtcTime);
        if (command is ReadAlarm or ReadWakeAlarm)
        {
            alarm.Time = RtcTime.Of(The->AlarmTime);
            alarm.Enabled = RtcAlarm.IsSet ? (byte)1 : (byte)0;
            return UserMemory.CopyTo(user, record, bytes) != 0 ? -Errno.EFAULT : 0;
        }
        if (UserMemory.CopyFrom(record, user, bytes) != 0) return -Errno.EFAULT;
        long now = Rtc.ReadSeconds().Sec;
        if (command == SetAlarm)
        {
            // The date does not count: the alarm is within the next 24 hours.
            RtcTime today = RtcTime.Of(now);
            (alarm.Time.Day, alarm.Time.Month, alarm.Time.Year) = (today.Day, today.Month, today.Year);
        }
        long at = alarm.Time.ToSeconds();
        if (at < 0) return -Errno.EINVAL;
        if (command == SetAlarm && at <= now) at += SecondsPerDay;
        The->AlarmTime = at;
        EnableAlarm(command == SetWakeAlarm && alarm.Enabled != 0);
        return 0;
    }
}
