using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>
/// A lock that its owner gives up for the length of one PAUSE, over and over: what a spinning core samples must not stay in step with
/// that for ever.
/// </summary>
public sealed unsafe class LockHandoverTests
{
    private const ulong Lock = 0x90000, Limit = 2_000_000;
    private const int Wanted = 20;

    [Test]
    public void A_lock_free_for_one_pause_comes_to_the_other_core([Values(0, 1, 7, 20, 21, 64, 150)] int work)
    {
        using DetailedMachine<NoProbe> machine = new(2);
        machine.Code(a => Owner(a, work));
        machine.Code(Contender, 1);
        ulong cycle = 1;
        for (; cycle < Limit && machine.Cores[1].State->Activity == ActivityState.Active; cycle++)
        {
            machine.Engines[0].Run(cycle);
            machine.Engines[1].Run(cycle);
        }

        TestContext.Out.WriteLine($"work {work}: taken {machine.Cores[1].State->Gpr[2]} times in {cycle} cycles");
        Assert.That(machine.Cores[1].State->Gpr[2], Is.EqualTo((ulong)Wanted), "times that the other core had the lock");
    }

    /// <summary>Takes the lock, works a chain of multiplications long, gives it up, PAUSE, and again.</summary>
    private static void Owner(Assembler a, int work)
    {
        Label again = a.CreateLabel();
        a.Label(ref again);
        Acquire(a);
        for (int n = 0; n < work; n++)
            a.imul(rbx, rbx, 3);
        a.mov(__dword_ptr[Lock], 0);
        a.pause();
        a.jmp(again);
    }

    private static void Contender(Assembler a)
    {
        Label again = a.CreateLabel();
        a.xor(edx, edx);
        a.Label(ref again);
        Acquire(a);
        a.inc(edx);
        a.mov(__dword_ptr[Lock], 0);
        a.pause();
        a.cmp(edx, Wanted);
        a.jne(again);
        a.hlt();
    }

    /// <summary>Test, then test-and-set; PAUSE while it is taken.</summary>
    private static void Acquire(Assembler a)
    {
        Label spin = a.CreateLabel(), attempt = a.CreateLabel();
        a.jmp(attempt);
        a.Label(ref spin);
        a.pause();
        a.Label(ref attempt);
        a.cmp(__dword_ptr[Lock], 0);
        a.jne(spin);
        a.mov(eax, 1);
        a.xchg(__dword_ptr[Lock], eax);
        a.test(eax, eax);
        a.jne(spin);
    }
}
