using static CoSim.OutOfOrder.Tests.Kernel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Accesses that lie in two cache lines (parameters load.misaligned.line, store.misaligned.line, cost.atomic.split).</summary>
public sealed class SplitAccessTests
{
    private const int Aligned = 0, Crossing = 60;

    [TestCase(Aligned, 17.7, 1.0)]
    [TestCase(Crossing, 17.7 + (500 * 2.25), 10.0)]
    public void A_locked_addition_over_two_lines_locks_more_than_a_line(int offset, double cycles, double within) => Assert.That(
        CyclesPer(a => a.@lock.add(__qword_ptr[rbx + offset], rax), a => a.mov(rbx, 0x90000), iterations: 50), Is.EqualTo(cycles).Within(within));

    [TestCase(Aligned, 1.0)]
    [TestCase(Crossing, 2.0)]
    public void A_store_over_two_lines_takes_a_cycle_more(int offset, double cycles) => Assert.That(
        CyclesPer(a => a.mov(__qword_ptr[rbx + offset], rax), a => a.mov(rbx, 0x90000)), Is.EqualTo(cycles).Within(0.1));

    [TestCase(Aligned, 4.0)]
    [TestCase(Crossing, 5.0)]
    public void A_load_over_two_lines_takes_a_cycle_more(int offset, double cycles) => Assert.That(
        CyclesPer(a => a.mov(rbx, __qword_ptr[rbx + offset]), a =>
        {
            a.mov(rbx, 0x90000);
            a.mov(__qword_ptr[rbx + offset], rbx);
        }), Is.EqualTo(cycles).Within(0.1));
}
