namespace CoSim.Os;

/// <summary>/sys/power and /sys/class/rtc/rtc0 (Documentation/ABI/testing/sysfs-power and sysfs-class-rtc of Linux).</summary>
internal static unsafe class PowerFiles
{
    internal static void Register()
    {
        SysFs.AddFile("power/state"u8, 0x1A4, &ShowState, &WriteState);
        SysFs.AddFile("power/mem_sleep"u8, 0x1A4, &ShowMemSleep, &WriteMemSleep);
        SysFs.AddFile("class/rtc/rtc0/name"u8, 0x124, &ShowName, null);
        SysFs.AddFile("class/rtc/rtc0/since_epoch"u8, 0x124, &ShowSinceEpoch, null);
        SysFs.AddFile("class/rtc/rtc0/max_user_freq"u8, 0x124, &ShowMaxUserFrequency, null);
        SysFs.AddFile("class/rtc/rtc0/hctosys"u8, 0x124, &ShowHctosys, null);
        SysFs.AddFile("class/rtc/rtc0/wakealarm"u8, 0x1A4, &ShowWakeAlarm, &WriteWakeAlarm);
    }

    private static int ShowState(TextBuffer* text, Task* task, void* context)
    {
        text->Put(SleepState.IsOffered ? "mem\n"u8 : "\n"u8);
        return 0;
    }

    private static long WriteState(File* file, Task* task, byte* word, ulong count, long position)
    {
        if (!Is(word, count, "mem"u8)) return -Errno.EINVAL;
        int r = Suspend.Enter();
        return r != 0 ? r : (long)count;
    }

    private static int ShowMemSleep(TextBuffer* text, Task* task, void* context)
    {
        text->Put("[deep]\n"u8);
        return 0;
    }

    private static long WriteMemSleep(File* file, Task* task, byte* word, ulong count, long position) => Is(word, count, "deep"u8) ? (long)count : -Errno.EINVAL;

    private static bool Is(byte* word, ulong count, System.ReadOnlySpan<byte> wanted)
    {
        int length = count > 0 && word[count - 1] == '\n' ? (int)count - 1 : (int)count;
        return Text.Equal(word, length, wanted);
    }

    private static int ShowName(TextBuffer* text, Task* task, void* context)
    {
        text->Put("rtc_cmos rtc_cmos\n"u8);
        return 0;
    }

    private static int ShowMaxUserFrequency(TextBuffer* text, Task* task, void* context)
    {
        text->Format("%d\n"u8, Timekeeping.RtcDevice.MaxUserFrequency);
        return 0;
    }

    private static int ShowHctosys(TextBuffer* text, Task* task, void* context)
    {
        text->Put("1\n"u8);
        return 0;
    }

    private static int ShowSinceEpoch(TextBuffer* text, Task* task, void* context)
    {
        text->Format("%lld\n"u8, (ulong)Timekeeping.Rtc.ReadSeconds().Sec);
        return 0;
    }

    private static int ShowWakeAlarm(TextBuffer* text, Task* task, void* context)
    {
        long at = RtcAlarm.Pending;
        if (at != 0) text->Format("%lld\n"u8, (ulong)at);
        return 0;
    }

    /// <summary>Seconds since 1970, "+N" from now, or 0 for none.</summary>
    private static long WriteWakeAlarm(File* file, Task* task, byte* word, ulong count, long position)
    {
        byte* cursor = word;
        bool relative = count > 0 && *cursor == '+';
        if (relative) cursor++;
        if (!Text.ParseUnsigned(ref cursor, word + count, out ulong value) || value > long.MaxValue / 2) return -Errno.EINVAL;
        int r = RtcAlarm.Set(relative ? Timekeeping.Rtc.ReadSeconds().Sec + (long)value : (long)value);
        return r != 0 ? r : (long)count;
    }
}
