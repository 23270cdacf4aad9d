using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Real mode: big segments, wrap and limits, the vector table (AMD APM vol. 2, 8.7.1 and 14.1).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class RealModeTests(EngineKind kind)
{
    private Guest Real(Action<Assembler> program)
    {
        Guest g = new(kind);
        CpuState* s = g.State;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        (cs.Selector, cs.Base) = (0x1000, 0x10000);
        CpuState.Segment(s, SegmentIndex.Ss).Selector = 0x7000;
        CpuState.Segment(s, SegmentIndex.Ss).Base = 0x70000;
        s->Gpr[4] = 0x1000;
        s->Rip = 0;
        for (ulong vector = 0; vector < 64; vector++)
        {
            // Handlers at 2000:vector * 16 store their number to 0:600h and halt.
            g.Write16(vector * 4, (ushort)(vector * 16));
            g.Write16(vector * 4 + 2, 0x2000);
            byte number = (byte)vector;
            g.Code(16, 0x20000 + vector * 16, vector * 16, a =>
            {
                a.xor(bx, bx);
                a.mov(ds, bx);
                a.mov(__byte_ptr[0x600], number);
                a.hlt();
            });
        }

        g.Changed();
        return g.Code(16, 0x10000, 0, program);
    }

    [Test]
    public void SegmentKeepsTheLimitThatProtectedModeGaveIt()
    {
        using Guest g = Real(a =>
        {
            a.mov(eax, cr0);
            a.or(al, 1);
            a.mov(cr0, eax);
            a.mov(bx, 8);
            a.mov(ds, bx);
            a.and(al, 0xFE);
            a.mov(cr0, eax);
            a.xor(bx, bx);
            a.mov(ds, bx);
            a.mov(ebx, 0x400000);
            a.mov(__dword_ptr[ebx], 0x12345678);
            a.hlt();
        });
        g.Write(0x5008, 0x00CF93000000FFFF);
        g.State->Gdtr.Base = 0x5000;
        g.State->Gdtr.Limit = 0xF;
        g.Changed();
        g.Run();
        Assert.That(g.Read32(0x400000), Is.EqualTo(0x12345678));
    }

    [TestCase(0xFFFFu, 2, 13, Description = "a word at FFFFh crosses the limit")]
    [TestCase(0x10000u, 1, 13, Description = "beyond 64 KiB")]
    [TestCase(0xFFFFu, 1, 0xFF, Description = "the last byte")]
    public void LimitOfSixtyFourKilobytes(uint offset, int size, int expected)
    {
        using Guest g = Real(a =>
        {
            a.mov(ebx, offset);
            if (size == 2)
                a.mov(ax, __word_ptr[ebx]);
            else
                a.mov(al, __byte_ptr[ebx]);
            a.xor(bx, bx);
            a.mov(ds, bx);
            a.mov(__byte_ptr[0x600], 0xFF);
            a.hlt();
        });
        g.Run();
        Assert.That(g.Read(0x600) & 0xFF, Is.EqualTo(expected));
    }

    [Test]
    public void InterruptPushesThreeWordsAndIretComesBack()
    {
        using Guest g = Real(a =>
        {
            a.sti();
            a.@int(0x21);
            a.mov(cx, sp);
            a.pushf();
            a.pop(dx);
            a.hlt();
        });
        g.Code(16, 0x20000 + 0x21 * 16, 0x21 * 16, a =>
        {
            a.mov(si, sp);
            a.pushf();
            a.pop(di);
            a.iret();
        });
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.State->Gpr[6] & 0xFFFF, Is.EqualTo(0x1000 - 6));
            Assert.That(g.State->Gpr[7] & 0x200, Is.Zero, "IF is clear in the handler");
            Assert.That(g.State->Gpr[1] & 0xFFFF, Is.EqualTo(0x1000));
            Assert.That(g.State->Gpr[2] & 0x200, Is.EqualTo(0x200));
        });
    }

    [TestCase("lldt")]
    [TestCase("ltr")]
    [TestCase("verr")]
    [TestCase("lar")]
    [TestCase("arpl")]
    [TestCase("syscall")]
    public void ProtectedModeInstructionsAreUndefined(string instruction)
    {
        using Guest g = Real(a =>
        {
            switch (instruction)
            {
                case "lldt": a.lldt(ax); break;
                case "ltr": a.ltr(ax); break;
                case "verr": a.verr(ax); break;
                case "lar": a.lar(ax, bx); break;
                case "arpl": a.arpl(ax, bx); break;
                default: a.syscall(); break;
            }
        });
        g.Run();
        Assert.That(g.Read(0x600) & 0xFF, Is.EqualTo(6));
    }

    [Test]
    public void FarJumpToTheSameOffsetOfAnotherSegmentGoesThere()
    {
        using Guest g = Real(a => a.jmp(0x3000, 0));
        g.Code(16, 0x30000, 0, a =>
        {
            a.mov(cx, cs);
            a.hlt();
        });
        g.Run();
        Assert.That(g.State->Gpr[1], Is.EqualTo(0x3000));
    }
}
