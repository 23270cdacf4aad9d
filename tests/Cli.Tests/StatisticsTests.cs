using CoSim.Cli.Study;

namespace CoSim.Cli.Tests;

/// <summary>Percentiles by nearest rank, and decimal text by integers.</summary>
[TestFixture]
public sealed class StatisticsTests
{
    [Test]
    public void OneSampleIsEverything() => Assert.That(CycleStatistics.Of([7]), Is.EqualTo(new CycleStatistics(1, 7, 7, 7, 7, 7)));

    [TestCase(1, 15)]
    [TestCase(5, 15)]
    [TestCase(30, 20)]
    [TestCase(40, 20)]
    [TestCase(50, 35)]
    [TestCase(99, 50)]
    [TestCase(100, 50)]
    public void NearestRankOfFive(int percent, int expected) =>
        Assert.That(CycleStatistics.NearestRank([15, 20, 35, 40, 50], percent), Is.EqualTo((ulong)expected));

    [Test]
    public void Percentile99OfHundredIsTheSecondLargest()
    {
        CycleStatistics statistics = CycleStatistics.Of([.. Enumerable.Range(1, 100).Reverse().Select(v => (ulong)v)]);
        Assert.That(statistics, Is.EqualTo(new CycleStatistics(100, 1, 50, 99, 100, 5050)));
    }

    /// <summary>The definition itself: at least p percent of the samples are not above the percentile, and it is the smallest such sample.</summary>
    [Test]
    public void NearestRankIsTheSmallestSampleThatEnoughDoNotExceed([Values(1, 2, 3)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int i = 0; i < 1000; i++)
        {
            ulong[] sorted = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (ulong)random.Next(50)).Order()];
            int percent = random.Next(1, 101);
            ulong expected = sorted.First(v => sorted.Count(w => w <= v) * 100 >= percent * sorted.Length);
            Assert.That(CycleStatistics.NearestRank(sorted, percent), Is.EqualTo(expected), $"{percent} % of {string.Join(',', sorted)}");
        }
    }

    [TestCase(71UL, 2250U, 1, "31.6")]
    [TestCase(71UL, 2250U, 3, "31.556")]
    [TestCase(0UL, 2250U, 1, "0.0")]
    [TestCase(9UL, 2000U, 0, "5")]
    [TestCase(2250UL, 2250U, 3, "1000.000")]
    [TestCase(ulong.MaxValue, 1000U, 1, "18446744073709551615.0")]
    public void Nanoseconds(ulong cycles, uint megahertz, int decimals, string expected) =>
        Assert.That(ExactDecimal.Nanoseconds(cycles, megahertz, decimals), Is.EqualTo(expected));
}
