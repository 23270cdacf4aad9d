using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>Reset, real mode, and the way to protected and long mode.</summary>
public unsafe class RealModeTest
{
    private const ulong TableAddress = 0x5000;

    [Test]
    public void ResetStateIsThatOfZen2()
    {
        using TestMachine m = new();
        CpuState* s = m.State;
        Assert.Multiple(() =>
        {
            Assert.That(s->Rip, Is.EqualTo(0xFFF0));
            Assert.That(CpuState.Segment(s, SegmentIndex.Cs).Base, Is.EqualTo(0xFFFF0000));
            Assert.That(CpuState.Segment(s, SegmentIndex.Cs).Selector, Is.EqualTo(0xF000));
            Assert.That(s->Gpr[2], Is.EqualTo(0x00830F10));
            Assert.That(s->Cr0, Is.EqualTo(0x60000010));
            Assert.That(s->RFlags, Is.EqualTo(2));
            Assert.That(s->Dr[6], Is.EqualTo(0xFFFF0FF0));
            Assert.That(s->Dr[7], Is.EqualTo(0x400));
            Assert.That(s->Mode, Is.EqualTo(CpuMode.Real));
        });
    }

    [Test]
    public void InterruptGoesThroughTheVectorTableAndBack()
    {
        using TestMachine m = Real();
        m.Write(0x21 * 4, 0x0000_2000);
        m.Code(a =>
        {
            a.inc(bx);
            a.iret();
        }, 16, 0x2000);
        m.Code(a =>
        {
            a.mov(ax, 0x1234);
            a.@int(0x21);
            a.@int(0x21);
            a.hlt();
        }, 16, 0x1000);
        m.Run();
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
        Assert.That(m.State->Gpr[3], Is.EqualTo(2));
        Assert.That(m.State->Gpr[4], Is.EqualTo(0x8000));
    }

    [Test]
    public void SegmentWrapsAtSixteenBits()
    {
        using TestMachine m = Real();
        m.Write(0x10000 + 0x0010, 0xABCD);
        m.Code(a =>
        {
            a.mov(ax, 0x1000);
            a.mov(ds, ax);
            a.mov(bx, 0xFFF0);
            a.mov(cx, __word_ptr[bx + 0x20]);
            a.hlt();
        }, 16, 0x1000);
        m.Run();
        Assert.That((ushort)m.State->Gpr[1], Is.EqualTo(0xABCD));
    }

    [Test]
    public void ReachesLongModeAsFirmwareDoes()
    {
        using TestMachine m = Real();
        WriteGdt(m);
        m.Write(0x6000, 0x7003);
        m.Write(0x7000, 0x83);
        m.Memory.Write(0x4FF0, [0x2F, 0, 0x00, 0x50, 0, 0]);
        m.Code(a =>
        {
            a.cli();
            a.xor(ax, ax);
            a.mov(ds, ax);
            a.lgdt(__[0x4FF0]);
            a.mov(eax, cr0);
            a.or(eax, 1);
            a.mov(cr0, eax);
            a.db(0x66, 0xEA);
            a.dd(0x2000);
            a.dw(0x08);
        }, 16, 0x1000);
        m.Code(a =>
        {
            a.mov(eax, 0x10);
            a.mov(ds, eax);
            a.mov(ss, eax);
            a.mov(es, eax);
            a.mov(eax, 0x6000);
            a.mov(cr3, eax);
            a.mov(eax, 0x20);
            a.mov(cr4, eax);
            a.mov(ecx, 0xC0000080);
            a.rdmsr();
            a.or(eax, 0x100);
            a.wrmsr();
            a.mov(eax, cr0);
            a.or(eax, 0x80000000);
            a.mov(cr0, eax);
            a.db(0xEA);
            a.dd(0x3000);
            a.dw(0x18);
        }, 32, 0x2000);
        m.Code(a =>
        {
            a.mov(rax, 0x1122334455667788);
            a.mov(r15, rax);
            a.hlt();
        }, 64, 0x3000);
        m.Run();
        Assert.That(m.State->Mode, Is.EqualTo(CpuMode.Long64));
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x1122334455667788));
        Assert.That(m.State->Efer & ControlBits.EferLongActive, Is.Not.Zero);
        Assert.That(m.Unmodelled, Is.Empty);
    }

    [Test]
    public void LimitsOfProtectedModeStayInRealMode()
    {
        using TestMachine m = Real();
        WriteGdt(m);
        m.Memory.Write(0x4FF0, [0x2F, 0, 0x00, 0x50, 0, 0]);
        m.Write(0x200000, 0x55AA);
        m.Code(a =>
        {
            a.xor(ax, ax);
            a.mov(ds, ax);
            a.lgdt(__[0x4FF0]);
            a.mov(eax, cr0);
            a.or(eax, 1);
            a.mov(cr0, eax);
            a.mov(bx, 0x10);
            a.mov(ds, bx);
            a.and(eax, -2);
            a.mov(cr0, eax);
            a.xor(bx, bx);
            a.mov(ds, bx);
            a.mov(ebx, 0x200000);
            a.mov(cx, __word_ptr[ebx]);
            a.hlt();
        }, 16, 0x1000);
        m.Run();
        Assert.That((ushort)m.State->Gpr[1], Is.EqualTo(0x55AA));
    }

    private static TestMachine Real()
    {
        TestMachine m = new();
        CpuState* s = m.State;
        s->Rip = 0x1000;
        s->Gpr[4] = 0x8000;
        CpuState.Segment(s, SegmentIndex.Cs).Selector = 0;
        CpuState.Segment(s, SegmentIndex.Cs).Base = 0;
        m.Core.RefreshMode();
        return m;
    }

    /// <summary>08h: 32-bit code, 10h: flat data, 18h: 64-bit code.</summary>
    private static void WriteGdt(TestMachine m)
    {
        m.Write(TableAddress + 0x08, 0x00CF9A000000FFFF);
        m.Write(TableAddress + 0x10, 0x00CF92000000FFFF);
        m.Write(TableAddress + 0x18, 0x00209A0000000000);
    }
}
