namespace CoSim.Cli.Tests;

/// <summary>Firmware that hands the processors over in x2APIC mode, as the setup of EPYC boards offers it: <c>firmware: {x2apic: true}</c>.</summary>
[TestFixture]
public sealed class X2ApicFirmwareTests
{
    private static CommandLine.Result Run(string system, string workload, string expect, params string[] options)
    {
        using TemporaryDirectory directory = new();
        string text = $$"""
            title: Processors in x2APIC mode
            machine: {cores: 4, memory: 512M}
            firmware: {x2apic: true}
            system: {{system}}
            workload:
              - {{workload}}
            limit: 60s
            expect:
              status: 0
              console:
            {{expect}}
            """;
        return CosimProcess.Run("", ["scenario", "run", directory.Write("x2apic.yaml", System.Text.Encoding.UTF8.GetBytes(text)), .. options]);
    }

    /// <summary>Ours takes the mode as it is, or leaves it when it is told to.</summary>
    [TestCase("{}")]
    [TestCase("{parameters: nox2apic}")]
    public void OurOperatingSystemStarts(string system)
    {
        CosimProcess.RequireBusybox();
        CommandLine.Result result = Run(system, "[busybox, nproc]", "    - present: \"Brought up 1 node, 4 CPUs\"\n    - lacks: \"APIC error\"");
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
    }

    /// <summary>Linux says so and, without remapping of interrupts, goes back to xAPIC mode by itself.</summary>
    [TestCase("")]
    [TestCase(" nox2apic")]
    [Category("NeedsLinuxKernel")]
    public void LinuxSaysSoAndGoesOn(string parameter)
    {
        string said = parameter.Length == 0 ? "x2apic: enabled by BIOS, switching to x2apic ops" : "x2apic already enabled";
        CommandLine.Result result = Run(
            $"{{kind: linux, parameters: \"cryptomgr.notests{parameter}\"}}",
            "[busybox, nproc]",
            $"    - present: \"{said}\"\n    - present: \"x2apic disabled\"\n    - present: \"Brought up 1 node, 4 CPUs\"\n    - lacks: \"WARNING:\"\n    - lacks: \"APIC error\"",
            "--kernel",
            LinuxGuest.Kernel);
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
    }
}
