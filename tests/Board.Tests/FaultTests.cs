using CoSim.Hw.Apic;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Tests.Board;

/// <summary>Every fault does what it says, at its moment, on either engine.</summary>
public sealed class FaultTests
{
    private static readonly SimDuration Millisecond = SimDuration.FromMilliseconds(1);
    private static readonly SimTime AtOneMillisecond = SimTime.Zero + Millisecond;

    /// <summary>Notes the largest step between two readings of the TSC's lower half, and how often it went backwards.</summary>
    private static void WatchTsc(Assembler a)
    {
        Label loop = a.CreateLabel();
        Label forward = a.CreateLabel();
        Label smaller = a.CreateLabel();
        a.xor(edi, edi);
        a.rdtsc();
        a.mov(ebx, eax);
        a.Label(ref loop);
        a.lfence();
        a.rdtsc();
        a.mov(ecx, eax);
        a.sub(eax, ebx);
        a.mov(ebx, ecx);
        a.jns(forward);
        a.inc(__dword_ptr[BareMachine.Data + 4]);
        a.jmp(loop);
        a.Label(ref forward);
        a.cmp(eax, edi);
        a.jbe(smaller);
        a.mov(edi, eax);
        a.mov(__dword_ptr[BareMachine.Data], eax);
        a.Label(ref smaller);
        a.inc(__dword_ptr[BareMachine.Data + 8]);
        a.jmp(loop);
    }

    [Test]
    public void AnSmiStealsTimeThatTheTscShows([Values] EngineKind engine)
    {
        SimDuration length = SimDuration.FromMicroseconds(200);
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("smi", new AtTime(AtOneMillisecond), new SystemManagementInterrupt(length))), WatchTsc);
        Assert.That(bare.RunFor(Millisecond * 2), Is.EqualTo(StopReason.TimeReached));
        Assert.That(bare.Faults, Has.Count.EqualTo(1));
        Assert.That(bare.Faults[0].Time, Is.EqualTo(AtOneMillisecond));
        Assert.That(bare.Read(BareMachine.Data), Is.InRange(450_000u, 450_300u), "TSC ticks of 200 us at 2250 MHz");
        Assert.That(bare.Read(BareMachine.Data + 4), Is.Zero);
    }

    [Test]
    public void AnSmiThatRestoresTheTscHidesIt([Values] EngineKind engine)
    {
        SystemManagementInterrupt smi = new(SimDuration.FromMicroseconds(200)) { Tsc = TscHandling.RestoreAll };
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("smi", new AtTime(AtOneMillisecond), smi)), WatchTsc);
        bare.RunFor(Millisecond * 2);
        Assert.That(bare.Read(BareMachine.Data), Is.LessThan(5000u));
        Assert.That(bare.Read(BareMachine.Data + 4), Is.Zero);
        Assert.That(bare.Machine.Cores[0].Context.TscAt(bare.Machine.Cores[0].Cycle) + 450_000, Is.EqualTo(bare.Machine.Cores[0].Cycle));
    }

    [Test]
    public void AFaultThatRepeatsDoesSoAtItsPeriod([Values] EngineKind engine)
    {
        AtTime when = new(AtOneMillisecond) { Period = SimDuration.FromMicroseconds(300), Times = 3 };
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("smi", when, new SystemManagementInterrupt(SimDuration.FromMicroseconds(5)))), WatchTsc);
        bare.RunFor(Millisecond * 3);
        Assert.That(
            bare.Faults.Select(f => f.Time),
            Is.EqualTo((SimTime[])[AtOneMillisecond, AtOneMillisecond + SimDuration.FromMicroseconds(300), AtOneMillisecond + SimDuration.FromMicroseconds(600)]));
    }

    [Test]
    public void ATscThatIsMovedBackGoesBackwardsOnce([Values] EngineKind engine)
    {
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("rewind", new AtTime(AtOneMillisecond), new MoveTsc(0, -100_000))), WatchTsc);
        bare.RunFor(Millisecond * 2);
        Assert.That(bare.Read(BareMachine.Data + 4), Is.EqualTo(1));
    }

    [Test]
    public void AnInstructionIsReachedExactly([Values] EngineKind engine)
    {
        const ulong count = 12_345;
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("write", new AtInstruction(0, count), new WriteTsc(null, 1UL << 40))), WatchTsc);
        ulong seen = 0;
        bare.Machine.DeviceProbe = new FaultWatch(() => seen = bare.Machine.Instructions);
        bare.RunFor(Millisecond);
        Assert.That(seen, Is.EqualTo(count));
        Assert.That(bare.Machine.Cores[0].Context.TscAt(bare.Machine.Cores[0].Cycle), Is.InRange(1UL << 40, (1UL << 40) + 3_000_000));
    }

    [Test]
    public void AnSmiBetweenReadingTheHpetAndWritingItsComparatorIsPaidForByTheReader([Values] EngineKind engine)
    {
        const uint hpet = 0xFED0_0000;
        AtEvent when = new(FaultEventKind.ClockRead, "hpet", 2);
        using BareMachine bare = new(
            BareMachine.Spec(engine, new Fault("smi", when, new SystemManagementInterrupt(SimDuration.FromMicroseconds(100)))),
            a =>
            {
                Label stop = a.CreateLabel();
                a.mov(__dword_ptr[hpet + 0x10], 1);
                a.mov(eax, __dword_ptr[hpet + 0xF0]);
                a.mov(eax, __dword_ptr[hpet + 0xF0]);
                a.mov(ebx, __dword_ptr[hpet + 0xF0]);
                a.sub(ebx, eax);
                a.mov(__dword_ptr[BareMachine.Data], ebx);
                a.Label(ref stop);
                a.jmp(stop);
            });
        bare.RunFor(Millisecond);
        Assert.That(bare.Faults, Has.Count.EqualTo(1));
        Assert.That(bare.Read(BareMachine.Data), Is.InRange(1431u, 1470u), "100 us are 1432 ticks");
    }

    [Test]
    public void AStoppedCoreStopsAloneAndTheOthersGoOn([Values] EngineKind engine)
    {
        StopCores stop = new(1, Millisecond * 2);
        using BareMachine bare = new(
            BareMachine.Spec(engine, new Fault("steal", new AtTime(AtOneMillisecond), stop)) with { Cores = 2 },
            a =>
            {
                BareMachine.StartOthers(a);
                WatchTsc(a);
            });
        bare.Others(a =>
        {
            Label loop = a.CreateLabel();
            a.xor(ax, ax);
            a.mov(ds, ax);
            a.Label(ref loop);
            a.inc(__dword_ptr[(int)BareMachine.Data + 0x100]);
            a.jmp(loop);
        });
        bare.RunFor(Millisecond + SimDuration.FromMicroseconds(10));
        uint first = bare.Read(BareMachine.Data + 8);
        uint other = bare.Read(BareMachine.Data + 0x100);
        Assert.That(other, Is.Positive);
        bare.RunFor(Millisecond);
        Assert.That(bare.Read(BareMachine.Data + 0x100), Is.EqualTo(other), "it has no time");
        Assert.That(bare.Read(BareMachine.Data + 8), Is.GreaterThan(first + 1000));
        bare.RunFor(Millisecond);
        Assert.That(bare.Read(BareMachine.Data + 0x100), Is.GreaterThan(other), "it goes on");
    }

    [Test]
    public void AnOscillatorThatDriftsTakesItsClocksAlong([Values] EngineKind engine)
    {
        DriftOscillator drift = new(Oscillator.Refclk, -1_000_000);
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("drift", new AtTime(SimTime.Zero + (Millisecond * 10)), drift)), WatchTsc);
        bare.Machine.Run(SimTime.Zero + (Millisecond * 20));
        SimTime end = SimTime.Zero + SimDuration.FromSeconds(1010);
        ClockTree clocks = bare.Machine.Clocks;
        Assert.That(clocks.Core.TicksAt(SimTime.Zero + SimDuration.FromMilliseconds(10)), Is.EqualTo(22_500_000));
        Assert.That(clocks.Refclk.TicksAt(end), Is.EqualTo(1_000_000UL + (1_009_990UL * 99_900)).Within(1));
        Assert.That(clocks.Core.TicksAt(end), Is.EqualTo(22_500_000UL + (1_009_990UL * 2_247_750)).Within(1));
        Assert.That(clocks.Core.TicksAt(clocks.Core.TimeOf(2_000_000_001)), Is.EqualTo(2_000_000_001));
    }

    [Test]
    public void ReadsOfTheHpetBecomeSlow([Values] EngineKind engine)
    {
        SetReadLatency slow = new("hpet", SimDuration.FromMicroseconds(50));
        using BareMachine bare = new(
            BareMachine.Spec(engine, new Fault("slow", new AtTime(AtOneMillisecond), slow)),
            a =>
            {
                Label loop = a.CreateLabel();
                a.Label(ref loop);
                a.mov(eax, __dword_ptr[0xFED000F0]);
                a.inc(__dword_ptr[BareMachine.Data]);
                a.jmp(loop);
            });
        bare.Machine.Run(AtOneMillisecond);
        uint fast = bare.Read(BareMachine.Data);
        bare.RunFor(Millisecond);
        Assert.That(fast, Is.InRange(900u, 1150u));
        Assert.That(bare.Read(BareMachine.Data) - fast, Is.InRange(19u, 21u));
    }

    /// <summary>Counts timer interrupts of vector 40h; the local APIC's timer ticks every 100 us.</summary>
    private static void CountTimerInterrupts(Assembler a)
    {
        const uint gates = 0xA000, apic = 0xFEE0_0000;
        Label start = a.CreateLabel();
        Label loop = a.CreateLabel();
        a.jmp(start);
        a.inc(__dword_ptr[BareMachine.Data]);
        a.mov(__dword_ptr[apic + 0xB0], 0);
        a.iretd();

        // The handler stands behind the jump, which has two bytes.
        const uint handler = BareMachine.Code + 2;
        a.Label(ref start);
        a.mov(__dword_ptr[gates + (0x40 * 8)], (handler & 0xFFFF) | (0x08 << 16));
        a.mov(__dword_ptr[gates + (0x40 * 8) + 4], (handler & 0xFFFF_0000) | 0x8E00);
        a.mov(__word_ptr[0xB000], 0x7FF);
        a.mov(__dword_ptr[0xB002], gates);
        a.lidt(__[0xB000]);
        a.mov(esp, 0xF000);
        a.mov(__dword_ptr[apic + 0xF0], 0x1FF);
        a.mov(__dword_ptr[apic + 0x3E0], 0xB);
        a.mov(__dword_ptr[apic + 0x320], 0x2_0040);
        a.mov(__dword_ptr[apic + 0x380], 10_000);
        a.sti();
        a.Label(ref loop);
        a.hlt();
        a.jmp(loop);
    }

    [Test]
    public void InterruptsGetLost([Values] EngineKind engine)
    {
        LoseInterrupts lose = new(new InterruptMatch(0, 0x40, InterruptOrigin.LocalTimer), 3);
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("lose", new AtTime(AtOneMillisecond), lose)), CountTimerInterrupts);
        bare.RunFor(Millisecond);
        uint before = bare.Read(BareMachine.Data);
        bare.RunFor(Millisecond);
        Assert.That(before, Is.InRange(9u, 10u));
        Assert.That(bare.Read(BareMachine.Data), Is.EqualTo(before + 7));
    }

    [Test]
    public void InterruptsComeLate([Values] EngineKind engine)
    {
        DelayInterrupts delay = new(new InterruptMatch(null, null, null), 1, SimDuration.FromMicroseconds(430));
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("late", new AtTime(AtOneMillisecond), delay)), CountTimerInterrupts);
        bare.RunFor(Millisecond * 3);
        Assert.That(bare.Read(BareMachine.Data), Is.InRange(29u, 30u), "none is lost");
    }

    [Test]
    public void ACoreHangsInItsIdleStateAndTheMachineComesToAnEnd([Values] EngineKind engine)
    {
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("cc6", new AtTime(AtOneMillisecond), new FailIdleExit(0))), CountTimerInterrupts);
        bare.RunFor(Millisecond * 3);
        Assert.That(bare.Read(BareMachine.Data), Is.InRange(9u, 11u));
        Assert.That(bare.Machine.Cores[0].IsHung);
    }

    [Test]
    public void AnHpetThatIsStuckShowsOneValue([Values] EngineKind engine)
    {
        using BareMachine bare = new(BareMachine.Spec(engine, new Fault("stuck", new AtTime(AtOneMillisecond), new StickHpet())), WatchTsc);
        bare.Machine.Hpet.WriteMemory(0x10, 4, 1);
        bare.RunFor(Millisecond * 2);
        Assert.That(bare.Machine.Hpet.Counter, Is.EqualTo(bare.Machine.Clocks.Hpet.TicksAt(AtOneMillisecond)));
    }

    [Test]
    public void ARunThatIsSavedAndRestoredAtAnyMomentEndsAsOneThatIsNot([Values] EngineKind engine, [Range(1, 4)] int seed)
    {
        Fault[] faults =
        [
            new("smi", new AtTime(AtOneMillisecond) { Period = SimDuration.FromMicroseconds(170), Times = 0 }, new SystemManagementInterrupt(SimDuration.FromMicroseconds(60)) { Tsc = TscHandling.RestoreOne }),
            new("stop", new AtEvent(FaultEventKind.TimerExpired, "apic0.timer", 7) { Every = 5, Times = 3 }, new StopCores(0, SimDuration.FromMicroseconds(250))),
            new("late", new AtEvent(FaultEventKind.InterruptAccepted, "40", 3) { Delay = SimDuration.FromMicroseconds(33) }, new DelayInterrupts(new InterruptMatch(0, null, null), 4, SimDuration.FromMicroseconds(333))),
            new("drift", new AtInstruction(0, 200), new DriftOscillator(Oscillator.Refclk, 5_000_000)),
            new("slow", new AtTime(SimTime.Zero + (Millisecond * 2)), new SetReadLatency("hpet", SimDuration.FromMicroseconds(3))),
        ];
        MachineSpec spec = BareMachine.Spec(engine, faults);
        SimTime end = SimTime.Zero + (Millisecond * 4);
        using BareMachine whole = new(spec, CountTimerInterrupts);
        whole.Machine.Run(end);
        SeededRandom random = new("cut", (ulong)seed);
        SimTime cut = SimTime.Zero + SimDuration.FromNanoseconds((long)random.Below(4_000_000));
        TestContext.Out.WriteLine($"seed {seed}: cut at {cut}");

        // Stopping ends a stretch of the functional engine; the comparison is with a run that stopped there too.
        using BareMachine stopped = new(spec, CountTimerInterrupts);
        stopped.Machine.Run(cut);
        Checkpoint checkpoint = Checkpoint.Of(stopped.Machine, default);
        stopped.Machine.Run(end);
        using MemoryStream file = new();
        checkpoint.Write(file);
        Checkpoint read = Checkpoint.Read(file.ToArray());
        using BareMachine restored = new(read.Spec, CountTimerInterrupts);
        restored.Machine.Restore(read.State);
        restored.Machine.Run(end);
        Assert.That(restored.Machine.Save().AsSpan().SequenceEqual(stopped.Machine.Save()));
        Assert.That(restored.Machine.Happened.Select(h => h.Times), Is.EqualTo(whole.Machine.Happened.Select(h => h.Times)));
    }

    private sealed class FaultWatch(Action happened) : IDeviceProbe
    {
        public void ClockRead(string clock, SimTime time, ulong value)
        {
        }

        public void TimerProgrammed(string timer, SimTime time, SimTime expiry)
        {
        }

        public void TimerExpired(string timer, SimTime time)
        {
        }

        public void LineChanged(string line, SimTime time, bool asserted)
        {
        }

        public void PostCode(SimTime time, byte code)
        {
        }

        public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode)
        {
        }

        public void FaultOccurred(string fault, SimTime time, string effect) => happened();
    }
}
