using System.Text.RegularExpressions;

namespace CoSim.Os.Interface.Tests;

/// <summary>The start of the operating system, in the order of Linux' init/main.c.</summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class BootLogTests
{
    private static string Boot(params string[] options) => InterfaceProgram.Run(InterfaceProgram.Compile("model"), ["--verbose", .. options]).Output;

    [Test]
    public void StartsInTheOrderOfLinux()
    {
        string log = Boot("--cores", "2");
        // 2250 MHz as measured with the PIT, to some hundred parts per million.
        string[] expected =
        [
            @"Linux version 6\.1\.\S+ \(CoSim\)", "Command line: console=ttyS0", "Kernel command line: console=ttyS0",
            @"Calibrating delay loop \(skipped\), value calculated using timer frequency\.\. (4499|4500)\.\d\d BogoMIPS \(lpj=(8999|9000)\d{3}\)",
            "smp: Bringing up secondary CPUs", @"smpboot: Total of 2 processors activated \((8999|9000)\.\d\d BogoMIPS\)",
            "Trying to unpack rootfs image as initramfs", "Run /init as init process",
        ];
        int at = 0;
        foreach (string line in expected)
        {
            Match m = Regex.Match(log[at..], line);
            Assert.That(m.Success, Is.True, $"'{line}' is missing after\n{log[..at]}");
            at += m.Index + m.Length;
        }
    }

    [Test]
    public void DelayLoopCanBePreset() =>
        Assert.That(Boot("--os-cmdline", "lpj=5000000"), Does.Contain("Calibrating delay loop (skipped) preset value.. 2500.00 BogoMIPS (lpj=5000000)"));
}
