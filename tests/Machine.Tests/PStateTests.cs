using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Machine.Tests;

/// <summary>Cores in different P-states among timers that do not follow them (PPR 55803, MSRs C001_0061h-6Bh, APIC380).</summary>
public sealed class PStateTests
{
    private const uint Trampoline = 0x8000, LocalApic = 0xFEE0_0000;
    private const uint BootCount = 0x6000, OtherCount = 0x6040, Stop = 0x6080, Results = 0x6100;
    private const uint States = 3;
    private static readonly SimTime End = SimTime.Zero + SimDuration.FromMilliseconds(50);

    private static readonly (int Fast, int Slow)[] s_ratios = [(1, 1), (9, 8), (3, 2)];

    /// <summary>Two cores count in memory of their own for the same time; the other one in a P-state.</summary>
    [Test]
    public void CoresRunAtTheirOwnSpeed([Values] EngineKind engine, [Values(0u, 1u, 2u)] uint state)
    {
        using Bench bench = new(Bench.Spec(2) with { Engine = engine });
        ProtectedProgram.Enter(bench.Machine, CountBoth);
        ProtectedProgram.Load(bench.Machine, 16, Trampoline, a => Count(a, state));
        Assert.That(bench.RunTo(End), Is.EqualTo(StopReason.PowerOff));
        uint boot = ProtectedProgram.Read(bench, BootCount), other = ProtectedProgram.Read(bench, OtherCount);
        (int fast, int slow) = s_ratios[state];
        TestContext.Out.WriteLine($"P0: {boot}, P{state}: {other}");
        Assert.That(boot, Is.GreaterThan(50_000u));
        Assert.That((double)boot / other, Is.EqualTo((double)fast / slow).Within(0.01));
    }

    /// <summary>A millisecond of the local APIC's timer is a millisecond of the TSC in every P-state, and fewer loops.</summary>
    [Test]
    public void TimersDoNotFollow([Values] EngineKind engine)
    {
        using Bench bench = Timed(engine);
        Assert.That(bench.RunTo(End), Is.EqualTo(StopReason.PowerOff));
        for (uint state = 0; state < States; state++)
        {
            uint ticks = ProtectedProgram.Read(bench, Results + (8 * state)), loops = ProtectedProgram.Read(bench, Results + (8 * state) + 4);
            (int fast, int slow) = s_ratios[state];
            TestContext.Out.WriteLine($"P{state}: {ticks} TSC ticks, {loops} loops");
            Assert.That(ticks, Is.EqualTo(2_250_000).Within(3000), $"P{state}");
            Assert.That((double)ProtectedProgram.Read(bench, Results + 4) / loops, Is.EqualTo((double)fast / slow).Within(0.03), $"P{state}");
        }
    }

    /// <summary>Cuts fall before, between and behind the changes.</summary>
    [Test]
    public void AMachineRestoredInAnyPStateRunsOnAsIfNothingHadHappened([Values] EngineKind engine, [Range(1, 3)] int seed)
    {
        SeededRandom random = new("p-states", (ulong)seed);
        using Bench original = Timed(engine);
        SimTime at = SimTime.Zero;
        for (int cut = 0; cut < 4; cut++)
        {
            at += SimDuration.FromNanoseconds((long)random.Below(700_000));
            Assert.That(original.RunTo(at), Is.EqualTo(StopReason.TimeReached));
            byte[] snapshot = original.Machine.Save();
            using Bench copy = new(Bench.Spec(1) with { Engine = engine });
            copy.Machine.Restore(snapshot);
            string where = $"seed {seed}, cut at {at}";
            Assert.That(copy.Machine.Save().AsSpan().SequenceEqual(snapshot), $"save, restore, save; {where}");
            at += SimDuration.FromNanoseconds((long)random.Below(50_000));
            _ = original.RunTo(at);
            _ = copy.RunTo(at);
            Assert.That(copy.Machine.Save().AsSpan().SequenceEqual(original.Machine.Save()), $"run on; {where}");
        }
    }

    private static Bench Timed(EngineKind engine)
    {
        Bench bench = new(Bench.Spec(1) with { Engine = engine });
        ProtectedProgram.Enter(bench.Machine, TimeStates);
        return bench;
    }

    private static void TimeStates(Assembler a)
    {
        const int timer = 0x320, initial = 0x380, current = 0x390, divide = 0x3E0;
        const uint millisecond = 100_000;
        a.mov(ebx, LocalApic);
        a.mov(__dword_ptr[ebx + 0xF0], 0x1FF);
        a.mov(__dword_ptr[ebx + divide], 0xB);
        a.mov(__dword_ptr[ebx + timer], 0x10020);
        for (uint state = 0; state < States; state++)
        {
            Label poll = a.CreateLabel(), loop = a.CreateLabel();
            Select(a, state);
            a.xor(edi, edi);
            a.mov(__dword_ptr[ebx + initial], millisecond);
            a.rdtsc();
            a.mov(esi, eax);
            a.Label(ref poll);
            a.mov(ecx, 2000);
            a.Label(ref loop);
            a.dec(ecx);
            a.jne(loop);
            a.inc(edi);
            a.cmp(__dword_ptr[ebx + current], 0);
            a.jne(poll);
            a.rdtsc();
            a.sub(eax, esi);
            a.mov(__dword_ptr[Results + (8 * state)], eax);
            a.mov(__dword_ptr[Results + (8 * state) + 4], edi);
        }

        ProtectedProgram.PowerOff(a);
    }

    private static void CountBoth(Assembler a)
    {
        Label ready = a.CreateLabel(), count = a.CreateLabel(), inner = a.CreateLabel();
        a.mov(ebx, LocalApic);
        a.mov(__dword_ptr[ebx + 0x300], 0xC4500);
        a.mov(__dword_ptr[ebx + 0x300], 0xC4600 | (int)(Trampoline >> 12));
        a.Label(ref ready);
        a.pause();
        a.cmp(__dword_ptr[OtherCount], 0);
        a.je(ready);
        a.mov(__dword_ptr[OtherCount], 0);
        a.Label(ref count);
        a.mov(ecx, 20);
        a.Label(ref inner);
        a.dec(ecx);
        a.jne(inner);
        a.inc(__dword_ptr[BootCount]);
        a.cmp(__dword_ptr[BootCount], 60_000);
        a.jne(count);
        a.mov(__dword_ptr[Stop], 1);
        ProtectedProgram.PowerOff(a);
    }

    private static void Count(Assembler a, uint state)
    {
        Label count = a.CreateLabel(), inner = a.CreateLabel(), stop = a.CreateLabel();
        Select(a, state);
        a.xor(edi, edi);
        a.mov(ds, di);
        a.Label(ref count);
        a.mov(ecx, 20);
        a.Label(ref inner);
        a.dec(ecx);
        a.jne(inner);
        a.inc(__dword_ptr[OtherCount]);
        a.cmp(__dword_ptr[Stop], 0);
        a.je(count);
        a.Label(ref stop);
        a.hlt();
        a.jmp(stop);
    }

    private static void Select(Assembler a, uint state)
    {
        a.mov(ecx, MsrNumbers.PStateControl);
        a.mov(eax, state);
        a.xor(edx, edx);
        a.wrmsr();
    }
}
