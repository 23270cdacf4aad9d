using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Virtual-8086 mode and its extensions (AMD APM vol. 2, 8.8 and 8.10).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class Virtual8086Tests(EngineKind kind)
{
    private const uint VM = 1 << 17, IF = 0x200, VIF = 1 << 19, VIP = 1 << 20, TF = 0x100;
    private const ushort CodeSegment = 0x3000, StackSegment = 0x3800, DataSegment = 0x9000;
    private const ulong Program = 0x30000;

    /// <summary>A monitor that enters a program at 3000:0000 with the given flags; exceptions are logged and halt.</summary>
    private Guest Enter(uint flags, Action<Assembler> program, ulong cr4 = 0)
    {
        Guest g = Guest.Protected(kind);
        g.State->Cr4 |= cr4;
        g.Changed();
        g.Program32(a =>
        {
            foreach (uint word in new uint[] { 0x5000, 0x4000, DataSegment, 0x2000, StackSegment, 0x1000, VM | flags | 2, CodeSegment, 0 })
                a.push(word);
            a.iretd();
        });
        g.Code(16, Program, 0, program);
        g.Code(16, 0, 0, a => a.ud2());
        return g;
    }

    private const uint Iopl3 = 3 << 12;

    [Test]
    public void EntryLoadsSegmentsAndAnExceptionPushesThemForTheMonitor()
    {
        using Guest g = Enter(Iopl3 | IF, a =>
        {
            a.mov(__word_ptr[0x10], 0x4321);
            a.push(cs);
            a.pop(bx);
            a.hlt();
        });
        g.Run();
        Trap32 trap = g.Traps32[0];
        Assert.Multiple(() =>
        {
            Assert.That(trap.Vector, Is.EqualTo(13), "HLT is privileged");
            Assert.That(trap.Error, Is.Zero);
            Assert.That(trap.Cs, Is.EqualTo(CodeSegment));
            Assert.That(trap.Flags & VM, Is.EqualTo(VM));
            Assert.That(trap.Esp, Is.EqualTo(0x1000));
            Assert.That(trap.Ss, Is.EqualTo(StackSegment));
            Assert.That(trap.Data, Is.EqualTo(new uint[] { 0x2000, DataSegment, 0x4000, 0x5000 }));
            Assert.That(g.Read16(0x90010), Is.EqualTo(0x4321));
            Assert.That(g.State->Gpr[3] & 0xFFFF, Is.EqualTo(CodeSegment));
            Assert.That(CpuState.Segment(g.State, SegmentIndex.Fs).Selector, Is.Zero, "data segments are null in the monitor");
            Assert.That(g.State->Mode, Is.EqualTo(CpuMode.Protected));
        });
    }

    [TestCase("cli")]
    [TestCase("sti")]
    [TestCase("pushf")]
    [TestCase("popf")]
    [TestCase("int")]
    [TestCase("iret")]
    [TestCase("pushfd")]
    public void SensitiveInstructionsFaultBelowLevelThree(string instruction)
    {
        foreach (bool level3 in new[] { false, true })
        {
            using Guest g = Enter(level3 ? Iopl3 | IF : IF, a => Emit(a, instruction));
            g.Run();
            Assert.That(g.Traps32[0].Vector, Is.EqualTo(level3 ? instruction == "int" ? 0x30u : 6u : 13u), $"IOPL 3: {level3}");
            if (!level3)
                Assert.That(g.Traps32[0].Eip, Is.Zero);
        }
    }

    private static void Emit(Assembler a, string instruction)
    {
        switch (instruction)
        {
            case "cli": a.cli(); break;
            case "sti": a.sti(); break;
            case "pushf": a.pushf(); break;
            case "pushfd": a.pushfd(); break;
            case "popf": a.popf(); break;
            case "int": a.@int(0x30); break;
            default:
                // FLAGS, CS, IP are zero on the fresh stack: it returns to 0:0, where UD2 lies.
                a.iret();
                break;
        }

        a.ud2();
    }

    [Test]
    public void BreakpointIsNotSensitiveToIopl()
    {
        using Guest g = Enter(0, a => a.int3());
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(3));
        Assert.That(g.Traps32[0].Eip, Is.EqualTo(1));
    }

    [Test]
    public void ExtensionsGiveTheProgramAVirtualInterruptFlag()
    {
        using Guest g = Enter(0, a =>
        {
            a.sti();
            a.pushf();
            a.pop(bx);
            a.cli();
            a.pushf();
            a.pop(cx);
            a.push(0x202);
            a.popf();
            a.ud2();
        }, ControlBits.Cr4VirtualModeExtensions);
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32[0].Vector, Is.EqualTo(6));
            Assert.That(g.State->Gpr[3] & (IF | Iopl3), Is.EqualTo(IF | Iopl3), "VIF shows as IF, IOPL as 3");
            Assert.That(g.State->Gpr[1] & IF, Is.Zero);
            Assert.That(g.Traps32[0].Flags & VIF, Is.EqualTo(VIF), "POPF set VIF");
            Assert.That(g.Traps32[0].Flags & IF, Is.Zero);
        });
    }

    [TestCase(VIP, false)]
    [TestCase(0u, true)]
    public void PendingVirtualInterruptAndTrapFlagFault(uint flags, bool trapFlag)
    {
        using Guest g = Enter(flags, a =>
        {
            if (trapFlag)
            {
                a.push(0x102);
                a.popf();
            }
            else
            {
                a.sti();
            }

            a.ud2();
        }, ControlBits.Cr4VirtualModeExtensions);
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(13));
    }

    [TestCase(false, false, 0x77)]
    [TestCase(true, false, 13)]
    [TestCase(true, true, 0x30)]
    [TestCase(false, true, 0x77)]
    public void RedirectionBitmapChoosesTheVectorTable(bool toMonitor, bool level3, int expected)
    {
        using Guest g = Enter(level3 ? Iopl3 | IF : 0, a => a.@int(0x30), ControlBits.Cr4VirtualModeExtensions);
        // The bitmap's 32 bytes end where the I/O map begins, at 88h.
        g.Write(Guest.Tss32 + 0x68 + 6, toMonitor ? 1ul : 0);
        g.Write16(0x30 * 4, 0x40);
        g.Write16(0x30 * 4 + 2, CodeSegment);
        g.Code(16, Program + 0x40, 0x40, a =>
        {
            a.mov(al, 0x77);
            a.pop(bx);
            a.pop(cx);
            a.pop(dx);
            a.ud2();
        });
        g.Run();
        uint vector = g.Traps32[0].Vector;
        if (expected == 0x77)
        {
            Assert.Multiple(() =>
            {
                Assert.That(vector, Is.EqualTo(6));
                Assert.That(g.Rax & 0xFF, Is.EqualTo(0x77));
                Assert.That(g.State->Gpr[3] & 0xFFFF, Is.EqualTo(2), "IP behind INT");
                Assert.That(g.State->Gpr[1] & 0xFFFF, Is.EqualTo(CodeSegment));
                Assert.That(g.State->Gpr[2] & Iopl3, Is.EqualTo(Iopl3));
            });
        }
        else
        {
            Assert.That(vector, Is.EqualTo(expected));
        }
    }

    [Test]
    public void PortsGoByThePermissionMapWhateverTheIopl()
    {
        using Guest g = Enter(Iopl3, a =>
        {
            a.mov(dx, 0x80);
            a.@in(al, dx);
            a.mov(dx, 0x81);
            a.@in(al, dx);
        });
        g.Write(Guest.Tss32 + 0x88 + 0x10, 0x02);
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(13));
        Assert.That(g.Traps32[0].Eip, Is.EqualTo(7), "the second IN");
    }

    [TestCase(true, 6u)]
    [TestCase(false, 13u)]
    public void ProtectedModeVirtualInterrupts(bool enabled, uint vector)
    {
        using Guest g = Guest.Protected(kind);
        g.State->Cr4 |= enabled ? ControlBits.Cr4ProtectedVirtualInterrupts : 0;
        g.User32Program(a =>
        {
            a.sti();
            a.ud2();
        });
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(vector));
        Assert.That((g.Traps32[0].Flags & VIF) != 0, Is.EqualTo(enabled));
    }

    [Test]
    public void TaskOfAVirtual8086ProgramIsEnteredBySwitch()
    {
        using Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Descriptor((uint)Guest.OtherTss, 0x67, 0x89));
        g.WriteTask(Guest.OtherTss, 0, 0x1000, VM | Iopl3 | 2, CodeSegment, DataSegment);
        g.Code(16, Program, 0, a =>
        {
            a.mov(__byte_ptr[0x20], 0x55);
            a.ud2();
        });
        g.Write32(Guest.OtherTss + 4, (uint)Guest.KernelStack);
        g.Write32(Guest.OtherTss + 8, Guest.Data32);
        g.Program32(a => a.jmp(Guest.Spare, 0));
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32[0].Vector, Is.EqualTo(6));
            Assert.That(g.Traps32[0].Cs, Is.EqualTo(CodeSegment));
            Assert.That(g.Read(0x90020) & 0xFF, Is.EqualTo(0x55));
            Assert.That(g.Traps32[0].Flags & (TF | VM), Is.EqualTo(VM));
        });
    }
}
