using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>
/// Two cores and the order of their memory accesses (AMD64 APM volume 2, section 7.2): what x86 allows happens, what it forbids
/// never does.
/// </summary>
public sealed unsafe class LitmusTests
{
    private const ulong X = 0x90000;
    private const ulong Y = 0x90400;
    private const ulong Done = 0x90800;
    private const ulong Results = 0xA0000;
    private const ulong ResultsStride = 0x10000;

    private static void RunBoth(DetailedMachine<NoProbe> machine, ulong limit = 3_000_000)
    {
        for (ulong cycle = 1; cycle < limit; cycle++)
        {
            bool active = false;
            for (int core = 0; core < 2; core++)
            {
                if (machine.Cores[core].State->Activity == ActivityState.Active)
                {
                    machine.Engines[core].Run(cycle);
                    active = true;
                }
            }

            if (!active)
            {
                return;
            }
        }

        Assert.Fail("the cores did not come to an end");
    }

    [Test]
    public void Message_passing_never_sees_the_flag_before_the_data()
    {
        const int rounds = 4000;
        using DetailedMachine<NoProbe> machine = new(2);
        machine.Code(a =>
        {
            Label loop = a.CreateLabel();
            a.xor(ecx, ecx);
            a.Label(ref loop);
            a.inc(rcx);
            a.mov(__[X], rcx);
            a.mov(__[Y], rcx);
            a.cmp(rcx, rounds);
            a.jne(loop);
            a.hlt();
        });
        machine.Code(a =>
        {
            // The counter in Y is loaded through a dependent chain, so that X is read first unless something forbids it.
            Label loop = a.CreateLabel();
            Label good = a.CreateLabel();
            a.xor(edi, edi);
            a.xor(r8d, r8d);
            a.Label(ref loop);
            a.imul(rsi, r8, 0);
            a.imul(rsi, rsi, 3);
            a.mov(rax, __qword_ptr[rsi + (long)Y]);
            a.mov(rdx, __[X]);
            a.cmp(rdx, rax);
            a.jae(good);
            a.inc(rdi);
            a.Label(ref good);
            a.inc(r8);
            a.cmp(rax, rounds);
            a.jne(loop);
            a.hlt();
        }, 1);
        RunBoth(machine);
        TestContext.Out.WriteLine($"{machine.Cores[1].State->Gpr[8]} reads, {machine.Engines[1].MemoryClears} memory clears");
        Assert.That(machine.Cores[1].State->Gpr[7], Is.Zero, "the flag was newer than the data");
        Assert.That(machine.Engines[1].MemoryClears, Is.GreaterThan(0UL), "the race never happened, so nothing was tested");
    }

    /// <summary>Both cores store to one place, then load the other; a barrier between rounds. Results: 1 where the load was stale.</summary>
    private static (int Neither, int Total) StoreBuffering(bool fence)
    {
        const int rounds = 300;
        using DetailedMachine<NoProbe> machine = new(2);
        for (int core = 0; core < 2; core++)
        {
            ulong mine = core == 0 ? X : Y;
            ulong theirs = core == 0 ? Y : X;
            int self = core;
            machine.Code(a =>
            {
                Label loop = a.CreateLabel();
                Label wait = a.CreateLabel();
                a.xor(ecx, ecx);
                a.mov(rdi, Results + ((ulong)self * ResultsStride));
                a.Label(ref loop);
                a.inc(rcx);
                a.mov(__[mine], rcx);
                if (fence)
                {
                    a.mfence();
                }

                a.mov(rax, __[theirs]);
                a.cmp(rax, rcx);
                a.setb(dl);
                a.mov(__byte_ptr[rdi + rcx], dl);
                a.mov(__[Done + ((ulong)self * 64)], rcx);
                a.Label(ref wait);
                a.mov(rbx, __[Done + ((ulong)(1 - self) * 64)]);
                a.cmp(rbx, rcx);
                a.jb(wait);
                a.mfence();
                a.cmp(rcx, rounds);
                a.jne(loop);
                a.hlt();
            }, core);
        }

        RunBoth(machine);
        byte[] zero = new byte[rounds + 1];
        byte[] one = new byte[rounds + 1];
        machine.Memory.Read(Results, zero);
        machine.Memory.Read(Results + ResultsStride, one);
        return (Enumerable.Range(1, rounds).Count(i => zero[i] == 1 && one[i] == 1), rounds);
    }

    [Test]
    public void Store_buffering_lets_both_loads_miss_both_stores()
    {
        (int neither, int total) = StoreBuffering(fence: false);
        TestContext.Out.WriteLine($"{neither} of {total} rounds");
        Assert.That(neither, Is.GreaterThan(0));
    }

    [Test]
    public void A_full_fence_forbids_store_buffering() => Assert.That(StoreBuffering(fence: true).Neither, Is.Zero);

    [Test]
    public void Load_buffering_never_happens()
    {
        const int rounds = 300;
        using DetailedMachine<NoProbe> machine = new(2);
        for (int core = 0; core < 2; core++)
        {
            ulong mine = core == 0 ? X : Y;
            ulong theirs = core == 0 ? Y : X;
            int self = core;
            machine.Code(a =>
            {
                Label loop = a.CreateLabel();
                Label wait = a.CreateLabel();
                a.xor(ecx, ecx);
                a.mov(rdi, Results + ((ulong)self * ResultsStride));
                a.Label(ref loop);
                a.inc(rcx);
                a.mov(rax, __[theirs]);
                a.mov(__[mine], rcx);
                a.cmp(rax, rcx);
                a.sete(dl);
                a.mov(__byte_ptr[rdi + rcx], dl);
                a.mov(__[Done + ((ulong)self * 64)], rcx);
                a.Label(ref wait);
                a.mov(rbx, __[Done + ((ulong)(1 - self) * 64)]);
                a.cmp(rbx, rcx);
                a.jb(wait);
                a.cmp(rcx, rounds);
                a.jne(loop);
                a.hlt();
            }, core);
        }

        RunBoth(machine);
        byte[] zero = new byte[rounds + 1];
        byte[] one = new byte[rounds + 1];
        machine.Memory.Read(Results, zero);
        machine.Memory.Read(Results + ResultsStride, one);
        Assert.That(Enumerable.Range(1, rounds).Count(i => zero[i] == 1 && one[i] == 1), Is.Zero);
    }

    [Test]
    public void Locked_additions_of_two_cores_are_never_lost()
    {
        const int rounds = 1000;
        using DetailedMachine<NoProbe> machine = new(2);
        for (int core = 0; core < 2; core++)
        {
            machine.Code(a => Kernel.Loop(a, b => b.@lock.inc(__qword_ptr[X]), null, rounds, 1), core);
        }

        RunBoth(machine);
        Assert.That(machine.Read(X), Is.EqualTo(2UL * rounds));
    }
}
