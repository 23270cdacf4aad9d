using Iced.Intel;
using static CoSim.OutOfOrder.Tests.Kernel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Clocks, fences and privileged instructions against published numbers (zen 2, uops.info and InstLatX64).</summary>
public sealed class SystemKernelTests
{
    /// <summary>What Linux does at boot: MSR C001_1029h bit 1 makes LFENCE dispatch-serialising.</summary>
    private static void SerialisingFences(Assembler a)
    {
        a.mov(ecx, 0xC001_1029);
        a.mov(eax, 2);
        a.xor(edx, edx);
        a.wrmsr();
    }

    [Test]
    public void Rdtsc_takes_37_cycles() => Assert.That(CyclesPer(a => a.rdtsc()), Is.EqualTo(37.4).Within(1));

    [Test]
    public void Rdtscp_takes_67_cycles() => Assert.That(CyclesPer(a => a.rdtscp()), Is.EqualTo(67.5).Within(2));

    [Test]
    public void A_serialising_lfence_takes_11_cycles() => Assert.That(CyclesPer(a => a.lfence(), SerialisingFences), Is.EqualTo(11.0).Within(0.5));

    [Test]
    public void Lfence_and_rdtsc_take_what_both_take() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.lfence();
                a.rdtsc();
            }, SerialisingFences),
            Is.InRange(45.0, 58.0));

    [Test]
    public void Mfence_takes_78_cycles() => Assert.That(CyclesPer(a => a.mfence()), Is.EqualTo(78.5).Within(4));

    [Test]
    public void Sfence_takes_one_cycle() => Assert.That(CyclesPer(a => a.sfence()), Is.LessThanOrEqualTo(1.1));

    [Test]
    public void Pause_takes_65_cycles() => Assert.That(CyclesPer(a => a.pause()), Is.EqualTo(65.0).Within(1));

    [Test]
    public void Cpuid_takes_about_130_cycles() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.xor(eax, eax);
                a.cpuid();
            }, copies: 4),
            Is.InRange(120.0, 142.0));

    [Test]
    public void Rdmsr_takes_149_cycles() => Assert.That(CyclesPer(a => a.rdmsr(), a => a.mov(ecx, 0xC000_0080), copies: 4), Is.EqualTo(149.0).Within(6));

    [Test]
    public void Cli_takes_8_and_sti_47_cycles() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.cli();
                a.sti();
            }, copies: 4),
            Is.EqualTo(55.0).Within(6));
}
