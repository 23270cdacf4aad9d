using System.Runtime.InteropServices;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 7, step 5: the comparison of a clocksource with the watchdog.</summary>
[TestFixture]
[NonParallelizable]
public sealed unsafe class WatchdogTests
{
    private const uint HpetHz = 14_318_179, TscKhz = 2_250_000;

    /// <summary>Real time in picoseconds, what a reading of each clock takes, and by how many ppm the TSC is fast.</summary>
    private static ulong s_now, s_hpetReadPs, s_tscReadPs;
    private static long s_tscPpm;

    private Clocksource* _tsc, _hpet;

    [SetUp]
    public void Clocks() => Make(OsSemantics.Linux61);

    [TearDown]
    public void Default()
    {
        TimeNamespaces.Semantics = OsSemantics.Linux61;
        NativeMemory.Free(_tsc);
        NativeMemory.Free(_hpet);
        _tsc = _hpet = null;
    }

    private void Make(OsSemantics semantics)
    {
        TimeNamespaces.Semantics = semantics;
        s_now = 0;
        s_tscPpm = 0;
        s_hpetReadPs = 1_000_000;
        s_tscReadPs = 20_000;
        if (_tsc == null)
        {
            _tsc = (Clocksource*)NativeMemory.Alloc((nuint)sizeof(Clocksource));
            _hpet = (Clocksource*)NativeMemory.Alloc((nuint)sizeof(Clocksource));
        }

        *_tsc = default;
        *_hpet = default;
        _tsc->Mask = ulong.MaxValue;
        _tsc->Read = &ReadTsc;
        _tsc->SetFrequency(TscKhz, 1000);
        _hpet->Mask = uint.MaxValue;
        _hpet->Read = &ReadHpet;
        _hpet->SetFrequency(HpetHz, 1);
    }

    private static ulong ReadTsc()
    {
        s_now += s_tscReadPs;
        UInt128 cycles = (UInt128)s_now * TscKhz / 1_000_000_000;
        return (ulong)(cycles + cycles * (UInt128)s_tscPpm / 1_000_000);
    }

    private static ulong ReadHpet()
    {
        s_now += s_hpetReadPs;
        return (uint)((UInt128)s_now * HpetHz / 1_000_000_000_000);
    }

    private WatchdogVerdict CompareAfter(long milliseconds)
    {
        s_now += (ulong)milliseconds * 1_000_000_000;
        WatchdogCheck check = new() { Watched = _tsc, Watchdog = _hpet };
        Assert.That(WatchdogCheck.Read(&check, 1), Is.EqualTo(WatchdogRead.Success));
        return WatchdogCheck.Compare(&check);
    }

    /// <summary>The margins of the reference: 62.5 ms up to 5.13, 400 us in 6.1, 248 us in 6.12, per half second.</summary>
    [TestCase("5.6", 62_500_000L)]
    [TestCase("6.1", 400_000L)]
    [TestCase("6.12", 248_000L)]
    public void Section7_MarginsByVersion(string version, long margin)
    {
        Make(version switch { "5.6" => OsSemantics.Linux56, "6.1" => OsSemantics.Linux61, _ => OsSemantics.Linux612 });
        Assert.That((long)_tsc->UncertaintyMarginNsec + _hpet->UncertaintyMarginNsec, Is.EqualTo(margin));
        long ppm = margin / 500;
        Assert.That(CompareAfter(500), Is.EqualTo(WatchdogVerdict.First));
        // The rate has to be in place before the first of two readings: the counter is a function of time.
        foreach ((long fast, WatchdogVerdict expected) in new[] { (ppm * 99 / 100, WatchdogVerdict.Good), (ppm * 101 / 100, WatchdogVerdict.Skewed) })
        {
            s_tscPpm = fast;
            _tsc->Flags &= ~ClocksourceFlags.Watchdog;
            Assert.That(CompareAfter(0), Is.EqualTo(WatchdogVerdict.First));
            Assert.That(CompareAfter(500), Is.EqualTo(expected), $"{fast} ppm");
        }
    }

    [TestCase("5.6", false)]
    [TestCase("6.1", true)]
    [TestCase("6.12", true)]
    public void Section7_IntervalsOverOneSecondAreSkipped(string version, bool skipped)
    {
        Make(version switch { "5.6" => OsSemantics.Linux56, "6.1" => OsSemantics.Linux61, _ => OsSemantics.Linux612 });
        CompareAfter(500);
        Assert.That(CompareAfter(999), Is.EqualTo(WatchdogVerdict.Good));
        Assert.That(CompareAfter(1001), Is.EqualTo(skipped ? WatchdogVerdict.LongInterval : WatchdogVerdict.Good));
        Assert.That(CompareAfter(500), Is.EqualTo(WatchdogVerdict.Good), "the long one was the new beginning");
    }

    [Test]
    public void Section7_ASlowReadingOfTheWatchedClockMarksItUnstable()
    {
        s_tscReadPs = 150_000_000;
        WatchdogCheck check = new() { Watched = _tsc, Watchdog = _hpet };
        Assert.That(WatchdogCheck.Read(&check, 2), Is.EqualTo(WatchdogRead.Unstable));
        Assert.That(check.Retried, Is.EqualTo(3));
        Assert.That(check.DelayNsec, Is.InRange(150_000L, 152_000L));
    }

    [Test]
    public void Section7_ASlowWatchdogMeansABusyMachine()
    {
        s_hpetReadPs = 120_000_000;
        WatchdogCheck check = new() { Watched = _tsc, Watchdog = _hpet };
        Assert.That(WatchdogCheck.Read(&check, 2), Is.EqualTo(WatchdogRead.Skip));
        Assert.That(check.Retried, Is.Zero, "it gives up at once");
        Assert.That(check.BackToBackNsec, Is.InRange(119_000L, 121_000L));
    }

    [TestCase(1, 1)]
    [TestCase(4, 2)]
    [TestCase(15, 2)]
    [TestCase(16, 3)]
    [TestCase(64, 4)]
    public void Section7_RetriesGrowWithTheCpus(int cpus, int expected) => Assert.That(WatchdogRules.Retries(cpus), Is.EqualTo(expected));

    /// <summary>Section 3: the threshold of negative motion, half of the mask up to 6.12, 7/8 of it from there on.</summary>
    [TestCase("6.1", 0x7FFFFFUL, 0x800000UL)]
    [TestCase("6.12", 0xDFFFFDUL, 0xDFFFFEUL)]
    public void Section3_NegativeMotionByVersion(string version, ulong longest, ulong backwards)
    {
        TimeNamespaces.Semantics = version == "6.1" ? OsSemantics.Linux61 : OsSemantics.Linux612;
        Clocksource pm = default;
        pm.Mask = 0xFFFFFF;
        pm.SetFrequency(3_579_545, 1);
        Assert.That(pm.Delta(longest, 0), Is.EqualTo(longest));
        Assert.That(pm.Delta(backwards, 0), Is.Zero);
        Assert.That(pm.Delta(5, 0xFFFFFB), Is.EqualTo(10), "the wrap is no motion backwards");
    }

    [TestCase(0UL, "")]
    [TestCase(1UL, "0")]
    [TestCase(0x1DUL, "0,2-4")]
    [TestCase(0x8000_0000_0000_0003UL, "0-1,63")]
    [TestCase(ulong.MaxValue, "0-63")]
    public void CpuLists(ulong cpus, string expected)
    {
        byte* text = stackalloc byte[CpuList.Capacity];
        CpuList.Format(cpus, text);
        Assert.That(Marshal.PtrToStringAnsi((nint)text), Is.EqualTo(expected));
    }
}
