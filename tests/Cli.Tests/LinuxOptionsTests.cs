using System.Globalization;

namespace CoSim.Cli.Tests;

/// <summary>Kernel parameters that change clocks, timers, interrupt controllers and firmware tables: what they end in on the hardware.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class LinuxOptionsTests
{
    private const string Clocksource = "cat /sys/devices/system/clocksource/clocksource0/current_clocksource";

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
        CommandLine.Result result = LinuxGuest.Shell(1, "sleep 1.2; " + Clocksource, "rodata=off " + option);
        Assert.That((result.Status, result.Output), Is.EqualTo((0, clocksource + "\n")), result.Error);
    }

    /// <summary>Without ACPI's tables or the local APIC Linux finds no other processor: Rome has no MP table.</summary>
    [TestCase("clocksource=hpet", "hpet", 4)]
    [TestCase("clocksource=acpi_pm", "acpi_pm", 4)]
    [TestCase("notsc", "hpet", 4)]
    [TestCase("tsc=unstable", "hpet", 4)]
    [TestCase("nolapic_timer", "tsc", 4)]
    [TestCase("hpet=disable", "tsc", 4)]
    [TestCase("noapic", "tsc", 4)]
    [TestCase("nox2apic", "tsc", 4)]
    [TestCase("acpi=off", "tsc", 1)]
    [TestCase("nolapic", "tsc", 1)]
    [TestCase("nosmp", "tsc", 1)]
    [TestCase("maxcpus=2", "tsc", 2)]
    [TestCase("nr_cpus=3", "tsc", 3)]
    [TestCase("idle=poll", "tsc", 4)]
    [TestCase("idle=halt", "tsc", 4)]
    [TestCase("idle=nomwait", "tsc", 4)]
    public void OptionsHoldOnFourCores(string option, string clocksource, int online)
    {
        const string script = "sleep 1.5; nproc; " + Clocksource + "; cat /proc/uptime; sleep 0.5; cat /proc/uptime; dmesg -r";
        CommandLine.Result result = LinuxGuest.Shell(4, script, "rodata=off " + option);
        string[] lines = result.Output.Split('\n');
        Assert.That(lines.Length, Is.GreaterThan(4), result.Error);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[..2], Is.EqualTo(new[] { $"{online}", clocksource }), result.Error);
            Assert.That(Uptime(lines[3]) - Uptime(lines[2]), Is.InRange(0.5m, 0.53m), "half a second takes half a second");
            Assert.That(result.Output, Does.Not.Contain("cut here").And.Not.Contain("stall").And.Not.Contain("lockup"));
        }
    }

    private static decimal Uptime(string line) => decimal.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
}
