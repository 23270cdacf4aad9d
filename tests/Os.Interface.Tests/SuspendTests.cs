namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Suspend to RAM through our firmware: the answers of Debian's Linux 6.1 on the same simulated machine. Timekeeping reference, section 3,
/// Suspend; timer_create(2), CLOCK_REALTIME_ALARM and CLOCK_BOOTTIME_ALARM.
/// </summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class SuspendTests
{
    [Test]
    public void Section3_ClocksAndTimersAreThoseOfLinux([Values("1", "4")] string cores)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.Compile("suspend"), ["--cores", cores]);
        Assert.That((r.Status, r.Output), Is.EqualTo((0, InterfaceProgram.Expected("suspend"))));
    }

    /// <summary>The watchdog, the local timers and the calibrated TSC go on on every processor, with each clocksource.</summary>
    [TestCase("tsc")]
    [TestCase("hpet")]
    [TestCase("acpi_pm")]
    public void ClocksourceGoesOn(string clocksource)
    {
        const string script =
            "sleep 1.5; C=/sys/devices/system/clocksource/clocksource0/current_clocksource; cat $C; for i in 1 2 3; do echo +3 > /sys/class/rtc/rtc0/wakealarm; "
            + "echo mem > /sys/power/state; sleep 1; done; cat $C; nproc; dmesg | grep -ci 'unstable\\|skew\\|BUG\\|interrupt took'; cut -d. -f1 /proc/uptime";
        InterfaceProgram.Result r = InterfaceProgram.Run("/bin/busybox", ["--cores", "4", "--os-cmdline", $"clocksource={clocksource}"], "sh", "-c", script);
        Assert.That((r.Status, r.Lines[..^1]), Is.EqualTo((0, new[] { clocksource, clocksource, "4", "0" })), r.Error);
        Assert.That(int.Parse(r.Lines[^1], System.Globalization.CultureInfo.InvariantCulture), Is.InRange(12, 16), "three times three seconds of sleep, and four and a half awake");
    }
}
