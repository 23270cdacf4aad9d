using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Faults, self-modifying code and page tables that change under way: precise, as if instructions ran one by one.</summary>
public sealed unsafe class FaultTests
{
    private const ulong Handlers = 0xB0000;
    private const ulong Idt = 0xC0000;
    private const ulong Unmapped = 0x4000_0000;

    /// <summary>An IDT whose handlers count in R13 and skip the faulting instruction by the length that R12 holds.</summary>
    private static void Interrupts<TProbe>(DetailedMachine<TProbe> machine)
        where TProbe : struct, IDetailedProbe
    {
        ulong at = Handlers;
        for (int vector = 0; vector < 32; vector++)
        {
            bool hasError = vector is 8 or 10 or 11 or 12 or 13 or 14 or 17;
            byte[] code = DetailedMachine<TProbe>.Assemble(a =>
            {
                if (hasError)
                {
                    a.add(rsp, 8);
                }

                a.inc(r13);
                a.add(__qword_ptr[rsp], r12);
                a.iretq();
            }, at);
            machine.Memory.Write(at, code);
            machine.Write(Idt + ((ulong)vector * 16), (at & 0xFFFF) | (8UL << 16) | (0x8EUL << 40) | ((at >> 16) << 48));
            machine.Write(Idt + ((ulong)vector * 16) + 8, 0);
            at += 64;
        }

        machine.Write(0xD0008, 0x00AF9B000000FFFF);
        machine.Write(0xD0010, 0x00CF93000000FFFF);
        CpuState* s = machine.State;
        s->Idtr.Base = Idt;
        s->Idtr.Limit = 0xFFF;
        s->Gdtr.Base = 0xD0000;
        s->Gdtr.Limit = 0x17;
    }

    [Test]
    public void A_fault_on_the_wrong_path_vanishes()
    {
        using DetailedMachine<NoProbe> machine = new();
        Interrupts(machine);
        machine.Code(a =>
        {
            a.mov(rbx, 0x90000);
            a.mov(r9, Unmapped);
            Kernel.Loop(a, b =>
            {
                // The branch waits for a division; what follows it is fetched and executed meanwhile.
                Label over = b.CreateLabel();
                b.mov(eax, 7);
                b.xor(edx, edx);
                b.mov(ecx, 3);
                b.div(ecx);
                b.cmp(edx, 1);
                b.je(over);
                b.mov(rax, __qword_ptr[r9]);
                b.Label(ref over);
                b.nop();
            }, null, 50, 1);
        });
        machine.Run();
        Assert.That(machine.ShutDown, Is.False);
        Assert.That(machine.State->Gpr[13], Is.Zero);
        Assert.That(machine.State->Cr2, Is.Zero);
    }

    [Test]
    public void Faults_are_precise_and_the_program_goes_on()
    {
        using DetailedMachine<NoProbe> machine = new();
        Interrupts(machine);
        machine.Code(a =>
        {
            a.xor(r13d, r13d);
            a.mov(r9, Unmapped);
            Kernel.Loop(a, b =>
            {
                b.mov(r12d, 3);
                b.add(rdi, 1);
                b.mov(rax, __qword_ptr[r9]);
                b.add(rsi, 1);
                b.mov(__qword_ptr[r9], rax);
                b.add(rdi, 1);
                b.xor(ecx, ecx);
                b.mov(r12d, 2);
                b.div(ecx);
                b.ud2();
            }, null, 20, 1);
        });
        machine.Run();
        Assert.That(machine.ShutDown, Is.False);
        Assert.That(machine.State->Gpr[13], Is.EqualTo(80UL), "faults");
        Assert.That(machine.State->Gpr[7], Is.EqualTo(40UL));
        Assert.That(machine.State->Gpr[6], Is.EqualTo(20UL));
        Assert.That(machine.State->Cr2, Is.EqualTo(Unmapped));
        Assert.That(machine.Engine.Cycles.Total, Is.EqualTo(machine.Engine.Now));
    }

    [Test]
    public void A_page_mapped_by_an_older_store_does_not_fault()
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            // The entry for 1 GiB is written right before the page is used: the speculative walk reads the old one.
            a.mov(rbx, 0x2000 + 8);
            a.mov(rcx, 0x3003);
            a.mov(r9, Unmapped + 0x90000);
            a.mov(rdx, 0x90000);
            a.mov(__qword_ptr[rdx], 77);
            a.mov(__qword_ptr[rbx], rcx);
            a.mov(rax, __qword_ptr[r9]);
            a.hlt();
        });
        machine.Run();
        Assert.That(machine.ShutDown, Is.False);
        Assert.That(machine.State->Gpr[0], Is.EqualTo(77UL));
    }

    [Test]
    public void Code_written_right_before_it_runs_is_the_code_that_runs()
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            Label target = a.CreateLabel();
            a.xor(esi, esi);
            a.mov(r15d, 20);
            Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.lea(rdi, __[target]);
            a.mov(__byte_ptr[rdi + 1], r15b);
            a.Label(ref target);
            a.mov(al, 0x55);
            a.movzx(eax, al);
            a.add(esi, eax);
            a.dec(r15d);
            a.jnz(loop);
            a.hlt();
        });
        machine.Run();
        Assert.That(machine.State->Gpr[6], Is.EqualTo(210UL));
        Assert.That(machine.Engine.Now, Is.GreaterThan(20UL * 142), "each change costs a resynchronisation");
    }

    [Test]
    public void An_interrupt_is_taken_between_two_instructions()
    {
        using DetailedMachine<NoProbe> machine = new();
        Interrupts(machine);
        machine.Code(a =>
        {
            Label loop = a.CreateLabel();
            a.mov(ecx, 20000);
            a.Label(ref loop);
            a.add(rax, 1);
            a.add(rbx, rax);
            a.dec(ecx);
            a.jnz(loop);
            a.hlt();
        });
        for (int i = 0; i < 5; i++)
        {
            machine.Engine.Run(machine.Engine.Now + 1000);
            machine.Cores[0].RaiseNmi();
        }

        machine.Run();
        Assert.That(machine.State->Gpr[13], Is.EqualTo(5UL));
        Assert.That(machine.State->Gpr[0], Is.EqualTo(20000UL));
        Assert.That(machine.State->Gpr[3], Is.EqualTo(20001UL * 10000));
        Assert.That(machine.Engine.Cycles[CycleCause.Delivery], Is.GreaterThan(5UL * 100));
    }

    /// <summary>A locked operation that has written memory is not thrown away and done again, at whichever of its cycles something comes in between.</summary>
    [Test]
    public void A_locked_operation_happens_once([Values] bool interrupted)
    {
        const uint rounds = 120;
        const ulong counter = DetailedMachine<NoProbe>.DataAddress;
        const ulong holder = counter + 0x100;
        for (ulong phase = 0; phase < 80; phase++)
        {
            using DetailedMachine<NoProbe> machine = new();
            Interrupts(machine);
            machine.Code(a =>
            {
                Label loop = a.CreateLabel();
                Label taken = a.CreateLabel();
                a.mov(ecx, rounds);
                a.mov(edx, 1);
                a.Label(ref loop);
                a.@lock.inc(__qword_ptr[counter]);
                a.xor(eax, eax);
                a.@lock.cmpxchg(__qword_ptr[holder], rdx);
                a.je(taken);
                a.inc(rbx);
                a.Label(ref taken);
                a.mov(__qword_ptr[holder], 0);
                a.dec(ecx);
                a.jnz(loop);
                a.hlt();
            });
            machine.Engine.Run(2000 + phase);
            Assert.That(machine.State->Activity, Is.EqualTo(ActivityState.Active));
            if (interrupted)
            {
                machine.Cores[0].RaiseNmi();
            }
            else
            {
                machine.Engine.Quiesce();
            }

            machine.Run();
            Assert.That(machine.State->Gpr[13], Is.EqualTo(interrupted ? 1UL : 0UL));
            Assert.That(machine.Read(counter), Is.EqualTo((ulong)rounds), $"increments, phase {phase}");
            Assert.That(machine.State->Gpr[3], Is.Zero, $"a lock that nobody else wants was found taken, phase {phase}");
        }
    }
}
