namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Linux' own self-tests, unmodified: tools/testing/selftests/timens, timers and vDSO of Linux 6.1. The TAP or text output must be what
/// Linux gives, where it holds no measured times.
/// </summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class SelfTestTests
{
    [TestCase("timens/timens", 10)]
    [TestCase("timens/timerfd", 3)]
    [TestCase("timens/timer", 3)]
    [TestCase("timens/clock_nanosleep", 4)]
    [TestCase("timens/procfs", 2)]
    [TestCase("timens/exec", 1)]
    [TestCase("timens/futex", 2)]
    [TestCase("vDSO/vdso_test_abi", 16)]
    [TestCase("timers/nanosleep", 6, 6)]
    public void ReportsPasses(string name, int passed, int skipped = 0)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest(name), ["--cores", "2"]);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Lines[^1], Is.EqualTo($"# Totals: pass:{passed} fail:0 xfail:0 xpass:0 skip:{skipped} error:0"));
        Assert.That(r.Lines.Count(l => l.StartsWith("not ok", StringComparison.Ordinal)), Is.Zero);
    }

    /// <summary>Those of 6.12 by its rules. Three cases of POSIX timers fail on Debian's 6.12 too: they are about what 6.13 has changed.</summary>
    [TestCase("timens/timens", 10)]
    [TestCase("timens/timerfd", 3)]
    [TestCase("timens/timer", 3)]
    [TestCase("timens/clock_nanosleep", 4)]
    [TestCase("timens/procfs", 2)]
    [TestCase("timens/exec", 1)]
    [TestCase("timens/futex", 2)]
    [TestCase("timers/posix_timers", 15, "check_sig_ign SIGEV_SIGNAL", "check_rearm", "check_delete")]
    public void ThoseOf612PassByItsRules(string name, int passed, params string[] failing)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest("6.12/" + name), ["--os-semantics", "6.12", "--ipc", "1/40"]);
        Assert.That(r.Lines[^1], Is.EqualTo($"# Totals: pass:{passed} fail:{failing.Length} xfail:0 xpass:0 skip:0 error:0"));
        Assert.That(r.Lines.Where(l => l.StartsWith("not ok", StringComparison.Ordinal)).Select(l => l.Split(' ', 4)[3]), Is.EqualTo(failing));
    }

    [TestCase("vDSO/vdso_standalone_test_x86", "The time is ")]
    [TestCase("vDSO/vdso_test_gettimeofday", "The time is ")]
    [TestCase("vDSO/vdso_test_getcpu", "Running on CPU ")]
    public void AnswersFromTheVdso(string name, string start)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest(name), []);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Output, Does.StartWith(start));
    }

    [Test]
    public void VdsoResolutionsAreTheSystemCalls()
    {
        string[] lines = InterfaceProgram.Run(InterfaceProgram.SelfTest("vDSO/vdso_test_clock_getres"), []).Lines;
        Assert.That(lines.Select(l => l.Split(' ')[^1]), Is.EqualTo(Enumerable.Repeat("[PASS]", 7)));
    }

    [Test]
    public void VdsoIsCorrect()
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest("vDSO/vdso_test_correctness"), ["--cores", "2"]);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Lines.Where(l => l.StartsWith("[FAIL]", StringComparison.Ordinal)), Is.Empty);
        Assert.That(r.Lines.Count(l => l.StartsWith("[OK]\tTest Passed", StringComparison.Ordinal)), Is.EqualTo(11));
    }

    /// <summary>
    /// Programs that change the clocks, or watch them for a time: on Linux they end with status 0 and without "[FAIL". Busy ones run on a slow
    /// machine (--ipc), where the same simulated seconds are fewer instructions.
    /// </summary>
    [TestCase("timers/posix_timers", "1/40")]
    [TestCase("timers/inconsistency-check", "1/80", "-t", "1")]
    [TestCase("timers/threadtest", "1/80", "-t", "1", "-n", "4")]
    [TestCase("timers/raw_skew", "1")]
    [TestCase("timers/valid-adjtimex", "1")]
    [TestCase("timers/adjtick", "1")]
    [TestCase("timers/skew_consistency", "1/20")]
    [TestCase("timers/set-tai", "1")]
    [TestCase("timers/set-tz", "1")]
    [TestCase("timers/leap-a-day", "1")]
    [TestCase("timers/leapcrash", "1/200")]
    [TestCase("timers/rtcpie", "1")]
    public void KeepsTime(string name, string ipc, params string[] arguments)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest(name), ["--cores", "2", "--ipc", ipc], arguments);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Output, Does.Not.Contain("[FAIL").And.Not.Contain("not ok").And.Not.Contain("Inconsistency"));
    }

    /// <summary>
    /// Programs that start a shell, or others of the self-tests beside them; these report with numbers of their own.
    /// </summary>
    [TestCase("timers/alarmtimer-suspend", "1/80")]
    [TestCase("timers/set-2038", "1/200")]
    [TestCase("timers/clocksource-switch", "1/400", "-t", "1")]
    public void KeepsTimeForItsSiblings(string name, string ipc, params string[] arguments)
    {
        string program = InterfaceProgram.SelfTest(name);
        string[] siblings = [.. s_siblings.SelectMany(s => (string[])["--file", InterfaceProgram.SelfTest("timers/" + s)])];
        InterfaceProgram.Result r = InterfaceProgram.Run(program, ["--cores", "2", "--ipc", ipc, "--file", InterfaceProgram.Busybox + ":/bin/sh", .. siblings], arguments);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Output, Does.Not.Contain("FAIL").And.Not.Contain("not ok").And.Not.Contain("Inconsistency").And.Not.Contain("sh: ./"));
        Assert.That(r.Lines[^1], Does.StartWith("# Totals: pass:").And.Contains(" fail:0 "));
    }

    /// <summary>
    /// change_skew gives its siblings no arguments, and inconsistency-check then keeps a processor busy for a minute and a half each of five times: a
    /// script in its place asks for a second per clock. The rest is sleep, which costs nothing.
    /// </summary>
    [Test]
    public void KeepsTimeWhileTheFrequencyChanges()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "inconsistency-check");
        File.WriteAllText(script, "#!/bin/sh\nexec ./checks/inconsistency-check -t 1\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string[] files =
        [
            "--file", InterfaceProgram.Busybox + ":/bin/sh", "--file", script, "--file", InterfaceProgram.SelfTest("timers/inconsistency-check") + ":/checks/inconsistency-check",
            "--file", InterfaceProgram.SelfTest("timers/raw_skew"), "--file", InterfaceProgram.SelfTest("timers/nanosleep"),
        ];
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest("timers/change_skew"), ["--cores", "2", "--ipc", "1/400", .. files]);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Output, Does.Not.Contain("FAIL").And.Not.Contain("not ok").And.Not.Contain("Inconsistency").And.Not.Contain("sh: ./"));
        Assert.That(r.Lines.Count(l => l.StartsWith("Using ", StringComparison.Ordinal)), Is.EqualTo(5));
        Assert.That(r.Lines.Count(l => l.Contains("Totals: pass:11 fail:0", StringComparison.Ordinal)), Is.EqualTo(5), "inconsistency-check");
        Assert.That(r.Output, Does.Contain("[OK]# Totals: "));
    }

    private static readonly string[] s_siblings = ["raw_skew", "inconsistency-check", "nanosleep", "nsleep-lat"];

    [TestCase("timers/nsleep-lat", 6)]
    [TestCase("timers/mqueue-lat", 1)]
    [TestCase("timers/set-timer-lat", 60)]
    public void LatenciesAreSmall(string name, int cases)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest(name), []);
        Assert.That(r.Status, Is.Zero);
        Assert.That(r.Output, Does.Not.Contain("[FAILED]"));
        Assert.That(r.Lines.Count(l => l.TrimEnd().EndsWith("[OK]", StringComparison.Ordinal)), Is.EqualTo(cases));
    }
}
