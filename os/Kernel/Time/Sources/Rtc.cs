using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>The MC146818 real-time clock as persistent clock: wall time at boot, to the second.</summary>
internal static unsafe partial class Rtc
{
    private const ushort Index = 0x70, Data = 0x71;
    private const byte StatusA = 0x0A, StatusB = 0x0B;
    private const byte UpdateInProgress = 0x80, Binary = 0x04, Hours24 = 0x02;

    private static SpinLock s_lock;

    /// <summary>Reads a register. Any context: an interrupt or another CPU between index and data would read another register.</summary>
    internal static byte Get(byte register)
    {
        ulong flags = s_lock.AcquireIrqSave();
        Machine.Out8(Index, register);
        byte value = Machine.In8(Data);
        s_lock.ReleaseIrqRestore(flags);
        return value;
    }

    /// <summary>Writes a register; likewise.</summary>
    internal static void Put(byte register, byte value)
    {
        ulong flags = s_lock.AcquireIrqSave();
        Machine.Out8(Index, register);
        Machine.Out8(Data, value);
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>
    /// Reads the date between updates: again when an update began meanwhile. Returns 1970 when the clock is not readable.
    /// </summary>
    internal static Timespec ReadWallClock() => Read(true);

    /// <summary>The same without a line in the log.</summary>
    internal static Timespec ReadSeconds() => Read(false);

    private static Timespec Read(bool tell)
    {
        for (int attempt = 0; attempt < 4; attempt++)
        {
            // UIP is up for at most about 2.2 ms; a clock that never gets past it is broken.
            int wait = 0;
            while ((Get(StatusA) & UpdateInProgress) != 0 && wait < 20000) wait++;
            if (wait == 20000) break;
            uint sec = Get(0), min = Get(2), hour = Get(4), day = Get(7), month = Get(8), year = Get(9);
            byte control = Get(StatusB);
            if ((Get(StatusA) & UpdateInProgress) != 0 || Get(0) != (byte)sec) continue;

            bool afternoon = (hour & 0x80) != 0;
            hour &= 0x7F;
            if ((control & Binary) == 0)
            {
                sec = FromBcd(sec);
                min = FromBcd(min);
                hour = FromBcd(hour);
                day = FromBcd(day);
                month = FromBcd(month);
                year = FromBcd(year);
            }
            if ((control & Hours24) == 0) hour = hour % 12 + (afternoon ? 12u : 0);
            year += year < 70 ? 2000u : 1900u;
            if (tell) Log.Print("PM: RTC time: %02u:%02u:%02u, date: %04u-%02u-%02u"u8, hour, min, sec, year, month, day);
            return new Timespec(CivilTime.SecondsSince1970(year, month, day, hour, min, sec), 0);
        }
        if (tell) Log.Print("PM: RTC not readable, the wall clock starts in 1970"u8);
        return default;
    }

    private static uint FromBcd(uint value) => (value & 15) + (value >> 4) * 10;
}
