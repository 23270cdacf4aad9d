using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Cores that pass over cycles in which they wait do what cores do that are stepped through every cycle.</summary>
public sealed unsafe class StepTests
{
    private const int Cores = 3;
    private const ulong Limit = 4_000_000;
    private const ulong Shared = 0x90000;
    private const ulong Far = 0x200000;

    [Test]
    public void Passing_over_cycles_changes_nothing([Range(1, 12)] int seed)
    {
        using DetailedMachine<NoProbe> stepped = Programs(seed);
        using DetailedMachine<NoProbe> passing = Programs(seed);
        RunEveryCycle(stepped);
        ulong steps = RunWithSteps(passing);
        Assert.That(steps, Is.LessThan(stepped.Engines.Max(e => e.Now) * Cores * 9 / 10), "nothing was passed over");
        for (int core = 0; core < Cores; core++)
        {
            DetailedEngine<NoProbe> a = stepped.Engines[core];
            DetailedEngine<NoProbe> b = passing.Engines[core];
            string where = $"seed {seed}, core {core}";
            Assert.That((b.Now, b.Retired, b.MemoryClears, b.Mispredictions, b.Squashed), Is.EqualTo((a.Now, a.Retired, a.MemoryClears, a.Mispredictions, a.Squashed)), where);
            foreach (CycleCause cause in Enum.GetValues<CycleCause>())
            {
                Assert.That(b.Cycles[cause], Is.EqualTo(a.Cycles[cause]), $"{where}, {cause}");
            }

            for (int register = 0; register < 16; register++)
            {
                Assert.That(passing.Cores[core].State->Gpr[register], Is.EqualTo(stepped.Cores[core].State->Gpr[register]), $"{where}, register {register}");
            }
        }

        for (ulong address = Shared; address < Shared + 0x400; address += 8)
        {
            Assert.That(passing.Read(address), Is.EqualTo(stepped.Read(address)), $"seed {seed}, {address:X}h");
        }
    }

    /// <summary>
    /// A core that waits for memory is interrupted by one with a lower or a higher number, at every phase of the wait: it comes back
    /// to that very cycle. An INIT ends it, so that its present tells when it was taken.
    /// </summary>
    [Test]
    public void An_interrupt_brings_a_waiting_core_back([Values(0, 2)] int sender, [Range(0, 60, 4)] int delay)
    {
        using DetailedMachine<NoProbe> stepped = WaiterAndSender(sender, delay);
        using DetailedMachine<NoProbe> passing = WaiterAndSender(sender, delay);
        RunEveryCycle(stepped);
        _ = RunWithSteps(passing);
        Assert.That(stepped.Cores[1].State->Activity, Is.EqualTo(ActivityState.WaitForSipi));
        Assert.That((passing.Engines[1].Now, passing.Engines[1].Retired), Is.EqualTo((stepped.Engines[1].Now, stepped.Engines[1].Retired)));
        foreach (CycleCause cause in Enum.GetValues<CycleCause>())
        {
            Assert.That(passing.Engines[1].Cycles[cause], Is.EqualTo(stepped.Engines[1].Cycles[cause]), $"{cause}");
        }
    }

    private static DetailedMachine<NoProbe> WaiterAndSender(int sender, int delay)
    {
        DetailedMachine<NoProbe> machine = new(Cores);
        machine.Marked = core => machine.Cores[1].RaiseInit();
        machine.Code(a =>
        {
            // A chain of misses: hundreds of cycles in which nothing happens, again and again.
            Label loop = a.CreateLabel();
            a.xor(eax, eax);
            a.xor(edx, edx);
            a.Label(ref loop);
            a.mov(rax, __qword_ptr[rdx + rax + (long)Far]);
            a.add(edx, 0x51040);
            a.and(edx, 0x1FFFFC0);
            a.jmp(loop);
        }, 1);
        machine.Code(
            a =>
            {
                Label loop = a.CreateLabel();
                a.mov(ecx, 2000 + delay);
                a.Label(ref loop);
                a.dec(ecx);
                a.jne(loop);
                for (int i = 0; i < delay; i++)
                {
                    a.imul(rdx, rdx, 3);
                }

                a.db(0x0F, 0x1F, 0x80, 0x7F, 0x00, 0x51, 0xC0);
                a.hlt();
            },
            sender);
        machine.Code(a => a.hlt(), 2 - sender);
        return machine;
    }

    private static void RunEveryCycle(DetailedMachine<NoProbe> machine)
    {
        for (ulong cycle = 1; machine.Cores.Any(c => c.State->Activity == ActivityState.Active); cycle++)
        {
            Assert.That(cycle, Is.LessThan(Limit), "the cores did not come to an end");
            for (int core = 0; core < Cores; core++)
            {
                if (machine.Cores[core].State->Activity == ActivityState.Active)
                {
                    machine.Engines[core].Run(cycle);
                }
            }
        }
    }

    /// <summary>As the board does it, in rounds that end at odd places. Returns the number of steps.</summary>
    private static ulong RunWithSteps(DetailedMachine<NoProbe> machine)
    {
        ulong steps = 0;
        for (ulong until = 777; machine.Cores.Any(c => c.State->Activity == ActivityState.Active); until += 777)
        {
            Assert.That(until, Is.LessThan(Limit), "the cores did not come to an end");
            while (true)
            {
                ulong cycle = ulong.MaxValue;
                for (int core = 0; core < Cores; core++)
                {
                    if (machine.Cores[core].State->Activity == ActivityState.Active)
                    {
                        cycle = Math.Min(cycle, machine.Engines[core].Now);
                    }
                }

                if (cycle >= until)
                {
                    break;
                }

                for (int core = 0; core < Cores; core++)
                {
                    if (machine.Cores[core].State->Activity == ActivityState.Active && machine.Engines[core].Now == cycle)
                    {
                        machine.Engines[core].Step(until);
                        steps++;
                    }
                }
            }

            foreach (DetailedEngine<NoProbe> engine in machine.Engines)
            {
                engine.Settle(ulong.MaxValue);
            }
        }

        return steps;
    }

    private static DetailedMachine<NoProbe> Programs(int seed)
    {
        DetailedMachine<NoProbe> machine = new(Cores);
        for (int core = 0; core < Cores; core++)
        {
            Random random = new(seed * 100 + core);
            machine.Code(a => Program(a, random), core);
        }

        return machine;
    }

    /// <summary>A loop of accesses to shared lines, misses, locked operations, fences, branches on what was read, and waits.</summary>
    private static void Program(Assembler a, Random random)
    {
        Label loop = a.CreateLabel();
        a.mov(ecx, 60 + random.Next(60));
        a.xor(r9d, r9d);
        a.Label(ref loop);
        for (int i = 0; i < 14; i++)
        {
            ulong shared = Shared + ((ulong)random.Next(8) * 64) + ((ulong)random.Next(2) * 8);
            switch (random.Next(9))
            {
                case 0:
                    a.mov(rax, __qword_ptr[(long)shared]);
                    break;
                case 1:
                    a.mov(__qword_ptr[(long)shared], r9);
                    break;
                case 2:
                    a.@lock.add(__qword_ptr[(long)shared], rcx);
                    break;
                case 3:
                    a.mfence();
                    break;
                case 4:
                    a.imul(rdx, rcx, 0x3040);
                    a.mov(r10, __qword_ptr[rdx + (long)Far]);
                    a.add(r9, r10);
                    break;
                case 5:
                    Label skip = a.CreateLabel();
                    a.mov(rax, __qword_ptr[(long)shared]);
                    a.test(rax, 1);
                    a.je(skip);
                    a.inc(r9);
                    a.Label(ref skip);
                    a.lea(r9, __[r9 + (rax * 2)]);
                    break;
                case 6:
                    a.lfence();
                    break;
                case 7:
                    a.pause();
                    break;
                default:
                    a.mov(r11, __qword_ptr[(long)shared]);
                    a.mov(r12, __qword_ptr[(long)(Shared + ((ulong)random.Next(8) * 64))]);
                    a.imul(r11, r12);
                    break;
            }
        }

        a.dec(ecx);
        a.jne(loop);
        a.hlt();
    }
}
