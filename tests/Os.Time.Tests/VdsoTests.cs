namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// The compiled vDSO, called on the host with data pages that the kernel's own code wrote (timekeeping reference, section 5;
/// time namespace reference, section 6).
/// </summary>
[TestFixture]
[Category("LinuxX64")]
public unsafe class VdsoTests
{
    private const long Wall = 1_700_000_000;

    private VdsoImage _vdso = null!;
    private delegate* unmanaged<int, Timespec*, int> _gettime;

    [SetUp]
    public void Load()
    {
        if (!VdsoImage.IsPossible) Assert.Ignore("needs an x86-64 Linux host to run the image's code");
        _vdso = new VdsoImage(TestImages.Path("vdso.elf"));
        _gettime = (delegate* unmanaged<int, Timespec*, int>)_vdso.Find("__vdso_clock_gettime");
    }

    [TearDown]
    public void Unload() => _vdso?.Dispose();

    /// <summary>A timekeeper whose clock is far ahead of the host's TSC: the vDSO then sees no progress, and shows the base times.</summary>
    private static FakeClock Standing(byte* page, VdsoClockMode mode)
    {
        FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Source->VdsoMode = mode;
        clock.Counter = 1UL << 62;
        clock.Start(Wall);
        for (int i = 0; i < 3; i++)
        {
            clock.Counter += 9_000_100;
            Timekeeper.Advance(clock.Tk);
        }
        VdsoUpdate.Publish(page, &clock.Tk->State, 1);
        return clock;
    }

    private (long Sec, long Nsec) Read(int clock)
    {
        Timespec t;
        Assert.That(_gettime(clock, &t), Is.Zero, $"clock {clock}");
        return (t.Sec, t.Nsec);
    }

    [Test]
    public void Section5_EveryClockComesFromItsBaseTime()
    {
        using FakeClock clock = Standing(_vdso.Vvar, VdsoClockMode.Tsc);
        Assert.Multiple(() =>
        {
            Assert.That(Read(ClockId.Realtime), Is.EqualTo((Wall, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
            Assert.That(Read(ClockId.Monotonic), Is.EqualTo((0L, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
            Assert.That(Read(ClockId.Boottime), Is.EqualTo((0L, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
            Assert.That(Read(ClockId.Tai), Is.EqualTo((Wall, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
            Assert.That(Read(ClockId.MonotonicRaw), Is.EqualTo((0L, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
            Assert.That(Read(ClockId.RealtimeCoarse), Is.EqualTo((Wall, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
            Assert.That(Read(ClockId.MonotonicCoarse), Is.EqualTo((0L, 12_000_000L)).Using<(long Sec, long Nsec)>(Close));
        });
    }

    private static bool Close((long Sec, long Nsec) a, (long Sec, long Nsec) b) => a.Sec == b.Sec && Math.Abs(a.Nsec - b.Nsec) < 2000;

    [Test]
    public void Section6_InANamespaceTheOffsetsAreAddedToTheRealPage()
    {
        using FakeClock clock = Standing(_vdso.TimensPage, VdsoClockMode.Tsc);
        VdsoUpdate.FillNamespacePage(_vdso.Vvar, new Timespec(86400, 995_000_000), new Timespec(-6, 5));
        VdsoUpdate.SetTimezone(_vdso.TimensPage, -60, 1);
        Assert.Multiple(() =>
        {
            Assert.That(Read(ClockId.Realtime), Is.EqualTo((Wall, 12_000_000L)).Using<(long Sec, long Nsec)>(Close), "not virtualised");
            Assert.That(Read(ClockId.Tai), Is.EqualTo((Wall, 12_000_000L)).Using<(long Sec, long Nsec)>(Close), "not virtualised");
            foreach (int id in new[] { ClockId.Monotonic, ClockId.MonotonicRaw, ClockId.MonotonicCoarse })
                Assert.That(Read(id), Is.EqualTo((86401L, 7_000_000L)).Using<(long Sec, long Nsec)>(Close), $"clock {id}: offset and carry");
            Assert.That(Read(ClockId.Boottime), Is.EqualTo((-6L, 12_000_005L)).Using<(long Sec, long Nsec)>(Close));
        });
        int* zone = stackalloc int[2];
        long* time = stackalloc long[2];
        var gettimeofday = (delegate* unmanaged<long*, int*, int>)_vdso.Find("__vdso_gettimeofday");
        Assert.That(gettimeofday(time, zone), Is.Zero);
        Assert.That((time[0], zone[0], zone[1]), Is.EqualTo((Wall, -60, 1)), "time zone and wall clock come from the real page");
        Assert.That(((delegate* unmanaged<long*, long>)_vdso.Find("__vdso_time"))(null), Is.EqualTo(Wall));
        var getres = (delegate* unmanaged<int, Timespec*, int>)_vdso.Find("__vdso_clock_getres");
        Timespec resolution;
        Assert.That(getres(ClockId.Monotonic, &resolution), Is.Zero);
        Assert.That(resolution.Nsec, Is.EqualTo(1), "the real page's hrtimer_res");
    }

    [TestCase(ClockId.ProcessCpuTime)]
    [TestCase(ClockId.ThreadCpuTime)]
    public void Section5_OtherClocksGoToTheSystemCall(int id)
    {
        using FakeClock clock = Standing(_vdso.Vvar, VdsoClockMode.Tsc);
        (long sec, long nsec) = Read(id);
        Assert.That(sec * TimeUnits.NsecPerSec + nsec, Is.GreaterThan(0));
    }

    [TestCase(99)]
    [TestCase(-1 << 3 | 3)]
    public void Section5_UnknownClocksGiveTheSystemCallsError(int id)
    {
        Timespec t;
        Assert.That(_gettime(id, &t), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void Section5_WithoutAModeTheSystemCallAnswers([Values(false, true)] bool inNamespace)
    {
        using FakeClock clock = Standing(inNamespace ? _vdso.TimensPage : _vdso.Vvar, VdsoClockMode.None);
        if (inNamespace) VdsoUpdate.FillNamespacePage(_vdso.Vvar, new Timespec(86400, 0), default);
        (long sec, _) = Read(ClockId.Realtime);
        Assert.That(sec, Is.GreaterThan(Wall + 1_000_000), "the host's clock, not the page's");
    }

    [Test]
    public void Section5_ProgressIsTheTscsDifferenceTimesMult()
    {
        using FakeClock clock = Standing(_vdso.Vvar, VdsoClockMode.Tsc);
        VdsoData* data = VdsoData.HresCoarse(_vdso.Vvar);
        data->CycleLast = 0;
        data->MaxCycles = ulong.MaxValue >> 1;
        data->Mult = 1;
        data->Shift = 0;
        VdsoData.BaseTime(data, ClockId.Monotonic)->Nsec = 0;
        Timespec a, b;
        _gettime(ClockId.Monotonic, &a);
        _gettime(ClockId.Monotonic, &b);
        long first = a.Sec * TimeUnits.NsecPerSec + a.Nsec, second = b.Sec * TimeUnits.NsecPerSec + b.Nsec;
        Assert.That(second - first, Is.InRange(1L, 1_000_000_000L), "TSC cycles between two reads");
    }
}
