using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Measures small loops on the detailed engine.</summary>
internal static class Kernel
{
    /// <summary>Cycles of one copy of a body, from the difference of two unrolled loops, so that loop and start cost cancel.</summary>
    public static double CyclesPer(Action<Assembler> body, Action<Assembler>? setup = null, int iterations = 500, int copies = 10)
    {
        ulong once = Total(body, setup, iterations, copies);
        ulong twice = Total(body, setup, iterations, copies * 2);
        double cycles = (double)(twice - once) / iterations / copies;
        TestContext.Out.WriteLine($"{cycles:F2} cycles");
        return cycles;
    }

    /// <summary>Cycles of a whole loop.</summary>
    public static ulong Total(Action<Assembler> body, Action<Assembler>? setup, int iterations, int copies)
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a => Loop(a, body, setup, iterations, copies));
        machine.Run();
        Assert.That(machine.ShutDown, Is.False, "the kernel faulted");
        return machine.Engine.Now;
    }

    /// <summary>Emits a counted loop over R15 that ends in HLT.</summary>
    public static void Loop(Assembler a, Action<Assembler> body, Action<Assembler>? setup, int iterations, int copies)
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
    }
}
