using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>C2 by reading a port (PPR 55803, CStateBaseAddr), and P-state MSRs.</summary>
public unsafe class IdleStateTest
{
    private const ulong ExitCycles = 49_500; // 22 us at 2250 MHz

    [Test]
    public void AMaskedInterruptEndsC2AfterTheExitTime()
    {
        using TestMachine m = Sleeper();
        m.Run(1000);
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.MonitorWait));
        ulong slept = m.Engine.NowCycles;
        m.Core.SetInterruptRequest(true);
        m.Run(2 * ExitCycles);
        Assert.Multiple(() =>
        {
            Assert.That(m.State->Gpr[15], Is.EqualTo(5), "execution goes on behind the IN: RFLAGS.IF is clear");
            Assert.That(m.State->Gpr[0] & 0xFF, Is.Zero);
            Assert.That(m.Engine.NowCycles - slept, Is.InRange(ExitCycles, ExitCycles + 10));
        });
    }

    [Test]
    public void NoStoreEndsC2([Values(0UL, 0x90000UL, 0xFF_FFC0UL)] ulong address)
    {
        using TestMachine m = Sleeper();
        m.Run(1000);
        m.Core.NoteStore(address, 8);
        m.Run(1000);
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.MonitorWait));
    }

    [Test]
    public void WithAnInterruptWaitingC2IsNotEntered()
    {
        using TestMachine m = Sleeper();
        m.Core.SetInterruptRequest(true);
        m.Run(1000);
        Assert.That((m.State->Gpr[15], m.Engine.NowCycles < ExitCycles), Is.EqualTo((5UL, true)));
    }

    [Test]
    public void WithoutABaseTheReadReachesThePorts()
    {
        using TestMachine m = Sleeper();
        MsrTable.Set(m.State, MsrNumbers.CStateBaseAddress, 0);
        m.Run(1000);
        Assert.That((m.State->Gpr[15], m.State->Gpr[0] & 0xFF), Is.EqualTo((5UL, 0xFFUL)), "nobody answers");
    }

    [Test]
    public void ThePStateInForceIsTheOneAskedFor([Values(0UL, 1UL, 2UL)] ulong state)
    {
        using TestMachine m = new TestMachine().Long();
        m.Code(a =>
        {
            a.mov(ecx, MsrNumbers.PStateControl);
            a.mov(eax, (uint)state);
            a.xor(edx, edx);
            a.wrmsr();
            a.mov(ecx, MsrNumbers.PStateStatus);
            a.rdmsr();
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Gpr[0], Is.EqualTo(state));
    }

    private static TestMachine Sleeper() => new TestMachine().Long().Code(a =>
    {
        a.mov(edx, 0x814);
        a.@in(al, dx);
        a.mov(r15d, 5);
        a.hlt();
    });
}
