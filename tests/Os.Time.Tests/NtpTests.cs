
namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 4.</summary>
[TestFixture]
public unsafe class NtpTests
{
    private const long Noon = 86400L * 20000 + 43200;

    private static void RunSeconds(FakeClock clock, int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            clock.Counter += 9_000_000;
            Timekeeper.Advance(clock.Tk);
        }
    }

    private static int Call(FakeClock clock, ref Timex txc, bool may = true)
    {
        fixed (Timex* t = &txc) return Timekeeper.AdjTimex(clock.Tk, t, may, out _);
    }

    [TestCase(500 << 16, 500_000L)]
    [TestCase(-(500 << 16), -500_000L)]
    [TestCase(100 << 16, 100_000L)]
    [TestCase(1 << 16, 1_000L)]
    public void Section4_FrequencyMovesTheClockByThatManyNanosecondsASecond(int freq, long nsecPerSec)
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        RunSeconds(clock, 250);
        long start = Timekeeper.Monotonic(clock.Tk);
        Timex txc = default;
        txc.Modes = AdjModes.Frequency;
        txc.Freq = freq;
        Assert.That(Call(clock, ref txc), Is.EqualTo((int)NtpState.Error), "unsynchronised");
        Assert.That(txc.Freq, Is.EqualTo(freq));
        RunSeconds(clock, 2500);
        long passed = Timekeeper.Monotonic(clock.Tk) - start;
        Assert.That(passed - 10_000_000_000, Is.InRange(10 * nsecPerSec - 2000, 10 * nsecPerSec + 2000));
    }

    [Test]
    public void Section4_FrequencyIsLimitedTo500Ppm()
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        Timex txc = default;
        txc.Modes = AdjModes.Frequency;
        txc.Freq = 900 << 16;
        Call(clock, ref txc);
        Assert.That(txc.Freq, Is.EqualTo(500 << 16));
        Assert.That(txc.Tolerance, Is.EqualTo(500 << 16));
    }

    [Test]
    public void Section4_AdjtimeSlews500MicrosecondsASecond()
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        RunSeconds(clock, 250);
        Timex txc = default;
        txc.Modes = AdjModes.OffsetSingleshot;
        txc.Offset = 2000;
        Call(clock, ref txc);
        Timespec before = Timekeeper.Realtime(clock.Tk);
        RunSeconds(clock, 250 * 10);
        Timespec gained = Timespec.Subtract(Timekeeper.Realtime(clock.Tk), before);
        Assert.That(gained.Sec, Is.EqualTo(10));
        Assert.That(gained.Nsec, Is.InRange(1_998_000L, 2_002_000L));
        Assert.That(clock.Tk->Ntp.TimeAdjustUsec, Is.Zero);
    }

    [TestCase(true, -1)]
    [TestCase(false, 1)]
    public void Section4_LeapSecondAtTheEndOfTheDay(bool insert, int step)
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(86400L * 20000 + 86395);
        Timex txc = default;
        txc.Modes = AdjModes.Status | AdjModes.Tai;
        txc.Status = (int)(insert ? NtpStatus.Ins : NtpStatus.Del);
        txc.Constant = 37;
        Assert.That(Call(clock, ref txc), Is.EqualTo((int)NtpState.Ok));
        RunSeconds(clock, 250 * 10 + 2);
        Assert.That(Timekeeper.Realtime(clock.Tk).Sec, Is.EqualTo(86400L * 20000 + 86395 + 10 + step));
        Assert.That(clock.Tk->Shadow.TaiOffset, Is.EqualTo(37 - step));
        long mono = Timekeeper.Monotonic(clock.Tk);
        Assert.That(mono, Is.InRange(10_007_999_000L, 10_008_001_000L), "monotonic time knows no leap second");
        Assert.That(clock.Tk->ClockWasSet, Is.True);
    }

    [Test]
    public void Section4_PllOffsetIsAmortisedAndRemembered()
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        Timex txc = default;
        txc.Modes = AdjModes.Status | AdjModes.Offset | AdjModes.Nano;
        txc.Status = (int)NtpStatus.Pll;
        txc.Offset = 10_000_000;
        Call(clock, ref txc);
        Assert.That(txc.Offset, Is.InRange(9_999_990L, 10_000_000L));
        Timespec before = Timekeeper.Realtime(clock.Tk);
        RunSeconds(clock, 250 * 200);
        long gained = Timekeeper.Realtime(clock.Tk).Sec - before.Sec - 200 == 0 ? Timekeeper.Realtime(clock.Tk).Nsec - before.Nsec : -1;
        Assert.That(gained, Is.InRange(9_800_000L, 10_050_000L));
    }

    [TestCase(8999L, -22)]
    [TestCase(9000L, 5)]
    [TestCase(11001L, -22)]
    public void Section4_TickIsAcceptedWithin10Percent(long tick, int expected)
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        Timex txc = default;
        txc.Modes = AdjModes.Tick;
        txc.Tick = tick;
        Assert.That(Call(clock, ref txc), Is.EqualTo(expected));
    }

    [Test]
    public void Section4_ChangingNeedsPermissionReadingDoesNot()
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        Timex txc = default;
        Assert.That(Call(clock, ref txc, false), Is.EqualTo((int)NtpState.Error));
        Assert.That(txc.Tick, Is.EqualTo(10000));
        txc = default;
        txc.Modes = AdjModes.Frequency;
        Assert.That(Call(clock, ref txc, false), Is.EqualTo(-Errno.EPERM));
    }

    [Test]
    public void Section4_WallClockCannotBeSetBeforeBoot()
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Noon);
        RunSeconds(clock, 250 * 20);
        Assert.That(Timekeeper.SetRealtime(clock.Tk, new Timespec(10, 0)), Is.EqualTo(-Errno.EINVAL));
        Assert.That(Timekeeper.SetRealtime(clock.Tk, new Timespec(1_000_000_000, 250)), Is.Zero);
        Assert.That(Timekeeper.Realtime(clock.Tk).Sec, Is.EqualTo(1_000_000_000));
        Assert.That(Timekeeper.SetRealtime(clock.Tk, new Timespec(1, 1_000_000_000)), Is.EqualTo(-Errno.EINVAL));
    }

    /// <summary>A change of clocksource keeps the frequency that adjtimex has set, from the first cycle on.</summary>
    [Test]
    public unsafe void Section4_FrequencySurvivesAChangeOfClocksource()
    {
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(1_700_000_000);
        Timex tick = default;
        tick.Modes = AdjModes.Tick;
        tick.Tick = 9000;
        Assert.That(Timekeeper.AdjTimex(clock.Tk, &tick, true, out _), Is.Not.Negative);
        long slow = clock.Tk->State.Mono.Mult;
        Assert.That(slow, Is.EqualTo(clock.Source->Conversion.Mult * 9L / 10).Within(2));
        Timekeeper.ChangeClock(clock.Tk, clock.Source);
        Assert.That((long)clock.Tk->State.Mono.Mult, Is.EqualTo(slow).Within(1));
    }
}
