using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CoSim.Os.Tests.Boot;

/// <summary>Debian's static busybox, as a user finds it.</summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class BusyBoxTests
{
    private static string[] Run(int processors, string command) =>
        Qemu.Run(processors, $"quiet init=/bin/busybox -- {command}", ("bin/busybox", File.ReadAllBytes(Qemu.Require("busybox"))));

    private static string[] Script(int processors, string script) =>
        Qemu.Run(processors, "quiet init=/bin/busybox -- sh /script", ("bin/busybox", File.ReadAllBytes(Qemu.Require("busybox"))), ("script", Encoding.ASCII.GetBytes(script)));

    [Test]
    public void DateIsTheRealTimeClocks()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        long seconds = long.Parse(Run(1, "date +%s")[0], CultureInfo.InvariantCulture);
        Assert.That(seconds, Is.InRange(before.ToUnixTimeSeconds() - 2, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 2));
    }

    [Test]
    public void UptimeHasTwoNumbers() => Assert.That(Regex.IsMatch(Run(1, "cat /proc/uptime")[0], @"^\d+\.\d\d \d+\.\d\d$"));

    [Test]
    public void SleepTakesItsTime()
    {
        string[] lines = Script(2, "cat='busybox cat'; $cat /proc/uptime; busybox sleep 1; $cat /proc/uptime\n");
        double[] up = [.. lines.Select(l => double.Parse(l.Split(' ')[0], CultureInfo.InvariantCulture))];
        Assert.That(up[1] - up[0], Is.InRange(1.0, 1.3)); // an emulated processor on a busy host adds to it
    }

    [Test]
    public void PipelinesOnAllProcessors()
    {
        string[] lines = Script(4, """
            i=0
            while [ $i -lt 20 ]; do
              (busybox head -c 100000 /dev/zero | busybox md5sum) > /tmp/o$i &
              i=$((i+1))
            done
            wait
            busybox cat /tmp/o* | busybox sort | busybox uniq -c
            busybox cat /sys/devices/system/cpu/online

            """);
        // md5 of 100000 zero bytes, from an independent md5sum.
        Assert.That(lines.Select(l => l.Trim()), Is.EqualTo(new[] { "20 0019d23bef56a136a1891211d7007f6f  -", "0-3" }));
    }

    [Test]
    public void ProcShowsTheProcess()
    {
        string[] lines = Script(1, "busybox readlink /proc/self/exe; cd /tmp; busybox pwd; busybox readlink /proc/$$/cwd; busybox readlink /proc/1/ns/time\n");
        Assert.That(lines, Is.EqualTo(new[] { "/bin/busybox", "/tmp", "/tmp", "time:[4026531834]" }));
    }
}
