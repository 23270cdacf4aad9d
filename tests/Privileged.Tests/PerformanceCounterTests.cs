using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Core performance counters, MPERF and APERF, P-states (AMD APM vol. 2, 13.2; family 17h model 31h PPR, 2.1.14 and 2.1.15).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class PerformanceCounterTests(EngineKind kind)
{
    private const uint Control0 = 0xC0010200, Counter0 = 0xC0010201, LegacyControl0 = 0xC0010000, LegacyCounter0 = 0xC0010004;
    private const uint User = 1 << 16, System = 1 << 17, Interrupt = 1 << 20, Enable = 1 << 22;

    private static void Wrmsr(Assembler a, uint number, ulong value)
    {
        a.mov(ecx, number);
        a.mov(eax, (uint)value);
        a.mov(edx, (uint)(value >> 32));
        a.wrmsr();
    }

    [TestCase(Control0, Counter0)]
    [TestCase(LegacyControl0, LegacyCounter0)]
    public void InstructionsAreCountedExactly(uint control, uint counter)
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Wrmsr(a, counter, 1000);
            Wrmsr(a, control, 0xC0 | System | Enable);
            for (int n = 0; n < 10; n++)
                a.nop();
            a.xor(ecx, ecx);
            a.rdpmc();
            a.hlt();
        });
        g.Run();
        // WRMSR itself starts the counter before it retires: it, ten NOPs, XOR.
        Assert.That(g.Rax, Is.EqualTo(1012).Within(1));
    }

    [Test]
    public void FiltersTellUserFromSystem()
    {
        using Guest g = Guest.Long(kind);
        g.UserProgram(a =>
        {
            for (int n = 0; n < 100; n++)
                a.nop();
            a.@int(0x20);
        });
        Assert.That(MsrAccess.TryWrite(g.Core, Control0, 0xC0 | User | Enable), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, Control0 + 2, 0xC0 | System | Enable), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, Control0 + 4, 0xC0 | User | System | Enable), Is.True);
        g.Run();
        ulong user = g.Core.Counters.Read(0), system = g.Core.Counters.Read(1), both = g.Core.Counters.Read(2);
        Assert.Multiple(() =>
        {
            Assert.That(user, Is.EqualTo(100).Within(1));
            Assert.That(system, Is.EqualTo(30).Within(20));
            Assert.That(both, Is.EqualTo(user + system));
        });
    }

    [Test]
    public void CounterWithoutAFilterBitOrEnableStandsStill()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Wrmsr(a, Control0, 0xC0 | Enable);
            Wrmsr(a, Control0 + 2, 0xC0 | System);
            a.nop();
            a.hlt();
        });
        g.Run();
        Assert.That(g.Core.Counters.Read(0), Is.Zero);
        Assert.That(g.Core.Counters.Read(1), Is.Zero);
    }

    [Test]
    public void OverflowRaisesThePerformanceInterruptOnceAndTheCounterWraps()
    {
        using Guest g = Guest.Long(kind);
        OverflowCounter interrupts = new();
        g.Core.Interrupts = interrupts;
        g.Code(a =>
        {
            Label again = a.CreateLabel();
            Wrmsr(a, Counter0, 0xFFFF_FFFF_FFFF - 5000);
            Wrmsr(a, Control0, 0xC0 | System | Interrupt | Enable);
            a.mov(ecx, 20000);
            a.Label(ref again);
            a.dec(ecx);
            a.jne(again);
            a.hlt();
        });
        g.Run();
        Assert.That(interrupts.Overflows, Is.EqualTo(1));
        Assert.That(g.Core.Counters.Read(0), Is.EqualTo(35001).Within(4));
    }

    [Test]
    public void UserMayReadCountersOnlyWhenAllowed()
    {
        foreach (bool allowed in new[] { true, false })
        {
            using Guest g = Guest.Long(kind);
            g.State->Cr4 |= allowed ? ControlBits.Cr4PerformanceCounters : 0;
            g.UserProgram(a =>
            {
                a.xor(ecx, ecx);
                a.rdpmc();
                a.ud2();
            });
            g.Run();
            Assert.That(g.Vectors, Is.EqualTo(new ulong[] { allowed ? 6u : 13u }));
        }
    }

    [Test]
    public void BranchesAreCountedAndOnTheDetailedEngineLoadsStoresAndMicroOps()
    {
        using Guest g = Guest.Long(kind);
        uint[] events = [0xC2, 0xC4, 0x129, 0x229, 0xC1, 0xC3];
        g.Code(a =>
        {
            Label again = a.CreateLabel();
            for (uint n = 0; n < events.Length; n++)
                Wrmsr(a, Control0 + 2 * n, events[n] | System | Enable);
            a.mov(ecx, 1000);
            a.Label(ref again);
            a.mov(rax, __qword_ptr[Guest.DataAddress]);
            a.mov(__qword_ptr[Guest.DataAddress + 8], rax);
            a.mov(__qword_ptr[Guest.DataAddress + 16], rax);
            a.dec(ecx);
            a.jne(again);
            a.hlt();
        });
        g.Run();
        ulong[] counted = [.. Enumerable.Range(0, 6).Select(n => g.Core.Counters.Read(n))];
        if (kind == EngineKind.Functional)
        {
            Assert.That(counted, Is.EqualTo(new ulong[] { 1000, 999, 0, 0, 0, 0 }));
            return;
        }

        Assert.Multiple(() =>
        {
            Assert.That(counted[0], Is.EqualTo(1000));
            Assert.That(counted[1], Is.EqualTo(999));
            Assert.That(counted[2], Is.EqualTo(1000));
            Assert.That(counted[3], Is.EqualTo(2000));
            Assert.That(counted[4], Is.GreaterThanOrEqualTo(5000).And.LessThan(5100));
            Assert.That(counted[5], Is.GreaterThan(0).And.LessThan(50), "the loop's end is not foreseen");
        });
    }

    [Test]
    public void MperfAndAperfStandStillWhileHaltedAndTheTscDoesNot()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a => a.hlt());
        g.Run();
        ulong before = g.Core.AwakeCycles, tsc = g.Core.TscAt(g.Engine.NowCycles);
        g.Engine.SkipTo(g.Engine.NowCycles + 100_000);
        Assert.That(g.Core.AwakeCycles, Is.EqualTo(before));
        Assert.That(g.Core.TscAt(g.Engine.NowCycles), Is.EqualTo(tsc + 100_000));
        Assert.That(MsrAccess.TryRead(g.Core, MsrNumbers.Mperf, out ulong mperf), Is.True);
        Assert.That(mperf, Is.EqualTo(before));
    }

    [Test]
    public void AperfFollowsThePStateAndMperfDoesNot()
    {
        using Guest g = Guest.Long(kind);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.Mperf, 500), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.Aperf, 500), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.PStateControl, 2), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.PStateControl, 8), Is.False);
        g.Code(a =>
        {
            Label again = a.CreateLabel();
            a.mov(ecx, 100_000);
            a.Label(ref again);
            a.dec(ecx);
            a.jne(again);
            a.hlt();
        });
        g.Run();
        MsrAccess.TryRead(g.Core, MsrNumbers.Mperf, out ulong mperf);
        MsrAccess.TryRead(g.Core, MsrNumbers.Aperf, out ulong aperf);
        MsrAccess.TryRead(g.Core, MsrNumbers.PStateStatus, out ulong status);
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(2));
            Assert.That(mperf, Is.GreaterThan(100_000));
            // P0 is 2250 MHz (5Ah / 8), P2 1500 MHz (5Ah / 0Ch).
            Assert.That(aperf - 500, Is.EqualTo((mperf - 500) * 1500 / 2250).Within(2));
        });
    }

    [Test]
    public void CountersGoOnBehindARestoredState()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            for (int n = 0; n < 50; n++)
                a.nop();
            a.hlt();
        });
        MsrAccess.TryWrite(g.Core, Control0, 0xC0 | System | Enable);
        MsrAccess.TryWrite(g.Core, Control0 + 2, 0x76 | System | Enable);
        g.Run();
        ulong instructions = g.Core.Counters.Read(0), cycles = g.Core.Counters.Read(1);
        using Guest other = Guest.Long(kind);
        other.TakeStateOf(g);
        Assert.Multiple(() =>
        {
            Assert.That(instructions, Is.EqualTo(51));
            Assert.That(other.Core.Counters.Read(0), Is.EqualTo(instructions));
            Assert.That(other.Core.Counters.Read(1), Is.EqualTo(cycles));
        });
        other.Engine.SkipTo(other.Engine.NowCycles + 100);
        Assert.That(other.Core.Counters.Read(1), Is.EqualTo(cycles), "halted");
    }

    private sealed class OverflowCounter : ICoreInterruptController
    {
        public int Overflows { get; private set; }

        public byte TaskPriorityClass { get; set; }

        public ulong ApicBase => 0xFEE0_0900;

        public byte Acknowledge() => 0xFF;

        public void RaisePerformanceInterrupt() => Overflows++;

        public bool TryReadMsr(uint msr, out ulong value)
        {
            value = 0;
            return false;
        }

        public bool TryWriteMsr(uint msr, ulong value) => false;

        public uint ReadRegister(int offset) => 0;

        public void WriteRegister(int offset, uint value)
        {
        }
    }
}
