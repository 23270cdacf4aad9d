using Iced.Intel;
using static CoSim.OutOfOrder.Tests.Kernel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Loops whose cycles are published for Zen 2 (sources in parameters.csv): the model must give them within a stated tolerance.</summary>
public sealed class KernelTests
{
    private static void Data(Assembler a) => a.mov(rbx, 0x90000);

    [Test]
    public void A_dependent_add_takes_one_cycle() => Assert.That(CyclesPer(a => a.add(rax, rbx)), Is.EqualTo(1.0).Within(0.05));

    [Test]
    public void Four_alus_take_four_independent_adds() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.add(rax, 1);
                a.add(rcx, 1);
                a.add(rdx, 1);
                a.add(rsi, 1);
            }),
            Is.EqualTo(1.0).Within(0.15));

    [Test]
    public void A_dependent_multiplication_takes_three_cycles() => Assert.That(CyclesPer(a => a.imul(rax, rbx)), Is.EqualTo(3.0).Within(0.1));

    [Test]
    public void One_multiplier_takes_one_multiplication_a_cycle() =>
        Assert.That(CyclesPer(a => a.imul(rax, rbx, 3)), Is.EqualTo(1.0).Within(0.1));

    [Test]
    public void Rotations_through_carry_take_longer_from_carry_to_carry_than_from_result_to_result()
    {
        Assert.That(CyclesPer(a => a.rcl(rax, 3)), Is.EqualTo(4.0).Within(0.1), "the carry of RCL");
        Assert.That(CyclesPer(a => a.rcr(rax, cl)), Is.EqualTo(3.0).Within(0.1), "the carry of RCR");
        Assert.That(
            CyclesPer(a =>
            {
                a.rcl(rax, 3);
                a.test(rcx, rcx);
            }),
            Is.InRange(1.9, 3.1), "results alone, which dispatch holds up");
    }

    [Test]
    public void Two_of_four_alus_scale_addresses() => Assert.That(
        CyclesPer(a =>
        {
            a.lea(rax, __[rdi + (rsi * 8)]);
            a.lea(rcx, __[rdi + (rsi * 8)]);
        }),
        Is.EqualTo(1.0).Within(0.1));

    [Test]
    public void Five_nops_dispatch_in_a_cycle() => Assert.That(CyclesPer(a => a.nop(), copies: 50), Is.EqualTo(0.2).Within(0.02));

    [Test]
    public void A_move_between_registers_takes_no_time() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.mov(rcx, rax);
                a.add(rcx, 1);
                a.mov(rax, rcx);
            }),
            Is.EqualTo(1.0).Within(0.1));

    [Test]
    public void A_division_of_64_bits_takes_its_published_range() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.xor(edx, edx);
                a.div(rbx);
                a.or(rax, rsi);
            }, a =>
            {
                a.mov(rax, 0x7FFF_FFFF_FFFF_FFFF);
                a.mov(rsi, 0x7FFF_FFFF_FFFF_FFFF);
                a.mov(ebx, 3);
            }, copies: 4),
            Is.InRange(13.0, 46.0));

    [Test]
    public void A_load_takes_four_cycles() =>
        Assert.That(
            CyclesPer(a => a.mov(rbx, __qword_ptr[rbx]), a =>
            {
                Data(a);
                a.mov(__qword_ptr[rbx], rbx);
            }),
            Is.EqualTo(4.0).Within(0.1));

    [Test]
    public void A_load_with_an_index_takes_five_cycles() =>
        Assert.That(
            CyclesPer(a => a.mov(rbx, __qword_ptr[rbx + rcx]), a =>
            {
                Data(a);
                a.xor(ecx, ecx);
                a.mov(__qword_ptr[rbx], rbx);
            }),
            Is.EqualTo(5.0).Within(0.1));

    [Test]
    public void Two_loads_start_in_a_cycle() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.mov(rax, __qword_ptr[rbx]);
                a.mov(rcx, __qword_ptr[rbx + 8]);
            }, Data),
            Is.EqualTo(1.0).Within(0.05));

    [Test]
    public void One_store_leaves_in_a_cycle() => Assert.That(CyclesPer(a => a.mov(__qword_ptr[rbx], rax), Data), Is.EqualTo(1.0).Within(0.05));

    [Test]
    public void Store_forwarding_takes_seven_to_nine_cycles() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.mov(__word_ptr[rbx], ax);
                a.movzx(eax, __word_ptr[rbx]);
            }, Data),
            Is.InRange(6.9, 9.2));

    [Test]
    public void Memory_renaming_hides_a_stack_slot() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.mov(__qword_ptr[rsp - 8], rax);
                a.mov(rax, __qword_ptr[rsp - 8]);
            }),
            Is.InRange(0.9, 4.1));

    [Test]
    public void Push_and_pop_take_a_cycle_each_at_most() =>
        Assert.That(
            CyclesPer(a =>
            {
                a.push(rax);
                a.pop(rcx);
            }),
            Is.InRange(0.9, 2.1));

    [Test]
    public void A_locked_addition_takes_eighteen_cycles() =>
        Assert.That(CyclesPer(a => a.@lock.add(__qword_ptr[rbx], rax), Data), Is.EqualTo(17.7).Within(1.5));
}
