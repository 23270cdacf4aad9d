using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

public unsafe class BasicProgramTest
{
    [Test]
    public void MovesAddsStoresAndLoads()
    {
        using TestMachine m = new TestMachine().Long();
        m.Code(a =>
        {
            a.mov(rax, 0x1122334455667788);
            a.mov(rbx, (long)TestMachine.DataAddress);
            a.mov(__qword_ptr[rbx + 8], rax);
            a.add(__byte_ptr[rbx + 8], 0x10);
            a.mov(ecx, __dword_ptr[rbx + 8]);
            a.mov(ch, 0x7F);
            a.xor(edx, edx);
            a.sub(dl, 1);
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
        Assert.That(m.State->Gpr[1], Is.EqualTo(0x55667F98));
        Assert.That(m.State->Gpr[2], Is.EqualTo(0xFF));
        Assert.That(m.State->Flags, Is.EqualTo(FlagBits.CF | FlagBits.SF | FlagBits.PF | FlagBits.AF));
        Assert.That(m.State->Executed, Is.EqualTo(9));
    }

    [Test]
    public void LoopsAndCalls()
    {
        using TestMachine m = new TestMachine().Long();
        m.Code(a =>
        {
            Label loop = a.CreateLabel(), function = a.CreateLabel(), end = a.CreateLabel();
            a.xor(eax, eax);
            a.mov(ecx, 1000);
            a.Label(ref loop);
            a.call(function);
            a.dec(ecx);
            a.jne(loop);
            a.jmp(end);
            a.Label(ref function);
            a.add(rax, rcx);
            a.ret();
            a.Label(ref end);
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Gpr[0], Is.EqualTo(500500));
        Assert.That(m.State->Gpr[4], Is.EqualTo(TestMachine.StackTop));
        Assert.That(m.State->Executed, Is.EqualTo(2 + 5 * 1000 + 2));
    }
}
