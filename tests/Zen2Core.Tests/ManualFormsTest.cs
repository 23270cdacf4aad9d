using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Zen2Core.Tests;

/// <summary>What no host shows to a program: instructions by their descriptions in AMD APM vol. 3, modes in which encodings do not exist.</summary>
public sealed unsafe class ManualFormsTest
{
    private const ulong Handler = 0x3000, GeneralProtectionHandler = 0x3100;

    private static readonly object[] s_vexForms =
    [
        new object[] { "vaddps xmm0, xmm0, xmm1", new byte[] { 0xC5, 0xF8, 0x58, 0xC1 } },
        new object[] { "vzeroupper", new byte[] { 0xC5, 0xF8, 0x77 } },
        new object[] { "andn eax, eax, ecx", new byte[] { 0xC4, 0xE2, 0x78, 0xF2, 0xC1 } },
        new object[] { "rorx eax, ecx, 3", new byte[] { 0xC4, 0xE3, 0x7B, 0xF0, 0xC1, 3 } },
    ];

    [TestCaseSource(nameof(s_vexForms))]
    public void VexEncodingsDoNotExistInRealMode(string name, byte[] code)
    {
        using TestMachine m = Real(code);
        Assert.That(m.State->Rip, Is.EqualTo(Handler + 1), name + " raises #UD");
    }

    [Test]
    public void LesAndLdsAreStillThereInRealMode()
    {
        using TestMachine m = Real([0xC5, 0x1E, 0x00, 0x50, 0xF4]);
        Assert.That((m.State->Gpr[3] & 0xFFFF, (int)CpuState.Segment(m.State, SegmentIndex.Ds).Selector), Is.EqualTo((0x1234UL, 0x0777)));
    }

    [TestCase(14, 0x1010UL)]
    [TestCase(15, GeneralProtectionHandler + 1)]
    public void AnInstructionOfMoreThanFifteenBytesIsAProtectionFault(int prefixes, ulong rip)
    {
        byte[] code = [.. Enumerable.Repeat((byte)0x2E, prefixes), 0x90, 0xF4];
        using TestMachine m = Real(code);
        Assert.That(m.State->Rip, Is.EqualTo(rip));
    }

    [TestCase(false, Handler + 1)]
    [TestCase(true, 0x1005UL)]
    public void CommittingStoresMustBeEnabled(bool enabled, ulong rip)
    {
        using TestMachine m = Prepare([0xF3, 0x0F, 0x01, 0xFA, 0xF4]);
        m.State->SetRFlags(0x8D6);
        m.State->Efer |= enabled ? ControlBits.EferCommitStores : 0;
        m.Run();
        Assert.That(m.State->Rip, Is.EqualTo(rip));
        if (enabled)
            Assert.That(m.State->Flags, Is.EqualTo(FlagBits.CF), "CF tells success, the other flags are cleared");
    }

    [TestCase(new byte[] { 0x0F, 0x1C, 0x00 }, TestName = "CLDEMOTE is a NOP")]
    [TestCase(new byte[] { 0xF3, 0x0F, 0x1E, 0xFA }, TestName = "ENDBR64 is a NOP")]
    [TestCase(new byte[] { 0xF3, 0x0F, 0x1E, 0xC8 }, TestName = "RDSSPD is a NOP")]
    [TestCase(new byte[] { 0x0F, 0x18, 0x38 }, TestName = "PREFETCHIT0 is a NOP")]
    public void LaterHintsAreNops(byte[] code)
    {
        using TestMachine m = Real([.. code, 0xF4]);
        Assert.That((m.State->Rip, m.State->Gpr[0]), Is.EqualTo((0x1000UL + (uint)code.Length + 1, 0UL)));
    }

    private static TestMachine Real(byte[] code)
    {
        TestMachine m = Prepare(code);
        m.Run();
        return m;
    }

    // Real mode at 1000h; #UD and #GP lead to HLT.
    private static TestMachine Prepare(byte[] code)
    {
        TestMachine m = new();
        CpuState* s = m.State;
        foreach (SegmentIndex index in new[] { SegmentIndex.Cs, SegmentIndex.Ds, SegmentIndex.Es, SegmentIndex.Ss })
        {
            CpuState.Segment(s, index).Selector = 0;
            CpuState.Segment(s, index).Base = 0;
        }

        s->Rip = 0x1000;
        s->Gpr[4] = 0x8000;
        m.Write(ExceptionVector.InvalidOpcode * 4, Handler);
        m.Write(ExceptionVector.GeneralProtection * 4, GeneralProtectionHandler);
        m.Code(a => a.hlt(), 16, Handler);
        m.Code(a => a.hlt(), 16, GeneralProtectionHandler);
        m.Code(a => a.db(code), 16, 0x1000);
        m.Write(0x5000, 0x0777_1234);
        m.Core.RefreshMode();
        return m;
    }
}
