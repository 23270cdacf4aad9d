using System.Text.RegularExpressions;

namespace CoSim.Cli.Tests;

/// <summary>Debian's Linux 6.12: what has changed since 6.1 finds the same machine, and its own self-tests pass on it.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed partial class LinuxNewerTests
{
    /// <summary>Rome's firmware has no _CPC object, and 6.12 says so; there is nothing else to complain about.</summary>
    [Test]
    public void ItBootsQuietlyOnFourCores()
    {
        const string script = "nproc; sleep 1.5; cat /sys/devices/system/clocksource/clocksource0/current_clocksource; dmesg -r";
        CommandLine.Result result = LinuxGuest.BootKernel(LinuxGuest.NewerKernel, 4, "rodata=off", "--exec", "/bin/busybox", "--", "sh", "-c", script);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Does.StartWith("4\ntsc\n"));
            Assert.That(LinuxGuest.Warnings(result.Output).Where(l => !l.Contains("the _CPC object is not present", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public void ItsTimeNamespaceTestsPass([Values("timens", "timerfd", "timer", "clock_nanosleep", "procfs", "exec", "futex", "vfork_exec")] string name)
    {
        string program = Path.Combine(LinuxGuest.Artifacts, "selftests", "6.12", "timens", name);
        if (!File.Exists(program))
            Assert.Ignore("Linux 6.12's self-tests are not built; run tests/selftests/build.sh");
        CommandLine.Result result = LinuxGuest.BootKernel(LinuxGuest.NewerKernel, 2, "", "--exec", program);
        Assert.That((result.Status, NotOk().Count(result.Output)), Is.EqualTo((0, 0)), result.Output + result.Error);
        Assert.That(result.Output, Does.Contain("fail:0 xfail:0 xpass:0 skip:0 error:0"));
    }

    [GeneratedRegex("^not ok", RegexOptions.Multiline)]
    private static partial Regex NotOk();
}
