using System.Text.Json;
using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>`cosim inspect clocks --check`: machines that work agree with themselves; of others the right clock is named.</summary>
[TestFixture]
public sealed class InspectClocksCheckTests
{
    private static IEnumerable<string> Models => EpycModel.All.Select(m => m.Name);

    [TestCaseSource(nameof(Models))]
    public void EveryModelAgreesWithItself(string model)
    {
        (int status, JsonElement report) = Check("--model", model, "--cores", "2");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(First(report), Is.Null);
            Assert.That(status, Is.Zero);
            Assert.That(report.GetProperty("agrees").GetBoolean(), Is.True);
            Assert.That(report.GetProperty("checks").GetArrayLength(), Is.GreaterThan(40));
        }
    }

    [TestCase("TSC of core 1 and core 0", "machine: {cores: 2, tsc-offsets: [0, 2]}")]
    [TestCase("TSC of core 1 and core 0", "machine: {cores: 2}\nfirmware: {tsc-others: 0}")]
    [TestCase("TSC of core 1 and core 0", "machine: {cores: 2}\nfirmware: {tsc-boot-move: -1000}")]
    [TestCase("TSC rate, core 0", "machine: {oscillators: {refclk-ppb: 400000}}")]
    [TestCase("TSC rate, core 0", "machine: {quirks: {refclk-spread-ppb: 5000000}}", Description = "half of the spread is beyond 300 ppm")]
    [TestCase("TSC rate, core 1", "machine: {cores: 2}\nfaults:\n  - {name: back, at: 1s, move-tsc: {core: 1, ticks: -9000000}}")]
    [TestCase("P-state 0 definition in MHz", "system: {kind: bare}", "[bare, p-state, rewrite]")]
    [TestCase("HPET table", "firmware: {hpet-table: false}")]
    [TestCase("HPET address space", "firmware: {hpet-space: 1}")]
    [TestCase("HPET base", "firmware: {hpet-base: 0xfed01000}")]
    [TestCase("HPET base", "firmware: {hpet-base: 0x0}")]
    [TestCase("HPET base", "machine: {quirks: {hpet: {base: 0xfed01000}}}")]
    [TestCase("HPET base", "machine: {quirks: {hpet: {absent: true}}}")]
    [TestCase("HPET block id", "firmware: {hpet-wide: true}", Description = "COUNT_SIZE_CAP is a bit of the block id")]
    [TestCase("HPET period in fs", "machine: {quirks: {hpet: {period-fs: 0}}}")]
    [TestCase("HPET reserved configuration bits", "machine: {quirks: {hpet: {unknown-bits: 0x10}}}")]
    [TestCase("HPET counts", "machine: {quirks: {hpet: {stuck: true}}}")]
    [TestCase("HPET rate", "machine: {quirks: {hpet: {period-fs: 69920128}}}", Description = "14.302 MHz")]
    [TestCase("HPET rate", "machine: {oscillators: {fch-ppb: -600000}}")]
    [TestCase("PM timer reads that go back", "machine: {quirks: {pm-timer: {unlatched: true}}}")]
    [TestCase("PM timer rate", "machine: {quirks: {pm-timer: {stuck: true}}}")]
    [TestCase("PM timer rate", "machine: {quirks: {pm-timer: {rate: 2/1}}}")]
    [TestCase("PM timer rate", "machine: {quirks: {pm-timer: {rate: 1/2}}}\nfirmware: {x2apic: true}")]
    [TestCase("IO-APIC input of IRQ 0", "machine: {quirks: {timer-pin: 5}}")]
    [TestCase("IO-APIC input of IRQ 0", "machine: {quirks: {timer-pin: -1}}")]
    [TestCase("IO-APIC input of IRQ 0", "firmware: {timer-input: -1}")]
    [TestCase("IO-APIC input of IRQ 0", "firmware: {hpet-config: 0x3}", Description = "legacy replacement cuts the PIT off")]
    [TestCase("IRQ 0 polarity", "firmware: {timer-flags: 15}")]
    [TestCase("IRQ 0 polarity", "machine: {quirks: {timer-pin-active-low: true}}")]
    [TestCase("RTC time base", "machine: {oscillators: {rtc-ppb: 200000}}")]
    public void FirstDisagreementIsNamed(string check, string yaml, string program = "[init]")
    {
        using TemporaryDirectory directory = new();
        (int status, JsonElement report) = Check(Write(directory, yaml, program));
        Assert.That((First(report), status), Is.EqualTo((check, 1)), report.ToString());
    }

    [TestCase("machine: {cores: 2, oscillators: {refclk-ppb: 20000, fch-ppb: -20000, rtc-ppb: 20000}}", Description = "what crystals do")]
    [TestCase("machine: {quirks: {refclk-uptime: 9000000000000000}}")]
    [TestCase("machine: {quirks: {pm-timer: {count: 16777000}, hpet: {counter: 0xffffff00}}}", Description = "about to wrap")]
    [TestCase("machine: {quirks: {timer-pin: 5}}\nfirmware: {timer-input: 5}")]
    [TestCase("machine: {quirks: {timer-pin-active-low: true}}\nfirmware: {timer-flags: 7}")]
    [TestCase("machine: {quirks: {timer-pin: 0}}\nfirmware: {timer-input: -1}")]
    [TestCase("firmware: {hpet-config: 0x1}")]
    [TestCase("machine: {cores: 2}\nfirmware: {x2apic: true, cc6: true}")]
    [TestCase("machine: {cores: 2, quirks: {pic-wired: false, refclk-spread-ppb: 500000}}", Description = "half of the spread is within 300 ppm")]
    [TestCase("machine: {quirks: {hpet: {latch-ticks: 8, stale-read-back: true, read-latency: 3us}, pm-timer: {read-latency: 5us}}}", Description = "late, but right")]
    public void WhatIsDeclaredAsItIsAgrees(string yaml)
    {
        using TemporaryDirectory directory = new();
        (int status, JsonElement report) = Check(Write(directory, yaml, "[init]"));
        Assert.That((First(report), status), Is.EqualTo(((string?)null, 0)), report.ToString());
    }

    [Test]
    public void TableNamesTheDisagreementBelow()
    {
        CommandLine.Result result = CommandLine.Run("inspect", "clocks", "--check", "--fch-ppb", "1000000");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(1));
            Assert.That(result.Output, Does.Contain("\nfirst disagreement: HPET rate: declared 14318179.941 Hz, found 14332498.200 Hz"));
            Assert.That(result.Output, Does.Not.Contain('\u001b'));
        }
    }

    [TestCase("--at 5", "--at")]
    [TestCase("missing.yaml", "missing.yaml")]
    [TestCase("missing.yaml --cores 2", "--cores", "the scenario")]
    public void UserErrors(string arguments, params string[] mentions) =>
        CommandLine.Run(["inspect", "clocks", "--check", .. arguments.Split(' ')]).AssertUserError(mentions);

    private static string Write(TemporaryDirectory directory, string yaml, string program)
    {
        string path = directory.File("clocks.yaml");
        File.WriteAllText(path, $"title: clocks\n{yaml}\nworkload:\n  - {program}\nexpect: {{}}\n");
        return path;
    }

    private static (int Status, JsonElement Report) Check(params string[] arguments)
    {
        CommandLine.Result result = CommandLine.Run(["inspect", "clocks", "--check", .. arguments, "--json"]);
        Assert.That(result.Error, Is.Empty);
        return (result.Status, JsonDocument.Parse(result.Output).RootElement);
    }

    private static string? First(JsonElement report) => report.GetProperty("firstDisagreement").GetString();
}
