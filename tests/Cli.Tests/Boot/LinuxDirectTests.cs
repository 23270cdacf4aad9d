namespace CoSim.Cli.Tests.Boot;

/// <summary>Debian's kernel, unmodified, without firmware.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class LinuxDirectTests
{
    /// <summary>The same userland is reached as under our firmware: same processors, same tables, same clocksource.</summary>
    [TestCase("linux", 4)]
    [TestCase("pvh", 1)]
    public void DirectBootReachesTheSameUserland(string protocol, int cores)
    {
        const string script = "uname -sm; nproc; ls /sys/firmware/acpi/tables; sleep 1.2; "
            + "cat /sys/devices/system/clocksource/clocksource0/current_clocksource; exit 5";
        string program = $"/bin/busybox sh -c '{script}'";
        CommandLine.Result direct = LinuxGuest.Boot(cores, "", "--direct", protocol, "--exec", program);
        CommandLine.Result firmware = LinuxGuest.Boot(cores, "", "--exec", program);
        Assert.That((direct.Status, direct.Output), Is.EqualTo((firmware.Status, firmware.Output)), direct.Error);
        Assert.That(direct.Status, Is.EqualTo(5));
    }
}
