using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>A date and time of day as a wall clock shows it, without a zone.</summary>
/// <param name="Year">1 to 9999.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Day">1 to 31.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="Minute">0 to 59.</param>
/// <param name="Second">0 to 59.</param>
public readonly record struct CalendarTime(int Year, int Month, int Day, int Hour, int Minute, int Second)
{
    private const long SecondsPerDay = 86_400;

    /// <summary>Seconds since 0000-03-01 in the proleptic Gregorian calendar.</summary>
    internal long ToSeconds()
    {
        // Years start in March, so that the leap day is the last; 400 years are 146097 days.
        long year = Month <= 2 ? Year - 1 : Year;
        long month = (Month + 9) % 12;
        long day = (365 * year) + (year / 4) - (year / 100) + (year / 400) + (((153 * month) + 2) / 5) + Day - 1;
        return (day * SecondsPerDay) + (Hour * 3600) + (Minute * 60) + Second;
    }

    internal static CalendarTime FromSeconds(long seconds)
    {
        long days = seconds / SecondsPerDay;
        long rest = seconds % SecondsPerDay;
        long era = days / 146_097;
        long dayOfEra = days % 146_097;
        long yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        long dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        long month = ((5 * dayOfYear) + 2) / 153;
        int civilMonth = (int)(month < 10 ? month + 3 : month - 9);
        return new CalendarTime(
            (int)((era * 400) + yearOfEra + (civilMonth <= 2 ? 1 : 0)),
            civilMonth,
            (int)(dayOfYear - (((153 * month) + 2) / 5) + 1),
            (int)(rest / 3600),
            (int)(rest / 60 % 60),
            (int)(rest % 60));
    }

    /// <summary>1 Sunday to 7 Saturday, as the RTC counts.</summary>
    internal int DayOfWeek => (int)(((ToSeconds() / SecondsPerDay) + 3) % 7) + 1;
}

/// <summary>What the RTC is made of.</summary>
public sealed record RtcSpec
{
    /// <summary>The 32.768 kHz crystal.</summary>
    public required ClockDomain Clock { get; init; }

    /// <summary>The date and time that it shows when the machine starts.</summary>
    public CalendarTime Start { get; init; } = new(2026, 1, 1, 0, 0, 0);

    /// <summary>RAM below 1 MiB in KiB, for CMOS 15h and 16h.</summary>
    public ushort BaseMemoryKibibytes { get; init; } = 640;

    /// <summary>RAM above 1 MiB in bytes, for CMOS 17h, 18h, 30h, 31h (KiB), 34h, 35h (64 KiB above 16 MiB).</summary>
    public ulong ExtendedMemory { get; init; }

    /// <summary>False: the battery was empty, and VRT (register D bit 7) says so.</summary>
    public bool BatteryGood { get; init; } = true;
}
