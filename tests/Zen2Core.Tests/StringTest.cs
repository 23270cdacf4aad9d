using CoSim.Hw.Zen2Core.Isa;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>String instructions: bulk paths, faults in the middle, overlap, direction.</summary>
public unsafe class StringTest
{
    [Test]
    public void LongMoveCrossesPagesAndCountsOnce()
    {
        const int length = 300_000;
        using TestMachine m = new TestMachine().Long();
        byte[] data = new byte[length];
        for (int n = 0; n < length; n++)
            data[n] = (byte)(n * 7 + (n >> 8));
        m.Memory.Write(0x200000, data);
        m.Code(a =>
        {
            a.mov(rsi, 0x200000);
            a.mov(rdi, 0x300123);
            a.mov(ecx, length);
            a.rep.movsb();
            a.hlt();
        });
        m.Run();
        byte[] copy = new byte[length];
        m.Memory.Read(0x300123, copy);
        Assert.That(copy, Is.EqualTo(data));
        Assert.That(m.State->Gpr[1], Is.Zero);
        Assert.That(m.State->Gpr[6], Is.EqualTo(0x200000 + length));
        Assert.That(m.State->Executed, Is.EqualTo(5));
    }

    [Test]
    public void OverlappingMoveRepeatsThePattern()
    {
        using TestMachine m = new TestMachine().Long();
        m.Memory.Write(0x200000, [1, 2, 3]);
        m.Code(a =>
        {
            a.mov(rsi, 0x200000);
            a.mov(rdi, 0x200003);
            a.mov(ecx, 9);
            a.rep.movsb();
            a.hlt();
        });
        m.Run();
        byte[] result = new byte[12];
        m.Memory.Read(0x200000, result);
        Assert.That(result, Is.EqualTo(new byte[] { 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3 }));
    }

    [Test]
    public void FaultLeavesTheRegistersAtTheElement()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.mov(eax, 0x5A5A5A5A);
            a.mov(rdi, LongModeSystem.Unmapped - 8);
            a.mov(ecx, 10);
            a.rep.stosd();
        }, 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(m);
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x100 + 14));
        Assert.That(m.State->Gpr[1], Is.EqualTo(8));
        Assert.That(m.State->Gpr[7], Is.EqualTo(LongModeSystem.Unmapped));
        Assert.That(m.Read(LongModeSystem.Unmapped - 8), Is.EqualTo(0x5A5A5A5A5A5A5A5A));
    }

    [Test]
    public void ScanStopsBehindTheMatch()
    {
        using TestMachine m = new TestMachine().Long();
        m.Memory.Write(0x200000, "hello world"u8);
        m.Code(a =>
        {
            a.mov(rdi, 0x200000);
            a.mov(ecx, 100);
            a.mov(al, (int)'w');
            a.repne.scasb();
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Gpr[7], Is.EqualTo(0x200007));
        Assert.That(m.State->Gpr[1], Is.EqualTo(93));
        Assert.That(m.State->Flags & FlagBits.ZF, Is.Not.Zero);
    }

    [Test]
    public void DirectionFlagGoesDown()
    {
        using TestMachine m = new TestMachine().Long();
        m.Write(0x200000, 0x8877665544332211);
        m.Code(a =>
        {
            a.std();
            a.mov(rsi, 0x200007);
            a.mov(rdi, 0x200107);
            a.mov(ecx, 8);
            a.rep.movsb();
            a.cld();
            a.hlt();
        });
        m.Run();
        Assert.That(m.Read(0x200100), Is.EqualTo(0x8877665544332211));
        Assert.That(m.State->Gpr[6], Is.EqualTo(0x1FFFFF));
    }
}
