using CoSim.Cli.Debug;
using CoSim.Cli.Running;
using CoSim.Cli.Stops;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Debug.Tests;

/// <summary>Runs that end at an event or at a condition on a register: exactly there, and nothing else changes.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class ConditionTests
{
    private const string Script = "echo one; sleep 3; date";

    private static readonly string[] NeverTrue =
    [
        "hpet.counter == 30000000", "hpet.MAIN_CNT == 0xffffffff00000000", "apic0.TMCCT > 0xffffffff", "core0.tsc > 5000000000", "hpet.GINTR_STA == 0xff",
        "ioapic0.IOAPICID == 0x12345", "pm.PM1_CNT & 0x2000 == 0x2000",
    ];

    /// <summary>Counters are awaited, registers are tested, events are compared, and the machine ends in the same state to the last bit.</summary>
    [TestCase(1, EngineKind.Functional)]
    [TestCase(2, EngineKind.Functional)]
    [TestCase(1, EngineKind.Detailed)]
    public void WatchingLeavesNoMark(int cores, EngineKind engine)
    {
        using DebugBench alone = new("date", cores, engine);
        using DebugBench watched = new("date", cores, engine);
        watched.Run.Stop = Condition(["syscall:nr=9999", "timer-expired:timer=nothing"], NeverTrue);
        ulong expected = alone.Finish();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Finish(), Is.EqualTo(expected));
            Assert.That(watched.Output, Is.EqualTo(alone.Output));
            Assert.That(watched.Run.StoppedBy, Is.Null);
        }
    }

    /// <summary>The counter's clock says when it has a value: the run ends there, or after the instruction that was under way.</summary>
    [TestCase("hpet.counter >= 30000000", 1)]
    [TestCase("hpet.MAIN_CNT & 0xffffff == 0x123456", 2)]
    [TestCase("core1.tsc == 5000000000", 2)]
    [TestCase("pm.timer == 0x555555", 1)]
    public void CountersStopAtTheirTime(string condition, int cores)
    {
        using DebugBench bench = new(Script, cores, EngineKind.Functional);
        bench.Run.Stop = Condition([], [condition]);
        _ = bench.Finish();
        RegisterTest test = bench.Run.Stop.Registers[0];
        (WatchedRegister register, RegisterExtract extract) = new RegisterCatalog(bench.Run.Machine).Find("test", test.Path);
        Machine machine = bench.Run.Machine;
        SimTime end = machine.Cores.Aggregate(machine.Now, (t, c) => SimTime.Max(t, machine.Clocks.Core.TimeOf(c.Cycle)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bench.Run.ReachedStop);
            Assert.That(bench.Run.StoppedBy, Does.StartWith(condition));
            // The slowest instruction is an access to the PM timer, 0.7 us.
            ulong value = extract.Of(register.Read(end)) & test.Test.Mask;
            Assert.That(value, Is.InRange(test.Test.Value, test.Test.Value + 5000), bench.Run.StoppedBy);
        }
    }

    [Test]
    public void AnEventEndsTheRunBehindItsInstruction()
    {
        using DebugBench bench = new("date +%s", 1, EngineKind.Functional);
        bench.Run.Stop = Condition(["msr-write:msr=0xc0000082"], []);
        _ = bench.Finish();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bench.Run.ReachedStop);
            Assert.That(bench.Run.StoppedBy, Does.StartWith("msr-write:msr=0xc0000082: msr-write core=0 rip="));
            Assert.That(bench.Run.StoppedBy, Does.EndWith($"value={bench.Run.Machine.Cores[0].SystemCallEntry:x}"));
            Assert.That(bench.Run.StoppedBy, Does.Contain($"rip={bench.Run.Machine.Cores[0].Context.LinearRip - 2:x} "), "WRMSR is two bytes long");
        }
    }

    /// <summary>In a debugger an event stops where it happens; on the way back it is found again, at the instruction that makes it.</summary>
    [TestCase(1)]
    [TestCase(2)]
    public void EventsAreFoundOnTheWayBack(int cores)
    {
        using DebugBench bench = new("date", cores, EngineKind.Functional);
        List<(string Text, ulong Instructions)> stops = [];
        DebugSession? session = null;
        using (session = bench.Debug(stop =>
        {
            switch (stops.Count)
            {
                case 0:
                    StringWriter answer = new();
                    session!.Monitor("stop on msr-write:msr=0xc0000082", bench.Run.Machine.Cores[0], answer);
                    session.Monitor("stop when hpet.GEN_CONF.ENABLE_CNF == 1", bench.Run.Machine.Cores[0], answer);
                    Assert.That(answer.ToString(), Does.Contain("hpet.GEN_CONF.ENABLE_CNF is 0x0 now"));
                    break;
            }

            stops.Add((stop.Kind + " " + stop.Text, bench.Run.Machine.Instructions));
            return new ResumeOrder(stops.Count switch { <= 3 => ResumeKind.Continue, <= 5 => ResumeKind.ReverseContinue, _ => ResumeKind.Kill }, 0);
        }))
        {
            _ = bench.Finish();
        }

        string all = string.Join('\n', stops);
        using (Assert.EnterMultipleScope())
        {
            string[] kinds = [.. stops.Select(s => s.Text.Split(' ')[0] + (s.Text.Contains("msr-write", StringComparison.Ordinal) ? " msr" : s.Text.Contains("hpet", StringComparison.Ordinal) ? " hpet" : ""))];
            Assert.That(kinds, Is.EqualTo(new[] { "Interrupt", "Condition msr", "Condition hpet", "Condition hpet", "Condition hpet", "Condition msr" }), all);
            Assert.That(stops[4].Instructions, Is.InRange(stops[2].Instructions - 1, stops[2].Instructions), all);
            Assert.That(stops[5].Instructions, Is.EqualTo(stops[1].Instructions - 1), all);
        }
    }

    private static StopCondition Condition(string[] events, string[] registers) => new(null, null, null)
    {
        Events = [.. events.Select(e => EventTest.Parse("test", e, EventTest.WhileRunning))],
        Registers = [.. registers.Select(r => RegisterTest.Parse("test", r))],
    };
}
