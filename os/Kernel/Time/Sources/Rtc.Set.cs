namespace CoSim.Os.Timekeeping;

/// <summary>Setting the clock, and reading it from interrupts.</summary>
internal static unsafe partial class Rtc
{
    private const byte HoldUpdates = 0x80;

    /// <summary>The time, unless it is being updated just now. Does not wait: for interrupt handlers.</summary>
    internal static bool TryReadSeconds(out long seconds)
    {
        seconds = 0;
        if ((Get(StatusA) & UpdateInProgress) != 0) return false;
        seconds = ReadSeconds().Sec;
        return true;
    }

    /// <summary>Sets date and time; updates stand still meanwhile (MC146818A data sheet, "Setting the time").</summary>
    /// <param name="seconds">Seconds since 1970, before 2070.</param>
    internal static void Write(long seconds)
    {
        const long SecondsPerDay = 86400;
        CivilTime.DateOf(seconds / SecondsPerDay, out uint year, out uint month, out uint day);
        uint inDay = (uint)(seconds % SecondsPerDay);
        byte control = Get(StatusB);
        bool binary = (control & Binary) != 0;
        uint hour = inDay / 3600, shown = hour;
        if ((control & Hours24) == 0) shown = (hour + 11) % 12 + 1;
        byte hours = binary ? (byte)shown : ToBcd(shown);
        if ((control & Hours24) == 0 && hour >= 12) hours |= 0x80;
        Put(StatusB, (byte)(control | HoldUpdates));
        PutNumber(0, inDay % 60, binary);
        PutNumber(2, inDay / 60 % 60, binary);
        Put(4, hours);
        PutNumber(7, day, binary);
        PutNumber(8, month, binary);
        PutNumber(9, year % 100, binary);
        Put(StatusB, control);
    }

    private static void PutNumber(byte register, uint value, bool binary) => Put(register, binary ? (byte)value : ToBcd(value));

    private static byte ToBcd(uint value) => (byte)(value / 10 << 4 | value % 10);
}
