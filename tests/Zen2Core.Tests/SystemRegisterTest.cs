using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>CPUID, MSRs, control registers, memory types, waiting.</summary>
public unsafe class SystemRegisterTest
{
    [Test]
    public void CpuidIsThatOfARomeWithoutSvm()
    {
        using TestMachine m = new();
        CpuidTable cpuid = m.Core.Cpuid;
        Assert.Multiple(() =>
        {
            Assert.That(cpuid.Query(0, 0), Is.EqualTo(new CpuidResult(0x10, 0x68747541, 0x444D4163, 0x69746E65)));
            Assert.That(cpuid.Query(1, 0).Eax, Is.EqualTo(0x00830F10));
            Assert.That(cpuid.Query(1, 0).Ecx & (1u << 24), Is.Zero, "no TSC deadline");
            Assert.That(cpuid.Query(7, 0).Ebx & 2, Is.Zero, "no TSC_ADJUST");
            Assert.That(cpuid.Query(0x80000007, 0).Edx & 0x100, Is.Not.Zero, "invariant TSC");
            Assert.That(cpuid.Query(0x80000001, 0).Ecx & 4, Is.Zero, "no SVM");
            Assert.That(cpuid.Query(0x15, 0), Is.EqualTo(default(CpuidResult)), "beyond the last leaf");
        });
    }

    [Test]
    public void CpuidMirrorsOsxsave()
    {
        using TestMachine m = new();
        Assert.That(m.Core.Cpuid.Query(1, 0).Ecx & (1u << 27), Is.Zero);
        m.State->Cr4 |= ControlBits.Cr4Xsave;
        Assert.That(m.Core.Cpuid.Query(1, 0).Ecx & (1u << 27), Is.Not.Zero);
    }

    [TestCase(0xC0000080u, 0x2UL, Description = "EFER reserved bit")]
    [TestCase(0xC0000082u, 0x8000_0000_0000UL, Description = "LSTAR not canonical")]
    [TestCase(0x277u, 0x2UL, Description = "PAT type 2")]
    [TestCase(0x2FFu, 0x1000UL, Description = "MTRRdefType reserved bit")]
    [TestCase(0xFEu, 0x508UL, Description = "MTRRcap is read-only")]
    [TestCase(0xC001_0070u, 0UL, Description = "does not exist on Rome")]
    [TestCase(0x3Bu, 0UL, Description = "TSC_ADJUST does not exist")]
    public void WrmsrRaisesGeneralProtection(uint number, ulong value)
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.mov(ecx, number);
            a.mov(eax, (uint)value);
            a.mov(edx, (uint)(value >> 32));
            a.wrmsr();
        });
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x100 + 13));
    }

    [Test]
    public void WritableMsrBitsReadBackAndReadOnlyOnesStay()
    {
        using TestMachine m = new TestMachine().Long();
        Assert.That(MsrAccess.TryWrite(m.Core, MsrNumbers.Hwcr, 0), Is.True);
        Assert.That(MsrAccess.TryRead(m.Core, MsrNumbers.Hwcr, out ulong value), Is.True);
        Assert.That(value & (1 << 24), Is.Not.Zero, "TscFreqSel is read-only");
        Assert.That(value & (1 << 4), Is.Zero, "INVDWBINVD can be cleared");
    }

    [Test]
    public void WritingTheTscMovesIt()
    {
        using TestMachine m = new TestMachine().Long();
        m.Code(a =>
        {
            a.mov(ecx, 0x10);
            a.mov(eax, 1000000);
            a.xor(edx, edx);
            a.wrmsr();
            a.rdtsc();
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Gpr[0], Is.EqualTo(1000001));
    }

    [Test]
    public void TimeStampDisableStopsUserOnly()
    {
        using TestMachine m = LongModeSystem.Build();
        m.State->Cr4 |= ControlBits.Cr4TimeStampDisable;
        m.Code(a => a.rdtsc(), 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(m);
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x100 + 13));
    }

    [Test]
    public void MemoryTypesCombineMtrrAndPat()
    {
        using TestMachine m = new TestMachine().Long();
        CpuState* s = m.State;
        Assert.That(MemoryTypes.Of(s, 0x1000, 0), Is.EqualTo(MemoryType.Uncacheable), "MTRRs off");
        MsrAccess.TryWrite(m.Core, MsrNumbers.MtrrDefault, 0xC06);
        MsrAccess.TryWrite(m.Core, 0x250, 0x0606060606060606);
        MsrAccess.TryWrite(m.Core, 0x200, 0xE000_0000);
        MsrAccess.TryWrite(m.Core, 0x201, 0xFFFF_E000_0000 | 0x800);
        Assert.Multiple(() =>
        {
            Assert.That(MemoryTypes.Of(s, 0x1000, 0), Is.EqualTo(MemoryType.WriteBack), "fixed range");
            Assert.That(MemoryTypes.Of(s, 0xA0000, 0), Is.EqualTo(MemoryType.Uncacheable), "fixed range left at reset");
            Assert.That(MemoryTypes.Of(s, 0x200000, 0), Is.EqualTo(MemoryType.WriteBack), "default");
            Assert.That(MemoryTypes.Of(s, 0xFEC00000, 0), Is.EqualTo(MemoryType.Uncacheable), "variable range");
            Assert.That(MemoryTypes.Of(s, 0x200000, 3), Is.EqualTo(MemoryType.Uncacheable), "PAT entry 3");
            Assert.That(MemoryTypes.Of(s, 0x200000, 1), Is.EqualTo(MemoryType.WriteThrough), "PAT entry 1");
        });
    }

    [Test]
    public void MonitorWaitEndsByAStoreToTheLine()
    {
        using TestMachine m = new TestMachine().Long();
        m.Code(a =>
        {
            a.mov(rax, TestMachine.DataAddress);
            a.xor(ecx, ecx);
            a.xor(edx, edx);
            a.monitor();
            a.xor(eax, eax);
            a.mwait();
            a.mov(r15d, 5);
            a.hlt();
        });
        m.Run(1000);
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.MonitorWait));
        m.Core.NoteStore(TestMachine.DataAddress + 64, 8);
        m.Run(1000);
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.MonitorWait), "another line");
        m.Core.NoteStore(TestMachine.DataAddress + 60, 8);
        m.Run(1000);
        Assert.That(m.State->Gpr[15], Is.EqualTo(5));
    }

    [Test]
    public void TimedWaitEndsAtItsDeadline()
    {
        using TestMachine m = new TestMachine().Long();
        m.Code(a =>
        {
            a.mov(rax, TestMachine.DataAddress);
            a.xor(ecx, ecx);
            a.xor(edx, edx);
            a.monitorx();
            a.mov(ecx, 2);
            a.mov(ebx, 5000);
            a.xor(eax, eax);
            a.mwaitx();
            a.mov(r15d, 5);
            a.hlt();
        });
        m.Run(1000);
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.MonitorWait));
        m.Engine.SkipTo(6000);
        m.Run(1000);
        Assert.That(m.State->Gpr[15], Is.EqualTo(5));
    }
}
