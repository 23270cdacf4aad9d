using CoSim.Cli.Scenarios.Invariants;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>When a reading proves that a clock went backwards, and when it proves nothing.</summary>
[TestFixture]
public sealed class ReadingHistoryTests
{
    [Test]
    public void AReadingIsComparedWithThoseThatHadEndedWhenItBegan()
    {
        ReadingHistory history = new(64);
        Assert.That(history.Add(Reading(0, 10, 100)), Is.Null);
        Assert.That(history.Add(Reading(5, 30, 300)), Is.Null);
        // Begun before the second ended, after the first: less than the second is nothing, less than the first is.
        Assert.That(history.Add(Reading(20, 31, 200)), Is.Null);
        Assert.That(history.Add(Reading(20, 32, 99))?.Ticks, Is.EqualTo(1));
        Assert.That(history.Add(Reading(31, 33, 250))?.Ticks, Is.EqualTo(50));
    }

    [Test]
    public void AReadingThatIsHeardOfLateIsComparedToo()
    {
        ReadingHistory history = new(64);
        Assert.That(history.Add(Reading(50, 50, 100)), Is.Null);
        Assert.That(history.Add(Reading(40, 49, 120))?.Ticks, Is.EqualTo(20), "120 was read before 100 was asked for");
        Assert.That(history.Add(Reading(45, 51, 140)), Is.Null, "140 may have been read after 100");
    }

    [Test]
    public void AReadingBelowOthersThatOverlapItIsRemembered()
    {
        ReadingHistory history = new(64);
        Assert.That(history.Add(Reading(20, 40, 200)), Is.Null);
        Assert.That(history.Add(Reading(30, 50, 150)), Is.Null, "the two overlap");
        Assert.That(history.Add(Reading(10, 30, 160))?.Ticks, Is.EqualTo(10), "160 was read before 150 was asked for");
    }

    [Test]
    public void TheLastDigitOfACoarseCallIsNoStepBack()
    {
        ReadingHistory history = new(64);
        Assert.That(history.Add(Reading(0, 10, 5999)), Is.Null);
        Assert.That(history.Add(Reading(10, 20, 5000) with { Unit = 1000 }), Is.Null, "gettimeofday showed 5 us: 5000 to 5999 ns");
        Assert.That(history.Add(Reading(20, 30, 6000)), Is.Null);
        Assert.That(history.Add(Reading(30, 40, 5000) with { Unit = 1000 })?.Ticks, Is.EqualTo(1));
    }

    [Test]
    public void ACounterMayWrap()
    {
        ReadingHistory history = new(24);
        Assert.That(history.Add(Reading(0, 0, 0xFF_FFF0)), Is.Null);
        Assert.That(history.Add(Reading(1, 1, 0x10)), Is.Null);
        Assert.That(history.Add(Reading(2, 2, 0xFF_FFFF))?.Ticks, Is.EqualTo(0x11));
    }

    [Test, Repeat(100)]
    public void ManyReadingsOfAnyOrderAgreeWithTheDefinition()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        List<ClockReading> all = [];
        ReadingHistory history = new(64);
        bool backwards = false, expected = false;
        for (int i = 0; i < 2000 && !expected; i++)
        {
            ulong since = (ulong)(i + random.Next(20)), time = since + (ulong)random.Next(30);
            // Somewhere in its call, and rarely too low.
            ulong value = 100 + since + (ulong)random.Next((int)(time - since + 1)) - (random.Next(300) == 0 ? 25UL : 0);
            ClockReading reading = Reading(since, time, value);
            expected = all.Any(a => (a.Time <= reading.Since && a.Value > reading.Value) || (reading.Time <= a.Since && reading.Value > a.Value));
            backwards = history.Add(in reading) is not null;
            Assert.That(backwards, Is.EqualTo(expected), $"seed {seed}, reading {i}: {reading}");
            all.Add(reading);
        }
    }

    private static ClockReading Reading(ulong since, ulong time, ulong value) =>
        new(WatchedClock.Monotonic, 0, At(time), value) { Since = At(since) };

    private static SimTime At(ulong nanoseconds) => SimTime.Zero + SimDuration.FromNanoseconds((long)nanoseconds);
}
