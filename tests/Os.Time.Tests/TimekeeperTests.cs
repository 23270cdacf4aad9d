
namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 3: accumulation and read-out.</summary>
[TestFixture]
public unsafe class TimekeeperTests
{
    private const long Wall = 1_700_000_000;

    private static FakeClock Tsc() => new(2_250_000, 1000, ulong.MaxValue);

    [Test]
    public void Section3_OneSecondOfTicksIsOneSecond()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        for (int i = 0; i < 250; i++)
        {
            clock.Counter += 9_000_001; // cycle_interval: the rounded multiplier makes a tick one cycle longer
            Assert.That(Timekeeper.Advance(clock.Tk), Is.True);
        }
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.InRange(999_999_900L, 1_000_000_100L));
        Assert.That(Timekeeper.MonotonicRaw(clock.Tk), Is.InRange(999_999_900L, 1_000_000_100L));
    }

    [Test]
    public void Section3_LessThanATickIsNotAccumulated()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 8_999_999;
        Assert.That(Timekeeper.Advance(clock.Tk), Is.False);
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.InRange(3_999_998L, 4_000_000L));
        Assert.That(Timekeeper.MonotonicCoarseNs(clock.Tk), Is.Zero, "the coarse clock stands between ticks");
    }

    [Test]
    public void Section3_NegativeMotionReadsAsNoMotion()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 90_000_000;
        Timekeeper.Advance(clock.Tk);
        clock.Counter -= 9_000_000;
        long before = (long)(clock.Tk->State.Mono.XtimeNsec >> clock.Tk->State.Mono.Shift) + clock.Tk->State.Mono.Base;
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.EqualTo(before));
    }

    [Test]
    public void Section3_DeltaBeyondMaxCyclesDoesNotOverflow()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 2_250_000_000UL * 86400 * 30;
        long expected = 86400L * 30 * TimeUnits.NsecPerSec;
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.InRange(expected - expected / 1_000_000, expected + expected / 1_000_000));
    }

    [Test]
    public void Section3_MonotonicNeverGoesBackwardsAndFollowsTheCounter([Values(1u, 2u, 3u, 4u, 5u)] uint seed)
    {
        using FakeClock clock = (seed % 3) switch
        {
            0 => new FakeClock(14_318_179, 1, 0xffffffff),
            1 => new FakeClock(2_245_780, 1000, ulong.MaxValue),
            _ => new FakeClock(3_579_545, 1, 0xffffff),
        };
        ulong hz = (seed % 3) switch { 0 => 14_318_179UL, 1 => 2_245_780_000UL, _ => 3_579_545UL };
        clock.Start(Wall);
        SplitMix random = new(seed);
        long last = 0;
        UInt128 counted = 0;
        for (int i = 0; i < 50_000; i++)
        {
            // Anything from far below a tick to 300 ticks; below every counter's wrap.
            ulong step = random.Next(random.Next(8) == 0 ? hz : hz / 500) + 1;
            counted += step;
            clock.Counter += step;
            if (random.Next(2) == 0) Timekeeper.Advance(clock.Tk);
            if (random.Next(4) == 0) Timekeeper.Advance(clock.Tk);
            if (step > hz / 4) Timekeeper.Advance(clock.Tk);
            long now = Timekeeper.Monotonic(clock.Tk);
            Assert.That(now, Is.GreaterThanOrEqualTo(last), $"seed {seed}, step {i}: went backwards");
            last = now;
        }
        Timekeeper.Advance(clock.Tk);
        long exact = (long)(counted * 1_000_000_000 / hz);
        // The multiplier steers accumulated time to the nominal tick, whose length is cycle_interval rounded to whole cycles.
        long tolerance = exact / 1000;
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.InRange(exact - tolerance, exact + tolerance), $"seed {seed}");
    }

    [Test]
    public void Section3_ErrorStaysBoundedWhileTicksAreRegular([Values(2_250_000u, 2_245_781u, 3_293_811u)] uint khz)
    {
        using FakeClock clock = new(khz, 1000, ulong.MaxValue);
        clock.Start(Wall);
        ulong perTick = khz * 4UL;
        for (int i = 0; i < 250 * 600; i++)
        {
            clock.Counter += perTick;
            Timekeeper.Advance(clock.Tk);
            long errorNsec = clock.Tk->Shadow.NtpError >> 32;
            Assert.That(errorNsec, Is.InRange(-1000L, 1000L), $"tick {i}: the accumulated error ran away");
        }
        // The multiplier is an integer: it is off by half a unit at most.
        long rounding = 600_000_000_000L / (2 * clock.Source->Conversion.Mult) + 1000;
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.InRange(600_000_000_000L - rounding, 600_000_000_000L + rounding));
    }

    [Test]
    public void Section3_RealtimeIsMonotonicPlusOffset()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 123_456_789_012;
        Timekeeper.Advance(clock.Tk);
        clock.Counter += 12345;
        long real, boot, tai;
        uint seq;
        long mono = Timekeeper.MonotonicWithOffsets(clock.Tk, &real, &boot, &tai, &seq);
        Timespec wall = Timekeeper.Realtime(clock.Tk);
        Assert.That(mono + real, Is.EqualTo(wall.Sec * TimeUnits.NsecPerSec + wall.Nsec));
        Assert.That(Timekeeper.Boottime(clock.Tk), Is.EqualTo(mono));
        Assert.That(boot, Is.Zero);
        Assert.That(tai, Is.EqualTo(real));
    }

    [Test]
    public void Section3_SuspendAdvancesBoottimeAndWallButNotMonotonic()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 2_250_000_000;
        Timekeeper.Advance(clock.Tk);
        long before = Timekeeper.Monotonic(clock.Tk);
        Timekeeper.Suspend(clock.Tk);
        clock.Counter = 5_000_000_000;
        Assert.That(FastTimekeeper.Read(&clock.Tk->FastMono), Is.EqualTo(before), "the fast clock stands while suspended");
        Timekeeper.Resume(clock.Tk, new Timespec(100, 500_000_000));
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.EqualTo(before));
        Assert.That(Timekeeper.Boottime(clock.Tk), Is.EqualTo(before + 100_500_000_000));
        Assert.That(Timekeeper.Realtime(clock.Tk).Sec, Is.EqualTo(Wall + 101));
    }

    [Test]
    public void Section3_ChangingTheClocksourceKeepsTime()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 22_500_000_000;
        Timekeeper.Advance(clock.Tk);
        long before = Timekeeper.Monotonic(clock.Tk);
        Clocksource* pm = stackalloc Clocksource[1];
        *pm = default;
        pm->Mask = 0xffffff;
        pm->Read = clock.Source->Read;
        pm->SetFrequency(3_579_545, 1);
        Timekeeper.ChangeClock(clock.Tk, pm);
        Assert.That(Timekeeper.Monotonic(clock.Tk), Is.InRange(before, before + 1));
    }

    [Test]
    public void Section3_FastClockAgreesAndReadsDuringAnUpdate()
    {
        using FakeClock clock = Tsc();
        clock.Start(Wall);
        clock.Counter = 9_000_000 * 3 + 77;
        Timekeeper.Advance(clock.Tk);
        Assert.That(FastTimekeeper.Read(&clock.Tk->FastMono), Is.EqualTo(Timekeeper.Monotonic(clock.Tk)));
        // A writer is in the middle of copy 0: the reader must use copy 1 and finish.
        clock.Tk->FastMono.Seq++;
        clock.Tk->FastMono.Base0 = default;
        Assert.That(FastTimekeeper.Read(&clock.Tk->FastMono), Is.EqualTo(Timekeeper.Monotonic(clock.Tk)));
    }
}
