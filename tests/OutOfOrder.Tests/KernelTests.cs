using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Small loops whose cycles are published: the model must give them within a stated tolerance.</summary>
public sealed class KernelTests
{
    /// <summary>Cycles of one copy of a body, from the difference of two unrolled loops, so that loop and start cost cancel.</summary>
    private static double CyclesPer(Action<Assembler> body, Action<Assembler>? setup = null, int iterations = 2000, int copies = 10)
    {
        ulong once = Total(body, setup, iterations, copies);
        ulong twice = Total(body, setup, iterations, copies * 2);
        return (double)(twice - once) / iterations / copies;
    }

    private static ulong Total(Action<Assembler> body, Action<Assembler>? setup, int iterations, int copies)
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            setup?.Invoke(a);
            a.mov(r15d, iterations);
            Label loop = a.CreateLabel();
            a.Label(ref loop);
            for (int i = 0; i < copies; i++)
            {
                body(a);
            }

            a.dec(r15d);
            a.jnz(loop);
            a.hlt();
        });
        machine.Run();
        TestContext.Out.WriteLine($"{machine.Engine.Now} cycles, {machine.Engine.Mispredictions} mispredictions");
        return machine.Engine.Now;
    }

    [Test]
    public void A_dependent_add_takes_one_cycle() => Assert.That(CyclesPer(a => a.add(rax, rbx)), Is.EqualTo(1.0).Within(0.05));

    [Test]
    public void A_dependent_multiplication_takes_three() => Assert.That(CyclesPer(a => a.imul(rax, rbx)), Is.EqualTo(3.0).Within(0.1));

    [Test]
    public void Five_nops_dispatch_in_a_cycle() => Assert.That(CyclesPer(a => a.nop(), copies: 50), Is.EqualTo(0.2).Within(0.03));

    [Test]
    public void A_load_takes_four_cycles() =>
        Assert.That(
            CyclesPer(a => a.mov(rbx, __qword_ptr[rbx]), a =>
            {
                a.mov(rbx, 0x90000);
                a.mov(__qword_ptr[rbx], rbx);
            }),
            Is.EqualTo(4.0).Within(0.1));

    [Test]
    public void Store_forwarding_takes_seven_to_eight_cycles() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.mov(__qword_ptr[rbx], rax);
                a.mov(rax, __qword_ptr[rbx]);
            }, a => a.mov(rbx, 0x90000)),
            Is.InRange(6.9, 8.1));
}
