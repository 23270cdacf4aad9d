namespace CoSim.Os.Timekeeping;

/// <summary>Calendar arithmetic of the Gregorian calendar.</summary>
internal static class CivilTime
{
    /// <summary>
    /// Seconds from 1970-01-01 00:00:00 to a date, in the same zone. Counting the year from March puts the leap day at its
    /// end, so that the days before a month follow a linear rule.
    /// </summary>
    /// <param name="year">1970 or later.</param>
    /// <param name="month">1 to 12.</param>
    /// <param name="day">1 to 31.</param>
    /// <param name="hour">0 to 23.</param>
    /// <param name="minute">0 to 59.</param>
    /// <param name="second">0 to 60.</param>
    internal static long SecondsSince1970(uint year, uint month, uint day, uint hour, uint minute, uint second)
    {
        if (month <= 2)
        {
            month += 12;
            year--;
        }
        long days = 365L * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day - 1 - DaysTo1970;
        return ((days * 24 + hour) * 60 + minute) * 60 + second;
    }

    /// <summary>The date of a day.</summary>
    /// <param name="days">Days since 1970-01-01, not negative.</param>
    /// <param name="year">1970 or later.</param>
    /// <param name="month">1 to 12.</param>
    /// <param name="day">1 to 31.</param>
    internal static void DateOf(long days, out uint year, out uint month, out uint day)
    {
        const long DaysOf400Years = 146097, DaysOf100Years = 36524, DaysOf4Years = 1461;
        days += DaysTo1970;
        long era = days / DaysOf400Years, inEra = days % DaysOf400Years;
        // Leap days that have passed in the era are taken out, so that all years have 365 days.
        long years = (inEra - inEra / (DaysOf4Years - 1) + inEra / DaysOf100Years - inEra / (DaysOf400Years - 1)) / 365;
        long inYear = inEra - (365 * years + years / 4 - years / 100);
        uint fromMarch = (uint)((5 * inYear + 2) / 153);
        day = (uint)(inYear - (153 * fromMarch + 2) / 5 + 1);
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        year = (uint)(era * 400 + years) + (month <= 2 ? 1u : 0);
    }

    /// <summary>Days of a month.</summary>
    /// <param name="year">1970 or later.</param>
    /// <param name="month">1 to 12.</param>
    internal static uint DaysIn(uint year, uint month)
    {
        uint nextYear = month == 12 ? year + 1 : year, nextMonth = month == 12 ? 1 : month + 1;
        return (uint)((SecondsSince1970(nextYear, nextMonth, 1, 0, 0, 0) - SecondsSince1970(year, month, 1, 0, 0, 0)) / 86400);
    }

    /// <summary>Days from 0000-03-01 to 1970-01-01.</summary>
    private const long DaysTo1970 = 719468;
}
