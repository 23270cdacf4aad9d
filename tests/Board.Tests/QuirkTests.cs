using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Tests.Board;

/// <summary>Boards that differ from one that works do so in the registers that software reads.</summary>
public sealed class QuirkTests
{
    private const ulong Configuration = 0x10, Comparator = 0x108;

    private static BareMachine With(MachineQuirks quirks) => new(BareMachine.Spec(EngineKind.Functional) with { Quirks = quirks }, a => a.hlt());

    [Test]
    public void AnHpetShowsItsQuirks()
    {
        HpetQuirks quirks = new() { CounterStuck = true, UnknownConfiguration = 0x30, StaleReadBack = true, PeriodFemtoseconds = 40_000_000, BaseAddress = 0xFED1_0000 };
        using BareMachine bare = With(new MachineQuirks { Hpet = quirks });
        MmioBus bus = bare.Machine.Mmio;
        ulong hpet = quirks.BaseAddress;
        bus.Write(hpet + Configuration, 4, 1, out _);
        bus.Write(hpet + Comparator, 4, 0x1234, out _);
        bare.RunFor(SimDuration.FromMilliseconds(1));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bus.Read(hpet + Configuration, 4, out _), Is.EqualTo(0x31UL));
            Assert.That(bus.Read(hpet + 4, 4, out _), Is.EqualTo(40_000_000UL));
            Assert.That(bus.Read(hpet + 0xF0, 4, out _), Is.Zero);
            Assert.That(bus.Read(hpet + Comparator, 4, out _), Is.EqualTo(uint.MaxValue), "the first read is stale");
            Assert.That(bus.Read(hpet + Comparator, 4, out _), Is.EqualTo(0x1234UL));
            Assert.That(bus.Read(MemoryMap.Hpet, 4, out _), Is.EqualTo(uint.MaxValue), "nothing answers at the usual place");
        }
    }

    [Test]
    public void AnUptimeIsInTheTscAndCountsRefclk()
    {
        const ulong days = 1000, ticks = days * 86_400 * 100_000_000;
        Assert.That(MachineQuirks.ReferenceTicks(SimDuration.FromSeconds(86_400L * (long)days)), Is.EqualTo(ticks));
        using BareMachine bare = With(new MachineQuirks { ReferenceUptime = ticks });
        Assert.That(bare.Machine.Cores[0].Context.TscAt(0), Is.EqualTo(ticks / 2 * 45));
        bare.RunFor(SimDuration.FromMilliseconds(1));
        Assert.That(bare.Machine.ReferenceUptime, Is.EqualTo(ticks + 100_000));
    }

    [Test]
    public void SpreadSpectrumSlowsRefclkByHalfItsDepth()
    {
        using BareMachine bare = With(new MachineQuirks { RefclkSpread = 2_800_000 });
        Assert.That(bare.Machine.Clocks.Refclk.TicksAt(SimTime.Zero + SimDuration.FromSeconds(1000)), Is.EqualTo(99_860_000_000UL));
    }

    [Test]
    public void SpreadSpectrumIsInWhatRefclkDrivesAndInNothingElse()
    {
        // 1 % deep: in the first 16 us, while the rate falls from full to 99 %, 80 ns are lost; in the second half the same.
        const int depth = 10_000_000;
        using BareMachine bare = With(new MachineQuirks { RefclkSpread = depth });
        using BareMachine still = With(MachineQuirks.None);
        ClockTree spread = bare.Machine.Clocks, usual = still.Machine.Clocks;
        SimTime half = SimTime.Zero + SimDuration.FromMicroseconds(16), period = SimTime.Zero + SimDuration.FromMicroseconds(32);
        SimTime bottom = half - SimDuration.FromMicroseconds(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(spread.Refclk.TicksAt(half), Is.EqualTo(1600 - 8));
            Assert.That(spread.Refclk.TicksAt(period), Is.EqualTo(3200 - 16));
            Assert.That(spread.Core.TicksAt(period), Is.EqualTo((3200 - 16) * 45 / 2), "the TSC");
            Assert.That(spread.Core.TicksAt(half + SimDuration.FromMicroseconds(1)) - spread.Core.TicksAt(bottom), Is.InRange(4455, 4460), "99 % of 4500");
            Assert.That(spread.Core.TicksAt(SimTime.Zero + SimDuration.FromMicroseconds(1)), Is.InRange(2248, 2250), "nearly full rate");
            foreach (SimTime at in (SimTime[])[half, period, SimTime.Zero + SimDuration.FromSeconds(1000)])
            {
                Assert.That(spread.Hpet.TicksAt(at), Is.EqualTo(usual.Hpet.TicksAt(at)));
                Assert.That(spread.PowerManagementTimer.TicksAt(at), Is.EqualTo(usual.PowerManagementTimer.TicksAt(at)));
                Assert.That(spread.Pit.TicksAt(at), Is.EqualTo(usual.Pit.TicksAt(at)));
                Assert.That(spread.Rtc.TicksAt(at), Is.EqualTo(usual.Rtc.TicksAt(at)));
            }
        }
    }

    [Test]
    public void PmTimersRunFastOrNotAtAll()
    {
        using BareMachine fast = With(new MachineQuirks { PowerTimer = new PowerTimerQuirks { RateMultiply = 2 } });
        using BareMachine stuck = With(new MachineQuirks { PowerTimer = new PowerTimerQuirks { Stuck = true, InitialCount = 77 } });
        foreach (BareMachine bare in (BareMachine[])[fast, stuck])
            bare.RunFor(SimDuration.FromMilliseconds(100));
        Assert.That(fast.Machine.PowerManagement.TimerValue, Is.EqualTo(715_909u));
        Assert.That(stuck.Machine.PowerManagement.TimerValue, Is.EqualTo(77u));
    }

    [Test]
    public void AnUnlatchedPmTimerIsTornInSomeReadsNearATick()
    {
        using BareMachine bare = With(new MachineQuirks { PowerTimer = new PowerTimerQuirks { Unlatched = true } });
        int torn = 0, reads = 0;
        for (SimTime at = SimTime.Zero; reads < 20_000; at += SimDuration.FromPicoseconds(1_300_700))
        {
            bare.Machine.Events.RunUntil(at);
            ulong right = bare.Machine.Clocks.PowerManagementTimer.TicksAt(at) & 0xFF_FFFF;
            uint read = bare.Machine.PowerManagement.TimerValue;
            reads++;
            torn += read != right && read != right + 1 ? 1 : 0;
        }

        // A read in the last 3 ns of 279 meets a change, and a third of those with a carry are wrong.
        Assert.That(torn, Is.InRange(5, 400));
    }

    [Test]
    public void QuirksAndFaultsThatCannotBeAreNamed()
    {
        Fault fault = new("x", new AtTime(SimTime.Zero), new FailIdleExit(3));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(FaultCheck.Problem(new MachineQuirks { TimerPin = 24 }), Is.EqualTo("the IO-APIC has no pin 24"));
            Assert.That(FaultCheck.Problem(new MachineQuirks { Hpet = new HpetQuirks { BaseAddress = 0xFED0_0001 } }), Does.Contain("FED00001h"));
            Assert.That(FaultCheck.Problem([fault], 2), Is.EqualTo("fault 'x': there is no core 3"));
            Assert.That(FaultCheck.Problem([fault, fault], 4), Does.Contain("name of its own"));
            Assert.That(FaultCheck.Problem([fault], 4), Is.Null);
        }
    }
}
