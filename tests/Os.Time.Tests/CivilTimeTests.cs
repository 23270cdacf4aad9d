namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Calendar arithmetic, with .NET's calendar as the oracle.</summary>
[TestFixture]
public sealed class CivilTimeTests
{
    [Test]
    public void EveryDayOfFourCenturiesIsItsDate()
    {
        DateTime date = DateTime.UnixEpoch;
        for (long day = 0; day < 146097 * 2; day++, date = date.AddDays(1))
        {
            CivilTime.DateOf(day, out uint year, out uint month, out uint inMonth);
            Assert.That((year, month, inMonth), Is.EqualTo(((uint)date.Year, (uint)date.Month, (uint)date.Day)));
            Assert.That(CivilTime.SecondsSince1970(year, month, inMonth, 0, 0, 0), Is.EqualTo(day * 86400));
        }
    }

    [Test]
    public void MonthsAreAsLongAsTheyAre()
    {
        for (uint year = 1970; year < 2410; year++)
            for (uint month = 1; month <= 12; month++)
                Assert.That(CivilTime.DaysIn(year, month), Is.EqualTo(DateTime.DaysInMonth((int)year, (int)month)), $"{year}-{month}");
    }
}
