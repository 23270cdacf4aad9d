using CoSim.Cli.Running;
using CoSim.Cli.Stops;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Debug.Tests;

/// <summary>Conditions on the 8254, the RTC and the interrupt controllers of old.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class LegacyRegisterTests
{
    /// <summary>The run ends where the register first passes: just before it did not. Nobody reads or writes it meanwhile.</summary>
    [TestCase("rtc.SECONDS == 3")]
    [TestCase("rtc.C.UF == 1")]
    [TestCase("rtc.A.UIP == 1")]
    public void AClockThatNobodyReadsIsAwaited(string condition)
    {
        using DebugBench bench = new("sleep 5", 1, EngineKind.Functional);
        bench.Run.Stop = new StopCondition(null, null, null) { Registers = [RegisterTest.Parse("test", condition)] };
        _ = bench.Finish();
        Machine machine = bench.Run.Machine;
        RegisterTest test = bench.Run.Stop.Registers[0];
        (WatchedRegister register, RegisterExtract extract) = new RegisterCatalog(machine).Find("test", test.Path);
        SimTime end = machine.Clocks.Core.TimeOf(machine.Cores[0].Cycle);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bench.Run.ReachedStop, condition);
            Assert.That(extract.Of(register.Read(SimTime.Max(end, machine.Now))), Is.EqualTo(test.Test.Value));
        }
    }

    /// <summary>A counter that counts by one is awaited by its clock, one that counts by two by a look at every clock: it comes to even values only.</summary>
    [TestCase(0x34, 0x1234, "pit.COUNT0 == 0x123", true)]
    [TestCase(0x34, 0x1234, "pit.counter > 0x1234", false)]
    [TestCase(0x36, 0x1234, "pit.COUNT0 == 0x122", true)]
    [TestCase(0x36, 0x1234, "pit.COUNT0 == 0x123", false)]
    [TestCase(0x35, 0x1234, "pit.COUNT0 == 0x999", true)]
    [TestCase(0x35, 0x1234, "pit.COUNT0 & 0xf > 9", false)]
    [TestCase(0x30, 0x1234, "pit.OUT0 == 1", true)]
    [TestCase(0x34, 0x1234, "pit.OUT0 == 0", true)]
    public void TheCounterOfThe8254IsAwaited(int control, int divisor, string condition, bool comes)
    {
        using DebugBench bench = new("sleep 1", 1, EngineKind.Functional);
        Machine machine = bench.Run.Machine;
        foreach ((ushort port, int value) in (ReadOnlySpan<(ushort, int)>)[(0x43, control), (0x40, divisor & 0xFF), (0x40, divisor >> 8)])
            ((IPortDevice)machine.Pit).WritePort(port, 1, (uint)value);
        RegisterTest test = RegisterTest.Parse("test", condition);
        (WatchedRegister register, RegisterExtract extract) = new RegisterCatalog(machine).Find("test", test.Path);
        SimTime now = SimTime.Zero;
        SimTime limit = SimTime.Zero + SimDuration.FromMilliseconds(10);
        bool Holds(SimTime time) => test.Test.Holds(extract.Of(register.Read(time)));
        SimTime? first = null;
        for (ulong tick = 2; first is null && tick < 20_000; tick++)
            first = Holds(machine.Clocks.Pit.TimeOf(tick)) ? machine.Clocks.Pit.TimeOf(tick) : null;
        int looks = 0;
        now = machine.Clocks.Pit.TimeOf(2);
        while (!Holds(now) && now < limit && looks++ < 100_000)
            now = register.Next(now, test.Test, extract).Time;
        TestContext.Out.WriteLine($"{looks} looks, {now}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first is not null, Is.EqualTo(comes), "by looking at every clock");
            Assert.That(now, comes ? Is.EqualTo(first!.Value) : Is.GreaterThanOrEqualTo(limit));
        }
    }

    /// <summary>An RTC that is looked at is the RTC that is not.</summary>
    [Test]
    public void LookingLeavesNoMark()
    {
        const string script = "date; sleep 2; hwclock; date";
        using DebugBench alone = new(script, 2, EngineKind.Functional);
        using DebugBench watched = new(script, 2, EngineKind.Functional);
        watched.Run.Stop = new StopCondition(null, null, null)
        {
            Registers = [.. ((string[])["rtc.SECONDS == 0x77", "rtc.C == 0xff", "pit.COUNT2 == 0x12345", "pic0.IRR == 0xff", "pic1.IMR == 0x77", "rtc.CENTURY == 1"]).Select(c => RegisterTest.Parse("test", c))],
        };
        ulong expected = alone.Finish();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Finish(), Is.EqualTo(expected));
            Assert.That(watched.Output, Is.EqualTo(alone.Output));
        }
    }

    [Test]
    public void HelpListsTheRegistersOfTheMachine()
    {
        using DebugBench bench = new("date", 2, EngineKind.Functional);
        HelpRequest help = Assert.Throws<HelpRequest>(() => bench.Run.Stop = new StopCondition(null, null, null) { Registers = [RegisterTest.Parse("test", "help")] })!;
        string[] wanted = ["hpet: ", "pm: ", "fch-pm: ", "ioapic0: ", "pit: COUNT0 ", "pic0: IRR ", "pic1: ", "rtc: SECONDS ", "apic1: ", "core0 to core1: ", " PM_TMR", " cr3"];
        Assert.That(wanted.Where(w => !help.Message.Contains(w, StringComparison.Ordinal)), Is.Empty);
    }
}
