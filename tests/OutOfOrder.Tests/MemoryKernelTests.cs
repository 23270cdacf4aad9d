using CoSim.Hw.Zen2Core.OutOfOrder;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Pointer chases over footprints that fit one level of the hierarchy.</summary>
public sealed class MemoryKernelTests
{
    private const ulong Area = 0x200000;

    /// <summary>Cycles a load in a random cycle over lines, after the whole cycle has been walked once.</summary>
    private static double Chase(int lines, int stride, int loads) => Chase(lines, stride, loads, slow: false, cores: 1);

    /// <summary>The same in the core's own cycles; it may be in P2, two thirds of P0, while other cores of its complex stay in P0.</summary>
    private static unsafe double Chase(int lines, int stride, int loads, bool slow, int cores)
    {
        ulong Run(int count)
        {
            using DetailedMachine<NoProbe> machine = new(cores);
            if (slow)
                Slow(machine);
            Random random = new(7);
            int[] order = [.. Enumerable.Range(0, lines)];
            random.Shuffle(order);
            for (int i = 0; i < lines; i++)
            {
                machine.Write(Area + ((ulong)order[i] * (ulong)stride), Area + ((ulong)order[(i + 1) % lines] * (ulong)stride));
            }

            machine.Code(a => Kernel.Loop(a, b => b.mov(rbx, __qword_ptr[rbx]), b => b.mov(rbx, Area), count, 1));
            machine.Run(200_000_000);
            return machine.Engine.Cycles.Total;
        }

        double cycles = (double)(Run(lines + loads) - Run(lines)) / loads;
        TestContext.Out.WriteLine($"{lines * 64 / 1024} KiB: {cycles:F1} cycles");
        return cycles;
    }

    [Test]
    public void First_level_hits_take_4_cycles() => Assert.That(Chase(256, 64, 2000), Is.EqualTo(4.0).Within(0.1));

    [Test]
    public void Second_level_hits_take_12_cycles() => Assert.That(Chase(4096, 64, 4000), Is.EqualTo(12.0).Within(1.0));

    [Test]
    public void Third_level_hits_take_39_cycles() => Assert.That(Chase(65536, 64, 20000), Is.EqualTo(39.0).Within(4.0));

    /// <summary>The first two levels run with the core, the third with the fastest core of its complex: 12 cycles of its own, then 27 of that.</summary>
    [TestCase(256, 1, 4.0, 0.1)]
    [TestCase(4096, 1, 12.0, 1.0)]
    [TestCase(32768, 1, 39.0, 4.0)]
    [TestCase(32768, 2, 12 + (27.0 * 2 / 3), 4.0)]
    public void In_a_slow_core_each_level_takes_cycles_of_its_own_clock(int lines, int cores, double expected, double within) =>
        Assert.That(Chase(lines, 64, 4000, slow: true, cores), Is.EqualTo(expected).Within(within));

    [Test]
    public void Dram_takes_122_nanoseconds() => Assert.That(ChaseDram(slow: false), Is.EqualTo(122 * 2.25).Within(25));

    [Test]
    public void In_a_slow_core_dram_takes_fewer_cycles() => Assert.That(ChaseDram(slow: true), Is.EqualTo(122 * 2.25 * 2 / 3).Within(20));

    private static unsafe void Slow(DetailedMachine<NoProbe> machine)
    {
        (machine.State->SpeedMultiply, machine.State->SpeedDivide) = (2, 3);
        machine.Engine.Attach(0);
    }

    private static double ChaseDram(bool slow)
    {
        // 48 MiB are three times the third level; cold misses are what is wanted, so nothing is walked before.
        using DetailedMachine<NoProbe> machine = new();
        if (slow)
            Slow(machine);
        const int loads = 4000;
        int[] order = [.. Enumerable.Range(1, 48 << 14)];
        new Random(11).Shuffle(order);
        ulong at = Area;
        for (int i = 0; i < loads; i++)
        {
            ulong next = Area + ((ulong)order[i] * 64);
            machine.Write(at, next);
            at = next;
        }

        machine.Code(a => Kernel.Loop(a, b => b.mov(rbx, __qword_ptr[rbx]), b => b.mov(rbx, Area), loads, 1));
        machine.Run(200_000_000);
        double cycles = (double)machine.Engine.Cycles.Total / loads;
        TestContext.Out.WriteLine($"{cycles:F1} cycles");
        return cycles;
    }

    [Test]
    public void A_long_copy_moves_sixteen_bytes_in_half_a_cycle_at_best()
    {
        double cycles = Kernel.CyclesPer(a =>
        {
            a.mov(rsi, 0x90000);
            a.mov(rdi, 0x92000);
            a.mov(ecx, 4096);
            a.rep.movsb();
        }, copies: 2, iterations: 50);
        Assert.That(cycles, Is.InRange(128.0, 260.0));
    }
}
