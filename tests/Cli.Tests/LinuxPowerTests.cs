using System.Globalization;

namespace CoSim.Cli.Tests;

/// <summary>Processors that come and go, idle and performance states, suspend to RAM, code that is patched while it runs.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class LinuxPowerTests
{
    private const string Warnings = "; dmesg -r";

    /// <summary>
    /// The RTC's alarm ends the suspension: BOOTTIME and the RTC count it, MONOTONIC does not, and everything goes on where it was,
    /// twice in a row.
    /// </summary>
    [Test]
    public void SuspendToRamEndsByTheAlarm()
    {
        // /proc/uptime is BOOTTIME; each stamp of the kernel's log is MONOTONIC to within microseconds.
        const string script =
            "echo now > /dev/kmsg; cat /proc/uptime; date +%s; "
            + "for i in 1 2; do echo +5 > /sys/class/rtc/rtc0/wakealarm; echo mem > /sys/power/state || exit 9; done; "
            + "echo now > /dev/kmsg; cat /proc/uptime; date +%s; nproc; cat /sys/power/mem_sleep; dmesg -r | grep 'now$'" + Warnings;
        CommandLine.Result result = LinuxGuest.Shell(4, script, "");
        string[] lines = result.Output.Split('\n');
        Assert.That((result.Status, lines.Length > 8), Is.EqualTo((0, true)), result.Error + result.Output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Number(lines[2]) - Number(lines[0]), Is.InRange(8m, 11m), "BOOTTIME");
            Assert.That(Number(lines[3]) - Number(lines[1]), Is.InRange(9m, 11m), "REALTIME");
            Assert.That(Stamp(lines[7]) - Stamp(lines[6]), Is.InRange(0m, 0.5m), "MONOTONIC");
            Assert.That(lines[4..6], Is.EqualTo(new[] { "4", "s2idle [deep]" }));
            Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
        }
    }

    /// <summary>The way down, firmware's resume and the way up, all of it on the out-of-order engine.</summary>
    [Test]
    public void SuspendToRamWorksOnTheDetailedEngine()
    {
        const string script = "echo +3 > /sys/class/rtc/rtc0/wakealarm; echo mem > /sys/power/state && cat /proc/uptime" + Warnings;
        CommandLine.Result result = LinuxGuest.Shell(1, script, "", "--detailed-from", "pm_suspend");
        string[] lines = result.Output.Split('\n');
        Assert.That((result.Status, lines.Length > 2), Is.EqualTo((0, true)), result.Error + result.Output);
        Assert.That(Number(lines[0]), Is.InRange(2m, 4m), "BOOTTIME");
        Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
        Assert.That(result.Output, Does.Contain("Waking up from system sleep state S3"));
    }

    /// <summary>
    /// INIT and start-up IPIs bring a processor back as often as Linux likes; kprobes and the function tracer patch running code on all of
    /// them (text_poke by INT3).
    /// </summary>
    [Test]
    public void ProcessorsComeAndGoAndCodeIsPatched()
    {
        const string script =
            "cd /sys/devices/system/cpu; for r in 1 2 3; do for c in 1 2 3; do echo 0 > cpu$c/online; done; nproc; "
            + "for c in 3 1 2; do echo 1 > cpu$c/online; done; nproc; done; "
            + "mount -t tracefs t /sys/kernel/tracing; cd /sys/kernel/tracing; echo 'p:probe do_sys_openat2' > kprobe_events; "
            + "echo 1 > events/kprobes/probe/enable; for c in 1 2 4 8; do taskset $c cat /proc/version; done; grep -c probe: trace; "
            + "echo 0 > events/kprobes/probe/enable; echo function > current_tracer; sleep 0.01; echo nop > current_tracer; "
            + "cat /sys/devices/system/cpu/cpuidle/current_driver; cat /sys/devices/system/cpu/cpu3/cpuidle/state*/name; "
            + "cat /sys/devices/system/cpu/cpu3/cpuidle/state2/usage" + Warnings;
        CommandLine.Result result = LinuxGuest.Shell(4, script, "");
        string[] lines = [.. result.Output.Split('\n').Where(l => !l.StartsWith("Linux version", StringComparison.Ordinal))];
        Assert.That((result.Status, lines.Length > 12), Is.EqualTo((0, true)), result.Error + result.Output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[..6], Is.EqualTo(new[] { "1", "4", "1", "4", "1", "4" }));
            Assert.That(Number(lines[6]), Is.AtLeast(4m), "each cat opens a file");
            Assert.That(lines[7..11], Is.EqualTo(new[] { "acpi_idle", "POLL", "C1", "C2" }));
            Assert.That(Number(lines[11]), Is.Positive, "C2 was used");
            Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
        }
    }

    /// <summary>acpi-cpufreq is a module of Debian's kernel. In a slower P-state the same work takes longer by the kernel's clock.</summary>
    [TestCase()]
    [TestCase("--direct")]
    public void PStatesAreThoseOfTheProcessor(params string[] direct)
    {
        string modules = Path.Combine(LinuxGuest.Artifacts, "linux", "lib", "modules");
        string? module = Directory.Exists(modules) ? Directory.GetFiles(modules, "acpi-cpufreq.ko", SearchOption.AllDirectories).Order().FirstOrDefault() : null;
        if (module is null)
            Assert.Ignore("no acpi-cpufreq.ko in artifacts/linux/lib/modules");
        using TemporaryDirectory directory = new();
        CoSim.Os.Loader.CpioWriter archive = new();
        archive.AddFile("acpi-cpufreq.ko", 0x124, File.ReadAllBytes(module!));
        string initrd = directory.Write("modules.cpio", archive.Finish());
        const string script =
            "work() { echo begins > /dev/kmsg; i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done; echo ends > /dev/kmsg; }; "
            + "insmod /acpi-cpufreq.ko && cd /sys/devices/system/cpu/cpu0/cpufreq && cat scaling_driver scaling_available_frequencies && work && "
            + "echo 1500000 > scaling_max_freq && sleep 0.2 && cat cpuinfo_cur_freq && work; a=$?; dmesg -r; exit $a";
        CommandLine.Result result = LinuxGuest.Shell(1, script, "", [.. direct, "--initrd", initrd]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Does.StartWith("acpi-cpufreq\n2250000 2000000 1500000 \n1500000\n"));
            // User space's lines in the log are warnings of facility 1.
            Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
            decimal[] stamps = [.. result.Output.Split('\n').Where(l => l.EndsWith("begins", StringComparison.Ordinal) || l.EndsWith("ends", StringComparison.Ordinal)).Select(Stamp)];
            Assert.That(stamps, Has.Length.EqualTo(4));
            Assert.That((stamps[3] - stamps[2]) / (stamps[1] - stamps[0]), Is.EqualTo(1.5m).Within(0.03m), "2250 MHz to 1500 MHz");
        }
    }

    private static decimal Number(string line) => decimal.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The time of a line of the kernel's log: &lt;LEVEL&gt;[SECONDS] TEXT.</summary>
    private static decimal Stamp(string line) => decimal.Parse(line[(line.IndexOf('[') + 1)..line.IndexOf(']')].Trim(), CultureInfo.InvariantCulture);
}
