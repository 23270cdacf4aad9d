namespace CoSim.Cli.Tests;

/// <summary>Debian's kernel, unmodified, from the reset vector to a program's exit status.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class BootLinuxTests
{
    /// <summary>All programs run; the exit status is the first that is not 0.</summary>
    [Test]
    public void ProgramsRunOneAfterAnotherWithTheirOwnArgumentsAndStatus()
    {
        string program = "/bin/busybox sh -c";
        CommandLine.Result result = LinuxGuest.Boot(
            1, "", "--exec", $"{program} 'uname -sm'", "--exec", $"{program} 'echo \"$0\"; exit 3' 'two  words'", "--exec", $"{program} 'kill -9 $$'");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((result.Status, result.Output), Is.EqualTo((3, "Linux x86_64\ntwo  words\n")), result.Error);
            Assert.That(result.Error, Does.Contain("exit status 3").And.Contain("exit status 137"));
        }
    }

    [Test]
    public void ClocksAreSoundOnAnyNumberOfCores([Values(1, 4)] int cores)
    {
        // A second after the boot the TSC's refined calibration makes it the clocksource.
        string script = "sleep 1.5; nproc; cat /sys/devices/system/clocksource/clocksource0/current_clocksource; dmesg -r";
        CommandLine.Result result = LinuxGuest.Shell(cores, script, "");
        Assert.That(result.Status, Is.Zero, result.Error + result.Output);
        string[] lines = result.Output.Split('\n');
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[..2], Is.EqualTo(new[] { $"{cores}", "tsc" }));
            Assert.That(result.Output, Does.Contain("tsc: Fast TSC calibration using PIT"));
            Assert.That(result.Output, Does.Not.Contain("[Firmware Bug]").And.Not.Contain("unchecked MSR access"));
            Assert.That(result.Output, Does.Not.Contain("cut here").And.Not.Contain("Marking clocksource").And.Not.Contain("TSC warp"));
            Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
        }
    }
}
