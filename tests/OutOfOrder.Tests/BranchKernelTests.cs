using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static CoSim.OutOfOrder.Tests.Kernel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Taken branches by BTB level, mispredictions, calls and returns.</summary>
public sealed class BranchKernelTests
{
    /// <summary>Cycles of one taken jump in a chain that fits a given table.</summary>
    private static double ChainOfJumps(int jumps, int iterations)
    {
        ulong Run(int times)
        {
            using DetailedMachine<NoProbe> machine = new();
            machine.Code(a =>
            {
                a.mov(r15d, times);
                Label loop = a.CreateLabel();
                a.Label(ref loop);
                for (int i = 0; i < jumps; i++)
                {
                    Label next = a.CreateLabel();
                    a.jmp(next);
                    a.nop();
                    a.nop();
                    a.nop();
                    a.nop();
                    a.nop();
                    a.nop();
                    a.nop();
                    a.nop();
                    a.Label(ref next);
                    a.nop();
                }

                a.dec(r15d);
                a.jnz(loop);
                a.hlt();
            });
            machine.Run();
            return machine.Engine.Now;
        }

        double cycles = (double)(Run(iterations * 2) - Run(iterations)) / iterations / (jumps + 1);
        TestContext.Out.WriteLine($"{jumps} jumps: {cycles:F2} cycles each");
        return cycles;
    }

    [Test]
    public void Few_taken_branches_take_a_cycle_each() => Assert.That(ChainOfJumps(5, 500), Is.InRange(0.95, 1.6));

    [Test]
    public void Hundreds_of_taken_branches_take_two_cycles_each() => Assert.That(ChainOfJumps(200, 100), Is.EqualTo(2.0).Within(0.3));

    [Test]
    public void Thousands_of_taken_branches_take_five_cycles_each() => Assert.That(ChainOfJumps(2000, 20), Is.EqualTo(5.0).Within(0.8));

    [Test]
    public void A_misprediction_costs_about_18_cycles()
    {
        // Bits of a linear congruential generator decide; its state is the loop's only other work.
        (ulong Cycles, ulong Missed) Run(int mask)
        {
            using DetailedMachine<NoProbe> machine = new();
            machine.Code(a => Loop(a, b =>
            {
                Label over = b.CreateLabel();
                b.imul(rax, rcx);
                b.add(rax, rdx);
                b.mov(rsi, rax);
                b.shr(rsi, 40);
                b.test(esi, mask);
                b.jz(over);
                b.add(rdi, 1);
                b.Label(ref over);
                b.nop();
            }, b =>
            {
                b.mov(rax, 12345);
                b.mov(rcx, 6364136223846793005);
                b.mov(rdx, 1442695040888963407);
            }, 4000, 1));
            machine.Run();
            return (machine.Engine.Now, machine.Engine.Mispredictions);
        }

        (ulong cycles, ulong missed) = Run(1);
        (ulong calm, ulong few) = Run(0);
        double penalty = (double)(cycles - calm) / (missed - few);
        TestContext.Out.WriteLine($"{missed} mispredictions, {penalty:F1} cycles each");
        Assert.That(missed, Is.GreaterThan(1000UL));
        Assert.That(penalty, Is.InRange(14.0, 22.0));
    }

    [Test]
    public void A_call_and_its_return_take_a_few_cycles()
    {
        double cycles = CyclesPer(a =>
        {
            Label function = a.CreateLabel();
            Label over = a.CreateLabel();
            a.call(function);
            a.jmp(over);
            a.Label(ref function);
            a.ret();
            a.Label(ref over);
            a.nop();
        }, copies: 2);
        Assert.That(cycles, Is.InRange(2.0, 6.0));
    }

    [Test]
    public void A_return_without_its_call_takes_about_21_cycles()
    {
        double cycles = CyclesPer(a =>
        {
            Label next = a.CreateLabel();
            a.lea(rax, __[next]);
            a.push(rax);
            a.ret();
            a.Label(ref next);
            a.nop();
        });
        Assert.That(cycles, Is.InRange(15.0, 30.0));
    }
}
