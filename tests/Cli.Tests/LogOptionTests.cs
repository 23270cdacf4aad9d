using CoSim.Cli.Logging;
using CoSim.Hw.Simulation;
using Serilog.Events;

namespace CoSim.Cli.Tests;

/// <summary>The log's options: values that are wrong give one line, and the filters do what they say.</summary>
[TestFixture]
public sealed class LogOptionTests
{
    [TestCase("--log-level loud", "--log-level 'loud'", "warning")]
    [TestCase("--log-level Debug", "--log-level 'Debug'", "debug")]
    [TestCase("--log-components hpet,gpu", "'gpu'", "hpet")]
    [TestCase("--log-components hpet,", "''", "coreN")]
    [TestCase("--log-components hpet0", "'hpet0'", "apicN")]
    [TestCase("--log-components core01", "'core01'", "coreN")]
    [TestCase("--log-components core256", "'core256'", "coreN")]
    [TestCase("--log-from soon", "--log-from 'soon'", "1.5s")]
    [TestCase("--log-from -1s", "--log-from", "-1s")]
    [TestCase("--log-until 1.5.2s", "--log-until '1.5.2s'", "20ms")]
    [TestCase("--log-until 1.0000001ns", "--log-until '1.0000001ns'", "femtosecond")]
    [TestCase("--log-until 4000000000s", "--log-until '4000000000s'", "100 years")]
    [TestCase("--log-from 2ms --log-until 2000us", "--log-until '0.002000000 s'", "later than")]
    [TestCase("--log /nowhere/run.log", "/nowhere/run.log", "no such directory")]
    [TestCase("--log /tmp", "/tmp", "is a directory")]
    public void WrongValuesAreUserErrors(string options, string mention, string another)
    {
        string[] words = options.Split(' ');
        CommandLine.Run(["study", "clock-gettime", .. words]).AssertUserError(mention, another);
    }

    [TestCase("0", 0UL)]
    [TestCase("1.5s", 1_500_000_000UL)]
    [TestCase("2", 2_000_000_000UL)]
    [TestCase("20ms", 20_000_000UL)]
    [TestCase("0.75ms", 750_000UL)]
    [TestCase("750us", 750_000UL)]
    [TestCase("12ns", 12UL)]
    [TestCase("3155760000s", 3_155_760_000_000_000_000UL)]
    public void TimesAreRead(string text, ulong nanoseconds) =>
        Assert.That(LogTime.TryParse(text)?.Femtoseconds, Is.EqualTo((UInt128)nanoseconds * 1_000_000));

    [TestCase("")]
    [TestCase("s")]
    [TestCase(".5s")]
    [TestCase("1.s")]
    [TestCase("1 s")]
    [TestCase("1h")]
    [TestCase("18446744073709551616s")]
    public void OtherTimesAreRefused(string text) => Assert.That(LogTime.TryParse(text), Is.Null);

    [TestCase("core 3: RDMSR C0010015h", "core3", "RDMSR C0010015h")]
    [TestCase("hpet: GCR: bit 5 (20h)", "hpet", "GCR: bit 5 (20h)")]
    [TestCase("no component", "machine", "no component")]
    public void ComponentsOfTheMachinesLines(string line, string component, string what) =>
        Assert.That(LogComponents.Split(line), Is.EqualTo((component, what)));

    [TestCase("hpet", "hpet")]
    [TestCase("hpet.timer0", "hpet")]
    [TestCase("apic3.timer", "apic3")]
    [TestCase("pit0", "pit")]
    [TestCase("pit.out0", "pit")]
    [TestCase("com1.irq", "com1")]
    public void PartsBelongToComponents(string part, string component) =>
        Assert.That(LogComponents.OwnerOf(part), Is.EqualTo(component));

    [Test]
    public void FiltersOfLevelComponentAndTime()
    {
        SimTime from = SimTime.Zero + SimDuration.FromMilliseconds(2);
        SimTime until = SimTime.Zero + SimDuration.FromMilliseconds(5);
        LogChoice choice = new("-", LogEventLevel.Information, ["hpet", "core", "apic1"], from, until);
        SimDuration step = SimDuration.FromFemtoseconds(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(choice.Wants("hpet", from, LogEventLevel.Information), Is.True, "the first instant belongs");
            Assert.That(choice.Wants("hpet", from - step, LogEventLevel.Error), Is.False);
            Assert.That(choice.Wants("hpet", until - step, LogEventLevel.Error), Is.True);
            Assert.That(choice.Wants("hpet", until, LogEventLevel.Error), Is.False, "the end does not");
            Assert.That(choice.Wants("hpet", from, LogEventLevel.Debug), Is.False);
            Assert.That(choice.Wants("core7", from, LogEventLevel.Warning), Is.True, "a kind is all of its components");
            Assert.That(choice.Wants("apic1", from, LogEventLevel.Warning), Is.True);
            Assert.That(choice.Wants("apic10", from, LogEventLevel.Warning), Is.False);
            Assert.That(choice.Wants("pm", from, LogEventLevel.Warning), Is.False);
        }
    }
}
