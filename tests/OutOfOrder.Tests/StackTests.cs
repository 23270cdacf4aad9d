using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static CoSim.OutOfOrder.Tests.Kernel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>x87 and MMX instructions run out of order: both engines agree after each, and loops take what is published for Zen 2.</summary>
public sealed class StackTests
{
    [Test]
    public void Random_programs_give_the_same_state_after_every_instruction([Range(1, 16)] int seed)
    {
        using LockStep run = new(new StackProgram(seed).Emit);
        run.Run($"seed {seed}");
        TestContext.Out.WriteLine($"seed {seed}: {run.Checked} instructions in {run.Detailed.Engine.Now} cycles, {run.Detailed.Engine.Squashed} micro-ops squashed");
        Assert.That(run.Checked, Is.GreaterThan(1500UL));
        Assert.That(run.Detailed.Engine.Cycles.Total, Is.EqualTo(run.Detailed.Engine.Now));
    }

    [Test]
    public void A_dependent_addition_takes_five_cycles() => Assert.That(CyclesPer(a => a.fadd(st0, st1), TwoNumbers), Is.EqualTo(5.0).Within(0.1));

    [Test]
    public void A_dependent_division_takes_fifteen_cycles() => Assert.That(CyclesPer(a => a.fdiv(st0, st1), TwoNumbers), Is.EqualTo(15.0).Within(0.2));

    [Test]
    public void Independent_multiplications_start_every_cycle() => Assert.That(
        CyclesPer(a =>
        {
            for (int i = 0; i < 6; i++)
            {
                a.fld(st0);
                a.fmul(st0, st0);
                a.fstp(st0);
            }
        }, TwoNumbers, copies: 4), Is.EqualTo(12.0).Within(1.0), "each goes with two moves through pipe 3");

    [Test]
    public void An_exchange_takes_no_time() => Assert.That(
        CyclesPer(a =>
        {
            a.fadd(st0, st0);
            a.fxch(st0, st1);
            a.fadd(st0, st0);
            a.fxch(st0, st1);
        }, TwoNumbers), Is.EqualTo(5.0).Within(0.2), "two chains side by side");

    [Test]
    public void A_load_overlaps_with_older_work() => Assert.That(
        CyclesPer(a =>
        {
            a.fld(__qword_ptr[rbx]);
            a.fadd(__qword_ptr[rbx + 8]);
            a.fstp(__qword_ptr[rbx + 64]);
        }, a =>
        {
            a.mov(rbx, 0x90000);
            a.fninit();
        }), Is.LessThan(3.0));

    [Test]
    public void Packed_additions_in_MMX_registers_go_three_a_cycle() => Assert.That(
        CyclesPer(a =>
        {
            a.paddw(mm0, mm6);
            a.paddw(mm1, mm6);
            a.paddw(mm2, mm6);
        }), Is.EqualTo(1.0).Within(0.1));

    [Test]
    public void A_full_stack_costs_an_assist()
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            a.fninit();
            for (int i = 0; i < 9; i++)
                a.fld1();
            a.fnstsw(ax);
            a.hlt();
        });
        machine.Run();
        const int invalidByOverflow = 0x241;
        Assert.That(Status(machine) & invalidByOverflow, Is.EqualTo(invalidByOverflow));
    }

    private static unsafe ulong Status(DetailedMachine<NoProbe> machine) => machine.State->Gpr[0];

    private static void TwoNumbers(Assembler a)
    {
        a.fninit();
        a.fld1();
        a.fld1();
    }
}
