namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Time slept by a clock of whole seconds (timekeeping reference, section 3, Suspend).</summary>
public sealed class PersistentClockTests
{
    private const long NsecPerSec = 1_000_000_000;

    /// <summary>The wall clock comes back with less than two seconds of error however often the machine sleeps: errors do not add up.</summary>
    [Test]
    public void Section3_RoundingDoesNotAddUp()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        PersistentClock clock = default;
        long now = 1_577_836_800L * NsecPerSec, wall = now + 400_000_000; // the true time, and the clock that was set from it
        for (int i = 0; i < 2000; i++)
        {
            long awake = random.NextInt64(60 * NsecPerSec), asleep = random.NextInt64(600 * NsecPerSec);
            now += awake;
            wall += awake;
            clock.Suspend(Timespec.FromNsec(wall), Persistent(now));
            now += asleep;
            wall += clock.Resume(Persistent(now)).ToKtime();
            Assert.That(Math.Abs(wall - now), Is.LessThan(2 * NsecPerSec), $"seed {seed}, suspension {i}");
        }
    }

    [Test]
    public void Section3_StepOfTheWallClockIsNotTakenForSleep()
    {
        PersistentClock clock = default;
        clock.Suspend(new Timespec(1000, 0), new Timespec(1000, 0));
        clock.Resume(new Timespec(1010, 0));
        clock.Suspend(new Timespec(5000, 0), new Timespec(1020, 0)); // somebody set it meanwhile
        Assert.That(clock.Resume(new Timespec(1050, 0)), Is.EqualTo(new Timespec(30, 0)));
    }

    [Test]
    public void Section3_ClockThatStoodStillGivesNoTime()
    {
        PersistentClock clock = default;
        clock.Suspend(new Timespec(1000, 900_000_000), new Timespec(1000, 0));
        Assert.That(clock.Resume(new Timespec(999, 0)), Is.EqualTo(default(Timespec)));
    }

    private static Timespec Persistent(long now) => new(now / NsecPerSec, 0);
}
