using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Microcoded instructions touch memory directly; older stores that still wait in the store buffer come before them.</summary>
public class MicrocodeMemoryTests
{
    private const ulong Destination = DetailedMachine<NoProbe>.DataAddress;
    private const ulong Source = Destination + 0x40;

    [Test]
    public void AnX87StoreIsNotOverwrittenByAnOlderStore()
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Write(Source, BitConverter.DoubleToUInt64Bits(1.5));
        machine.Code(c =>
        {
            c.mov(rdi, Destination);
            c.mov(rsi, Source);
            c.xor(eax, eax);
            c.fninit();
            c.fld(__qword_ptr[rsi]);
            c.mov(__qword_ptr[rdi], rax);
            c.mov(__qword_ptr[rdi + 8], rax);
            c.fstp(__tword_ptr[rdi]);
            c.hlt();
        }).Run();
        Assert.That(machine.Read(Destination), Is.EqualTo(0xC000_0000_0000_0000));
    }

    [Test]
    public void AnX87LoadSeesAnOlderStore()
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(c =>
        {
            c.mov(rdi, Destination);
            c.mov(rax, BitConverter.DoubleToUInt64Bits(2.5));
            c.fninit();
            c.mov(__qword_ptr[rdi], rax);
            c.fld(__qword_ptr[rdi]);
            c.fstp(__qword_ptr[rdi + 0x20]);
            c.hlt();
        }).Run();
        Assert.That(machine.Read(Destination + 0x20), Is.EqualTo(BitConverter.DoubleToUInt64Bits(2.5)));
    }
}
