using CoSim.Hw.Zen2Core.OutOfOrder;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>RDTSC against older loads, with and without LFENCE, by MSR C001_1029h bit 1.</summary>
public sealed unsafe class OrderingTests
{
    /// <summary>How long RDTSC says that a load from DRAM took.</summary>
    private static ulong TimedMiss(bool fence, bool serialising)
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            if (serialising)
            {
                a.mov(ecx, 0xC001_1029);
                a.mov(eax, 2);
                a.xor(edx, edx);
                a.wrmsr();
            }

            a.mov(rbx, 0x300000);
            a.mfence();
            a.rdtsc();
            a.mov(r8d, eax);
            a.lfence();
            a.mov(rcx, __qword_ptr[rbx]);
            if (fence)
            {
                a.lfence();
            }

            a.rdtsc();
            a.sub(eax, r8d);
            a.mov(r9d, eax);
            a.hlt();
        });
        machine.Run();
        ulong cycles = machine.State->Gpr[9];
        TestContext.Out.WriteLine($"{cycles} cycles");
        return cycles;
    }

    [Test]
    public void Rdtsc_passes_an_older_load_without_a_fence() => Assert.That(TimedMiss(fence: false, serialising: true), Is.LessThan(150UL));

    [Test]
    public void Rdtsc_waits_for_the_load_behind_a_serialising_lfence() => Assert.That(TimedMiss(fence: true, serialising: true), Is.GreaterThan(270UL));

    [Test]
    public void Rdtsc_passes_the_load_when_lfence_is_not_serialising() => Assert.That(TimedMiss(fence: true, serialising: false), Is.LessThan(150UL));
}
