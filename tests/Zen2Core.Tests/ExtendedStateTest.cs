using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS (AMD APM vol. 2, 11.5).</summary>
public unsafe class ExtendedStateTest
{
    private const ulong Area = TestMachine.DataAddress, Header = Area + 512, High = Area + 576;

    [Test]
    public void StandardFormKeepsWhatWasNotAskedFor()
    {
        using TestMachine m = Machine();
        m.Write(Header, 0x5);
        Vector(m, 3, 0x1111, 0x2222, 0, 0);
        Run(m, a => a.xsave64(__[rsi]), components: 2);
        Assert.That(m.Read(Header), Is.EqualTo(7), "the bits of x87 and AVX stay");
        Assert.That(m.Read(Area + 160 + 48), Is.EqualTo(0x1111));
        Assert.That(m.Read(Area + 168 + 48), Is.EqualTo(0x2222));
        Assert.That(m.Read(Area + 24), Is.EqualTo(0x0002_FFFF_0000_1F80), "MXCSR and its mask");
        Assert.That(m.Read(Area), Is.EqualTo(Untouched), "x87 was not asked for");
    }

    [Test]
    public void OptimisedFormLeavesInitialComponentsAlone()
    {
        using TestMachine m = Machine();
        Vector(m, 0, 0, 0, 0x33, 0x44);
        Run(m, a => a.xsaveopt64(__[rsi]), components: 7);
        Assert.That(m.Read(Header), Is.EqualTo(4));
        Assert.That(m.Read(High), Is.EqualTo(0x33));
        Assert.That(m.Read(Area + 160), Is.EqualTo(Untouched), "SSE is initial");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void CompactedFormsWriteTheirLayout(bool supervisor)
    {
        using TestMachine m = Machine();
        Vector(m, 15, 1, 2, 3, 4);
        Run(
            m,
            a =>
            {
                if (supervisor)
                    a.xsaves64(__[rsi]);
                else
                    a.xsavec64(__[rsi]);
            },
            components: 7);
        Assert.That(m.Read(Header), Is.EqualTo(6), "x87 is initial");
        Assert.That(m.Read(Header + 8), Is.EqualTo(XCompacted | 7));
        Assert.That(m.Read(Area), Is.EqualTo(Untouched));
        Assert.That(m.Read(High + 240), Is.EqualTo(3));
    }

    [Test]
    public void RestoreUndoesSave([Values] bool compacted)
    {
        using TestMachine m = Machine();
        for (int n = 0; n < 16; n++)
            Vector(m, n, (ulong)n + 1, (ulong)n + 100, (ulong)n + 200, (ulong)n + 300);
        Run(
            m,
            a =>
            {
                a.fld1();
                if (compacted)
                    a.xsavec64(__[rsi]);
                else
                    a.xsave64(__[rsi]);
                a.fninit();
                a.vzeroall();
                a.xrstor64(__[rsi]);
                a.fstp(__qword_ptr[rsi + 0x800]);
            },
            components: 7);
        Assert.That(m.Read(Area + 0x800), Is.EqualTo(0x3FF0_0000_0000_0000), "1.0 was on the stack");
        for (int n = 0; n < 16; n++)
        {
            Assert.That(m.State->Vec[n * 4], Is.EqualTo((ulong)n + 1));
            Assert.That(m.State->Vec[(n * 4) + 3], Is.EqualTo((ulong)n + 300));
        }
    }

    [Test]
    public void RestoreOfAnAbsentComponentMakesItInitial()
    {
        using TestMachine m = Machine();
        Vector(m, 5, 1, 2, 3, 4);
        m.Write(Header + 8, XCompacted | 7);
        m.Write(Area + 24, 0xFFFF_FFFF);
        Run(m, a => a.xrstors64(__[rsi]), components: 6);
        Assert.That(m.State->Vec[20] | m.State->Vec[21] | m.State->Vec[22] | m.State->Vec[23], Is.Zero);
        Assert.That(m.State->Mxcsr, Is.EqualTo(0x1F80), "in this form MXCSR belongs to SSE, and is not read");
    }

    [TestCase(8ul, 0ul, 0ul, TestName = "a component that is not enabled")]
    [TestCase(0ul, 1ul, 0ul, TestName = "a layout without the compaction bit")]
    [TestCase(0ul, 0ul, 1ul, TestName = "a reserved quadword")]
    [TestCase(4ul, XCompacted | 3, 0ul, TestName = "a component without room")]
    public void BadHeadersFault(ulong present, ulong layout, ulong reserved)
    {
        using TestMachine m = Machine();
        m.Write(Header, present);
        m.Write(Header + 8, layout);
        m.Write(Header + 16, reserved);
        Run(m, a => a.xrstor64(__[rsi]), components: 7);
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x100 + ExceptionVector.GeneralProtection));
    }

    [Test]
    public void AMisalignedAreaFaults()
    {
        using TestMachine m = Machine();
        Run(m, a => a.xsave64(__[rsi + 32]), components: 7);
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x100 + ExceptionVector.GeneralProtection));
    }

    [Test]
    public void WithoutTheControlBitItIsUndefined()
    {
        using TestMachine m = Machine();
        m.State->Cr4 &= ~ControlBits.Cr4Xsave;
        m.Core.RefreshMode();
        Run(m, a => a.xsave64(__[rsi]), components: 7);
        Assert.That(m.State->Gpr[15], Is.EqualTo(0x100 + ExceptionVector.InvalidOpcode));
    }

    [Test]
    public void SelectorOneSaysWhatIsInUse()
    {
        using TestMachine m = Machine();
        Vector(m, 9, 0, 0, 0, 7);
        Run(
            m,
            a =>
            {
                a.mov(ecx, 1);
                a.xgetbv();
            },
            components: 0);
        Assert.That(m.State->Gpr[0], Is.EqualTo(4));
    }

    /// <summary>PKRU stands at 340h (CPUID leaf Dh, subleaf 9 of the dump); in the compacted format where AVX would, when that is absent.</summary>
    [TestCase(false, 0x207u, 0x340ul)]
    [TestCase(true, 0x207u, 0x340ul)]
    [TestCase(true, 0x203u, 0x240ul)]
    public void ProtectionKeyRightsAreAComponent(bool compacted, uint components, ulong offset)
    {
        using TestMachine m = Machine();
        m.State->Pkru = 0x5555_5554;
        Run(
            m,
            a =>
            {
                a.mov(ebx, eax);
                a.xor(ecx, ecx);
                a.mov(eax, 0x207);
                a.xsetbv();
                a.mov(eax, ebx);
                if (compacted)
                    a.xsavec64(__[rsi]);
                else
                    a.xsave64(__[rsi]);
                a.mov(__dword_ptr[rsi + (long)offset], 0x1234);
                a.xrstor64(__[rsi]);
            },
            (int)components);
        Assert.That(m.State->Xcr0, Is.EqualTo(0x207));
        Assert.That(m.Read(Header) & 0x200, Is.EqualTo(0x200), "it is not in its initial state");
        Assert.That(m.Read(Area + offset), Is.EqualTo(0x1234), "the upper half is zero");
        Assert.That(m.State->Pkru, Is.EqualTo(0x1234));
    }

    private const ulong XCompacted = 1UL << 63;

    private const ulong Untouched = 0xAAAA_AAAA_AAAA_AAAA;

    private static TestMachine Machine()
    {
        TestMachine m = LongModeSystem.Build();
        m.State->Cr4 |= ControlBits.Cr4Xsave;
        m.State->Xcr0 = 7;
        m.State->Mxcsr = 0x1F80;
        m.Core.RefreshMode();
        for (ulong offset = 0; offset < 512; offset += 8)
            m.Write(Area + offset, Untouched);
        m.Write(Area + 24, 0x0000_FFFF_0000_1F80);
        return m;
    }

    private static void Run(TestMachine m, Action<Assembler> body, int components)
    {
        m.Code(a =>
        {
            a.fninit();
            a.mov(rsi, (long)Area);
            a.mov(eax, components);
            a.xor(edx, edx);
            body(a);
            a.hlt();
        });
        m.Run();
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
    }

    private static void Vector(TestMachine m, int register, params ReadOnlySpan<ulong> words)
    {
        for (int n = 0; n < 4; n++)
            m.State->Vec[(register * 4) + n] = words[n];
    }
}
