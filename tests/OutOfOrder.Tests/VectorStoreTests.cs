using CoSim.Hw.Zen2Core.OutOfOrder;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Short stores of vector registers, read back through the store queue and from memory.</summary>
public sealed unsafe class VectorStoreTests
{
    [Test]
    public void Movq_and_movd_store_the_register_and_nothing_else()
    {
        const ulong value = 0x1122_3344_5566_7788, data = DetailedMachine<NoProbe>.DataAddress;
        using DetailedMachine<NoProbe> machine = new();
        machine.Code(a =>
        {
            a.mov(rax, value);
            a.mov(rbx, data);
            a.movq(xmm0, rax);
            a.pand(xmm0, xmm0);
            a.xor(eax, eax);
            a.cmp(rax, rbx);
            a.movq(__qword_ptr[rbx], xmm0);
            a.movd(__dword_ptr[rbx + 16], xmm0);
            a.movss(__dword_ptr[rbx + 32], xmm0);
            a.movsd(__qword_ptr[rbx + 48], xmm0);
            a.movhps(__qword_ptr[rbx + 64], xmm0);
            a.mov(rsi, __qword_ptr[rbx]);
            a.mov(edi, __dword_ptr[rbx + 16]);
            a.hlt();
        });
        machine.Run();
        ulong[] memory = [machine.Read(data), machine.Read(data + 16), machine.Read(data + 32), machine.Read(data + 48), machine.Read(data + 64)];
        Assert.That((machine.State->Gpr[6], machine.State->Gpr[7]), Is.EqualTo((value, value & uint.MaxValue)), "forwarded");
        Assert.That(memory, Is.EqualTo(new[] { value, value & uint.MaxValue, value & uint.MaxValue, value, 0UL }));
    }
}
