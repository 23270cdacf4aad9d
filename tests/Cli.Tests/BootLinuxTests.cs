namespace CoSim.Cli.Tests;

/// <summary>
/// Debian's kernel, unmodified, from the reset vector to a program's exit status. The image is artifacts/linux/boot/vmlinuz-*,
/// which the continuous integration unpacks from Debian's package, or the host's own /boot/vmlinuz-*.
/// </summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class BootLinuxTests
{
    private static string s_kernel = "";

    [OneTimeSetUp]
    public static void FindKernel()
    {
        CosimProcess.RequireBusybox();
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
            at = at.Parent;
        string[] places = [Path.Combine(at!.FullName, "artifacts", "linux", "boot"), "/boot"];
        s_kernel = places.Where(Directory.Exists).SelectMany(p => Directory.GetFiles(p, "vmlinuz-*")).Order().FirstOrDefault() ?? "";
        if (s_kernel.Length == 0)
            Assert.Ignore("no Linux kernel in artifacts/linux/boot or /boot");
    }

    [Test]
    public void ProgramRunsWithItsOwnOutputAndStatus()
    {
        CommandLine.Result result = Boot(1, "uname -sm; exit 3", "");
        Assert.That((result.Status, result.Output), Is.EqualTo((3, "Linux x86_64\n")), result.Error);
    }

    [Test]
    public void ClocksAreSoundOnAnyNumberOfCores([Values(1, 4)] int cores)
    {
        // A second after the boot the TSC's refined calibration makes it the clocksource.
        string script = "sleep 1.5; nproc; cat /sys/devices/system/clocksource/clocksource0/current_clocksource; dmesg -r";
        CommandLine.Result result = Boot(cores, script, "");
        Assert.That(result.Status, Is.Zero, result.Error + result.Output);
        string[] lines = result.Output.Split('\n');
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[..2], Is.EqualTo(new[] { $"{cores}", "tsc" }));
            Assert.That(result.Output, Does.Contain("tsc: Fast TSC calibration using PIT"));
            Assert.That(result.Output, Does.Not.Contain("[Firmware Bug]").And.Not.Contain("unchecked MSR access"));
            Assert.That(result.Output, Does.Not.Contain("cut here").And.Not.Contain("Marking clocksource").And.Not.Contain("TSC warp"));
        }
    }

    /// <summary>What the options end in on the hardware.</summary>
    [TestCase("clocksource=hpet", "hpet")]
    [TestCase("clocksource=acpi_pm", "acpi_pm")]
    [TestCase("notsc", "hpet")]
    [TestCase("nolapic_timer", "tsc")]
    [TestCase("hpet=disable", "tsc")]
    [TestCase("noapic", "tsc")]
    [TestCase("nox2apic", "tsc")]
    [TestCase("acpi=off", "tsc")]
    public void OptionsOfTheClocksHold(string option, string clocksource)
    {
        const string script = "sleep 1.2; cat /sys/devices/system/clocksource/clocksource0/current_clocksource";
        CommandLine.Result result = Boot(1, script, "rodata=off " + option);
        Assert.That((result.Status, result.Output), Is.EqualTo((0, clocksource + "\n")), result.Error);
    }

    private static CommandLine.Result Boot(int cores, string script, string options) => CosimProcess.Run(
        "", "boot", "linux", "--kernel", s_kernel, "--cores", $"{cores}", "--memory", "512M", "--append", $"cryptomgr.notests {options}".TrimEnd(), "--exec", "/bin/busybox", "--", "sh", "-c", script);
}
