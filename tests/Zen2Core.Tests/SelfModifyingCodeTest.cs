using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>Stores to code take effect at the next instruction (AMD APM vol. 2, 7.6.1).</summary>
[TestFixture(false)]
[TestFixture(true)]
public unsafe class SelfModifyingCodeTest(bool translate)
{
    private TestMachine Machine() => translate ? new TestMachine().Translate(0).Long() : new TestMachine().Long();

    [Test]
    public void StoreIntoTheBlockThatRuns()
    {
        using TestMachine m = Machine();
        m.Code(a =>
        {
            Label patched = a.CreateLabel();
            a.lea(rbx, __qword_ptr[patched]);
            a.mov(__byte_ptr[rbx + 1], 0x55);
            a.Label(ref patched);
            a.mov(al, 0x11);
            a.hlt();
        });
        m.Run();
        Assert.That((byte)m.State->Gpr[0], Is.EqualTo(0x55));
        Assert.That(m.State->Executed, Is.EqualTo(4));
    }

    [Test]
    public void FunctionPatchedBetweenCallsFromAnotherPage()
    {
        // The call is reached through the jump cache, which must not lead back to the invalid block.
        const ulong function = 0x30000;
        using TestMachine m = Machine();
        m.Code(a =>
        {
            a.mov(al, 0);
            a.add(r13d, 1);
            a.ret();
        }, 64, function);
        m.Code(a =>
        {
            Label again = a.CreateLabel();
            a.mov(rbx, function);
            a.mov(ecx, 200);
            a.xor(r14d, r14d);
            a.Label(ref again);
            a.mov(__byte_ptr[rbx + 1], cl);
            a.call(rbx);
            a.movzx(eax, al);
            a.add(r14d, eax);
            a.dec(ecx);
            a.jnz(again);
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
        Assert.That(m.State->Gpr[13], Is.EqualTo(200));
        Assert.That(m.State->Gpr[14], Is.EqualTo(200 * 201 / 2));
    }

    [Test]
    public void DeviceWriteInvalidatesCode()
    {
        using TestMachine m = Machine();
        m.Code(a =>
        {
            Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.inc(rax);
            a.jmp(loop);
        });
        m.Run(1000);
        ulong count = m.State->Gpr[0];
        m.Memory.Write(TestMachine.CodeAddress, [0xF4]);
        m.Run(1000);
        Assert.That(count, Is.GreaterThan(400));
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
    }

    [Test]
    public void InstructionAcrossPagesFollowsBothMappings()
    {
        const ulong start = 0x30FFD;
        using TestMachine m = Machine();
        m.Code(a =>
        {
            a.mov(eax, 0x11223344);
            a.ret();
        }, 64, start);
        m.Code(a =>
        {
            a.mov(rbx, start);
            a.call(rbx);
            a.mov(r12, rax);
            a.mov(__byte_ptr[rbx + 4], 0x99);
            a.call(rbx);
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Gpr[12], Is.EqualTo(0x11223344));
        Assert.That(m.State->Gpr[0], Is.EqualTo(0x99223344));
    }

    [Test]
    public void DataBesideCodeKeepsTheCode()
    {
        using TestMachine m = Machine();
        m.Code(a =>
        {
            Label loop = a.CreateLabel();
            a.mov(rbx, TestMachine.CodeAddress + 0x800);
            a.mov(ecx, 1000);
            a.Label(ref loop);
            a.add(__qword_ptr[rbx], rcx);
            a.loop(loop);
            a.hlt();
        });
        m.Run();
        Assert.That(m.Read(TestMachine.CodeAddress + 0x800), Is.EqualTo(500500));
        Assert.That(*m.Memory.FlagsOf(TestMachine.CodeAddress) & PageFlags.Code, Is.Not.Zero);
    }
}
