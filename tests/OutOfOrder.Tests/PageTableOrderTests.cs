using CoSim.Hw.Zen2Core.OutOfOrder;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Page table entries that become present are used without INVLPG, however early an access was tried.</summary>
public sealed unsafe class PageTableOrderTests
{
    private const ulong Pml4 = 0x1000, Alias = 0x80_0000_0000; // entry 1 maps 512 GiB on; entry 0 is the identity

    [Test]
    public void Load_after_the_store_that_maps_its_page_sees_the_page([Values] bool load)
    {
        const ulong value = 0x1234_5678_9ABC_DEF0;
        using DetailedMachine<NoProbe> machine = new();
        machine.Write(DetailedMachine<NoProbe>.DataAddress, value);
        machine.Code(a =>
        {
            a.mov(rbx, Pml4);
            a.mov(rsi, Alias + DetailedMachine<NoProbe>.DataAddress);
            a.mov(rax, __qword_ptr[rbx]);
            a.mov(rdi, value);
            a.mov(__qword_ptr[rbx + 8], rax);
            if (load)
            {
                a.mov(rdi, __qword_ptr[rsi]);
            }
            else
            {
                a.mov(__qword_ptr[rsi + 8], rdi);
            }

            a.hlt();
        });
        machine.Run();
        ulong result = load ? machine.State->Gpr[7] : machine.Read(DetailedMachine<NoProbe>.DataAddress + 8);
        Assert.That((machine.ShutDown, result), Is.EqualTo((false, value)));
    }

    [Test]
    public void Page_that_stays_unmapped_faults()
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            a.mov(rsi, Alias);
            a.mov(rdi, __qword_ptr[rsi]);
            a.hlt();
        });
        machine.Run();
        Assert.That((machine.ShutDown, machine.State->Cr2), Is.EqualTo((true, Alias)));
    }
}
