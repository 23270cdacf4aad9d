using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>
/// P-states change the speed of the core and of nothing else (family 17h model 31h PPR 55803, MSRs C001_0061h-6Bh). The 7742 has 2250, 2000 and
/// 1500 MHz.
/// </summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class PStateTests(EngineKind kind)
{
    private const uint Iterations = 90_000;
    private const uint Control0 = 0xC0010200;
    private const uint SystemCycles = 0x76 | (1 << 17) | (1 << 22);

    private static readonly (uint Multiply, uint Divide)[] s_speeds = [(1, 1), (8, 9), (2, 3)];

    private static void Wrmsr(Assembler a, uint number, uint value)
    {
        a.mov(ecx, number);
        a.mov(eax, value);
        a.xor(edx, edx);
        a.wrmsr();
    }

    private static void Tsc(Assembler a, AssemblerRegister64 target)
    {
        a.lfence();
        a.rdtsc();
        a.lfence();
        a.shl(rdx, 32);
        a.lea(target, __[rax + rdx]);
    }

    private static void Clock(Assembler a, uint selector, AssemblerRegister64 target)
    {
        a.mov(ecx, selector);
        a.rdpru();
        a.shl(rdx, 32);
        a.lea(target, __[rax + rdx]);
    }

    /// <summary>Runs a loop of known length, once to warm up and once measured by the TSC; the difference is in RBX.</summary>
    private static void Measure(Assembler a, uint iterations)
    {
        Label again = a.CreateLabel(), loop = a.CreateLabel();
        a.mov(edi, 2);
        a.Label(ref again);
        a.mov(esi, iterations);
        Tsc(a, r8);
        a.Label(ref loop);
        a.dec(esi);
        a.jne(loop);
        Tsc(a, rbx);
        a.sub(rbx, r8);
        a.dec(edi);
        a.jne(again);
    }

    private ulong TicksOfLoop(uint state)
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Wrmsr(a, MsrNumbers.PStateControl, state);
            Measure(a, Iterations);
            a.hlt();
        });
        g.Run();
        return g.State->Gpr[3];
    }

    [TestCase(1u)]
    [TestCase(2u)]
    public void ALoopTakesLongerByTheRatioOfTheFrequencies(uint state)
    {
        (uint multiply, uint divide) = s_speeds[state];
        ulong fast = TicksOfLoop(0);
        Assert.That(fast, Is.GreaterThan(Iterations));
        Assert.That(TicksOfLoop(state), Is.EqualTo(fast * divide / multiply).Within(2));
    }

    /// <summary>The TSC and MPERF go on at the rate of P0; APERF and the cycle counter count the core's own cycles.</summary>
    [TestCase(0u)]
    [TestCase(1u)]
    [TestCase(2u)]
    public void AperfAndTheCycleCounterCountTheCyclesOfTheCore(uint state)
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Wrmsr(a, MsrNumbers.PStateControl, state);
            Wrmsr(a, Control0, SystemCycles);
            Clock(a, 0, r8);
            Clock(a, 1, r9);
            a.xor(ecx, ecx);
            a.rdpmc();
            a.mov(r10d, eax);
            Tsc(a, r11);
            a.mov(esi, Iterations);
            Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.dec(esi);
            a.jne(loop);
            Clock(a, 0, r12);
            Clock(a, 1, r13);
            a.xor(ecx, ecx);
            a.rdpmc();
            a.mov(r14d, eax);
            Tsc(a, r15);
            a.hlt();
        });
        g.Run();
        ulong Span(int begin) => g.State->Gpr[begin + 4] - g.State->Gpr[begin];
        (uint multiply, uint divide) = s_speeds[state];
        const ulong between = 300;
        Assert.Multiple(() =>
        {
            Assert.That(Span(8), Is.GreaterThan(Iterations * (ulong)divide / multiply), "MPERF");
            Assert.That(Span(9), Is.EqualTo(Span(8) * multiply / divide).Within(between), "APERF");
            Assert.That(Span(10), Is.EqualTo(Span(9)).Within(between), "PMCx076");
            Assert.That(Span(11), Is.EqualTo(Span(8)).Within(between), "TSC");
        });
    }

    [Test]
    public void TheCoreIsNotAvailableDuringATransitionAndOnlyThen()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Wrmsr(a, MsrNumbers.PStateControl, 2);
            Tsc(a, r8);
            Wrmsr(a, MsrNumbers.PStateControl, 2);
            Tsc(a, r9);
            Wrmsr(a, MsrNumbers.PStateControl, 0);
            Tsc(a, r10);
            a.hlt();
        });
        g.Run();
        ulong same = g.State->Gpr[9] - g.State->Gpr[8], other = g.State->Gpr[10] - g.State->Gpr[9];
        const ulong microsecond = 2250;
        Assert.That(same, Is.LessThan(microsecond / 2));
        Assert.That(other, Is.InRange(microsecond, microsecond + (microsecond / 2)));
    }

    [Test]
    public void ManyChangesLeaveTheClocksConsistent()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Label again = a.CreateLabel();
            a.mov(ebx, 300);
            a.Label(ref again);
            a.mov(eax, ebx);
            a.and(eax, 1);
            a.mov(ecx, MsrNumbers.PStateControl);
            a.xor(edx, edx);
            a.wrmsr();
            for (int n = 0; n < 20; n++)
                a.imul(rbp, rbp);
            a.dec(ebx);
            a.jne(again);
            Wrmsr(a, MsrNumbers.PStateControl, 0);
            Measure(a, Iterations);
            a.hlt();
        });
        g.Run();
        MsrAccess.TryRead(g.Core, MsrNumbers.Mperf, out ulong mperf);
        MsrAccess.TryRead(g.Core, MsrNumbers.Aperf, out ulong aperf);
        Assert.That(g.State->Gpr[3], Is.EqualTo(TicksOfLoop(0)).Within(2), "back at full speed");
        Assert.That(aperf, Is.LessThan(mperf).And.GreaterThan(mperf * 8 / 9));
    }

    /// <summary>The definitions and the limit follow the model; what is asked for beyond the limit is cut to it.</summary>
    [Test]
    public void AModelHasItsOwnPStates()
    {
        using Guest two = new(kind, new CoreSpec { BaseMegahertz = 2000, SlowerMegahertz = [1500] });
        using Guest three = new(kind, new CoreSpec { BaseMegahertz = 2500, SlowerMegahertz = [2200, 1500] });
        Assert.Multiple(() =>
        {
            Assert.That(States(two), Is.EqualTo(new ulong[] { 0x10, 0x8000_0000_4592_0850, 0x8000_0000_43DA_0C5A, 0, 0 }));
            Assert.That(States(three), Is.EqualTo(new ulong[] { 0x20, 0x8000_0000_4592_0864, 0x8000_0000_4516_0A6E, 0x8000_0000_43DA_0C5A, 0 }));
            Assert.That(MsrAccess.TryWrite(two.Core, MsrNumbers.PStateControl, 2), Is.True);
            Assert.That(MsrAccess.TryRead(two.Core, MsrNumbers.PStateStatus, out ulong status), Is.True);
            Assert.That(status, Is.EqualTo(1));
            Assert.That(MsrAccess.TryRead(two.Core, MsrNumbers.HardwarePStateStatus, out ulong hardware), Is.True);
            Assert.That(hardware, Is.EqualTo((1 << 22) | 0x1A0C5A), "number, and the low bits of the definition");
            Assert.That(two.Core.Speed, Is.EqualTo((3u, 4u)));
        });
    }

    private static ulong[] States(Guest g) =>
        [.. new uint[] { 0xC001_0061, 0xC001_0064, 0xC001_0065, 0xC001_0066, 0xC001_0067 }.Select(n => MsrAccess.TryRead(g.Core, n, out ulong value) ? value : ~0UL)];

    [Test]
    public void AStateAboveTheReferenceClockIsLoggedAndRunsAtIt()
    {
        using Guest g = Guest.Long(kind);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.PState0 + 1, 0x8000_0000_4592_088C), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.PStateControl, 1), Is.True);
        Assert.That(g.Core.Speed, Is.EqualTo((1u, 1u)));
        Assert.That(g.Unmodelled, Has.One.Contains("P-state 1 of 3500 MHz"));
    }
}
