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

    /// <summary>Days from 0000-03-01 to 1970-01-01.</summary>
    private const long DaysTo1970 = 719468;
}
