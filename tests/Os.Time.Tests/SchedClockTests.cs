namespace CoSim.Os.Timekeeping.Tests;

/// <summary>The clock of log stamps while the TSC is not trusted: Linux 6.1, kernel/sched/clock.c.</summary>
public sealed unsafe class SchedClockTests
{
    private const ulong Millisecond = 1_000_000, Ahead = 5 * Millisecond;

    private static SchedClockData At(ulong monotonic, ulong raw) => new() { TickMonotonic = monotonic, TickRaw = raw, Clock = monotonic + Ahead };

    [Test]
    public void BetweenTicksTheCounterCounts()
    {
        SchedClockData d = At(1000 * Millisecond, 70 * Millisecond);
        Assert.That(SchedClockData.Read(&d, 71 * Millisecond, Ahead), Is.EqualTo(1006 * Millisecond));
        Assert.That(SchedClockData.Read(&d, 73 * Millisecond, Ahead), Is.EqualTo(1008 * Millisecond));
    }

    [Test]
    public void ACounterThatJumpsMovesItByNoMoreThanATick()
    {
        SchedClockData d = At(1000 * Millisecond, 70 * Millisecond);
        ulong most = (1000 * Millisecond) + Ahead + (ulong)TimeUnits.TickNsec;
        Assert.That(SchedClockData.Read(&d, 9_000_000 * Millisecond, Ahead), Is.EqualTo(most));
        d.TickMonotonic += (ulong)TimeUnits.TickNsec;
        d.TickRaw = 9_000_000 * Millisecond;
        Assert.That(SchedClockData.Read(&d, d.TickRaw + Millisecond, Ahead), Is.EqualTo(most + Millisecond), "and at the next tick it is right again");
    }

    [Test]
    public void ACounterThatGoesBackDoesNotTakeItAlong()
    {
        SchedClockData d = At(1000 * Millisecond, 70 * Millisecond);
        ulong before = SchedClockData.Read(&d, 72 * Millisecond, Ahead);
        Assert.That(SchedClockData.Read(&d, 3, Ahead), Is.EqualTo(before));
        d.TickMonotonic += 2 * (ulong)TimeUnits.TickNsec;
        d.TickRaw = 4;
        Assert.That(SchedClockData.Read(&d, 4, Ahead), Is.EqualTo((1000 * Millisecond) + Ahead + (2 * (ulong)TimeUnits.TickNsec)));
    }

    [Test]
    public void ANegativeDistanceWraps()
    {
        SchedClockData d = new() { TickMonotonic = 1000 * Millisecond, TickRaw = 0 };
        d.Clock = 990 * Millisecond;
        Assert.That(SchedClockData.Read(&d, Millisecond, unchecked(0 - (10 * Millisecond))), Is.EqualTo(991 * Millisecond));
    }
}
