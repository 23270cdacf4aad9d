using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>Vector instructions fault as AMD APM vol. 4, table 2-1, says when the operating system has not enabled them.</summary>
[TestFixture]
public sealed unsafe class VectorGateTest
{
    private static readonly byte[] s_addPs = [0x0F, 0x58, 0xC1];
    private static readonly byte[] s_vaddPs = [0xC5, 0xF8, 0x58, 0xC1];
    private static readonly byte[] s_andn = [0xC4, 0xE2, 0x78, 0xF2, 0xC1];
    private static readonly byte[] s_paddB = [0x0F, 0xFC, 0xC1];
    private static readonly byte[] s_fadd = [0xD8, 0xC1];

    private static IEnumerable<TestCaseData> Cases()
    {
        const ulong taskSwitched = ControlBits.Cr0TaskSwitched, emulation = ControlBits.Cr0Emulation;
        const ulong fxSave = ControlBits.Cr4FxSave, xsave = ControlBits.Cr4Xsave;
        yield return new TestCaseData(s_addPs, 0UL, 0UL, 7UL, -1L).SetName("SSE enabled");
        yield return new TestCaseData(s_addPs, 0UL, fxSave, 7UL, 6L).SetName("SSE without CR4.OSFXSR: #UD");
        yield return new TestCaseData(s_addPs, emulation, 0UL, 7UL, 6L).SetName("SSE with CR0.EM: #UD");
        yield return new TestCaseData(s_addPs, taskSwitched, 0UL, 7UL, 7L).SetName("SSE with CR0.TS: #NM");
        yield return new TestCaseData(s_addPs, taskSwitched, fxSave, 7UL, 6L).SetName("#UD before #NM");
        yield return new TestCaseData(s_vaddPs, 0UL, 0UL, 7UL, -1L).SetName("AVX enabled");
        yield return new TestCaseData(s_vaddPs, 0UL, xsave, 7UL, 6L).SetName("AVX without CR4.OSXSAVE: #UD");
        yield return new TestCaseData(s_vaddPs, 0UL, 0UL, 3UL, 6L).SetName("AVX without XCR0.AVX: #UD");
        yield return new TestCaseData(s_vaddPs, 0UL, fxSave, 7UL, -1L).SetName("AVX does not need CR4.OSFXSR");
        yield return new TestCaseData(s_vaddPs, taskSwitched, 0UL, 7UL, 7L).SetName("AVX with CR0.TS: #NM");
        yield return new TestCaseData(s_andn, taskSwitched, xsave, 1UL, -1L).SetName("BMI needs nothing");
        yield return new TestCaseData(s_paddB, emulation, 0UL, 7UL, 6L).SetName("MMX with CR0.EM: #UD");
        yield return new TestCaseData(s_paddB, taskSwitched, 0UL, 7UL, 7L).SetName("MMX with CR0.TS: #NM");
        yield return new TestCaseData(s_fadd, emulation, 0UL, 7UL, 7L).SetName("x87 with CR0.EM: #NM");
        yield return new TestCaseData(s_fadd, taskSwitched, 0UL, 7UL, 7L).SetName("x87 with CR0.TS: #NM");
    }

    [TestCaseSource(nameof(Cases))]
    public void Faults(byte[] code, ulong cr0Set, ulong cr4Clear, ulong xcr0, long vector)
    {
        using OracleMachine machine = new();
        CpuState* s = machine.State;
        s->Cr0 |= cr0Set;
        s->Cr4 &= ~cr4Clear;
        s->Xcr0 = xcr0;
        machine.Core.RefreshMode();
        new FunctionalCpu(machine).Run(code, MachineImage.CreateClean(), new byte[OracleLayout.ScratchSize], out MachineImage output);
        Assert.That(output.FaultVector, Is.EqualTo(vector));
    }
}
