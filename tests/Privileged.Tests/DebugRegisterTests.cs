using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Breakpoints, single step, DR6 and DR7 (AMD APM vol. 2, 13.1).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class DebugRegisterTests(EngineKind kind)
{
    private const ulong Fixed6 = 0xFFFF0FF0, TF = 0x100;

    private static void Arm(Assembler a, int register, ulong address, uint control)
    {
        a.mov(rax, address);
        switch (register)
        {
            case 0: a.mov(dr0, rax); break;
            case 1: a.mov(dr1, rax); break;
            case 2: a.mov(dr2, rax); break;
            default: a.mov(dr3, rax); break;
        }

        a.mov(eax, control);
        a.mov(dr7, rax);
    }

    [Test]
    public void InstructionBreakpointFaultsBeforeTheInstructionAndResumeFlagPassesIt()
    {
        using Guest g = Guest.Long(kind);
        Label spot = default;
        void Program(Assembler a)
        {
            spot = a.CreateLabel();
            Arm(a, 0, _target, 1);
            a.mov(ecx, 7);
            a.Label(ref spot);
            a.inc(ecx);
            a.hlt();
        }

        g.Code(Program);
        _target = g.Spot(spot);
        g.Code(Program);
        g.ReturnTo = 1;
        g.ReturnFlags = 1 << 16;
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 1 }), "once: RF lets it pass");
            Assert.That(g.Traps[0].Rip, Is.EqualTo(_target));
            Assert.That(g.State->Dr[6], Is.EqualTo(Fixed6 | 1));
            Assert.That((uint)g.State->Gpr[1], Is.EqualTo(8));
        });
    }

    private ulong _target = Guest.CodeAddress;

    [TestCase(0x0001_0001u, 0x90000UL, true, ExpectedResult = 1, Description = "write, one byte, hit by the lowest byte")]
    [TestCase(0x0001_0001u, 0x90003UL, true, ExpectedResult = 1, Description = "hit by the highest byte")]
    [TestCase(0x0001_0001u, 0x90004UL, true, ExpectedResult = 0, Description = "just behind the access")]
    [TestCase(0x0001_0001u, 0x8FFFFUL, true, ExpectedResult = 0, Description = "just before")]
    [TestCase(0x0005_0001u, 0x8FFFFUL, true, ExpectedResult = 0, Description = "two bytes count from the even address below")]
    [TestCase(0x000D_0001u, 0x8FFFEUL, true, ExpectedResult = 0, Description = "four bytes, aligned down to 8FFFCh")]
    [TestCase(0x0009_0001u, 0x90007UL, true, ExpectedResult = 1, Description = "eight bytes, aligned down to 90000h")]
    [TestCase(0x0001_0001u, 0x90000UL, false, ExpectedResult = 0, Description = "a read does not hit a write breakpoint")]
    [TestCase(0x0003_0001u, 0x90000UL, false, ExpectedResult = 1, Description = "a read hits a read/write breakpoint")]
    [TestCase(0x0002_0001u, 0x90000UL, true, ExpectedResult = 0, Description = "an I/O breakpoint is no data breakpoint")]
    [TestCase(0x0001_0000u, 0x90000UL, true, ExpectedResult = 0, Description = "not enabled")]
    public int DataBreakpointTrapsAfterTheInstruction(uint dr7, ulong address, bool write)
    {
        using Guest g = Guest.Long(kind);
        Label after = default;
        g.Code(a =>
        {
            after = a.CreateLabel();
            Arm(a, 0, address, dr7);
            if (write)
                a.mov(__dword_ptr[Guest.DataAddress], 0x1234);
            else
                a.mov(ecx, __dword_ptr[Guest.DataAddress]);
            a.Label(ref after);
            a.nop();
            a.hlt();
        });
        ulong behind = g.Spot(after);
        g.ReturnTo = 1;
        g.Run();
        foreach (Trap trap in g.Traps)
        {
            Assert.That(trap.Vector, Is.EqualTo(1));
            Assert.That(trap.Rip, Is.EqualTo(behind));
            Assert.That(g.State->Dr[6], Is.EqualTo(Fixed6 | 1));
        }

        if (write)
            Assert.That(g.Read32(Guest.DataAddress), Is.EqualTo(0x1234), "the write has happened");
        return g.Traps.Length;
    }

    [Test]
    public void DataBreakpointSeesVectorsLocksStacksAndReadModifyWrite()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Arm(a, 2, Guest.DataAddress + 8, 0x0D00_0010);
            a.movups(__[Guest.DataAddress], xmm0);
            a.@lock.add(__qword_ptr[Guest.DataAddress + 8], 1);
            a.add(__byte_ptr[Guest.DataAddress + 9], 1);
            a.mov(rsp, Guest.DataAddress + 16);
            a.push(1);
            a.mov(rsp, Guest.StackTop);
            a.movups(xmm1, __[Guest.DataAddress]);
            a.hlt();
        });
        g.ReturnTo = 1;
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 1, 1, 1, 1 }), "a load does not match a write breakpoint");
        Assert.That(g.State->Dr[6] & 0xF, Is.EqualTo(4));
    }

    [Test]
    public void RepeatedStringsTrapAfterTheElementThatHits()
    {
        using Guest g = Guest.Long(kind);
        Label strings = default;
        g.Code(a =>
        {
            strings = a.CreateLabel();
            Arm(a, 1, Guest.DataAddress + 5, 0x0010_0004);
            a.mov(edi, (uint)Guest.DataAddress);
            a.mov(ecx, 16);
            a.mov(al, 0x77);
            a.Label(ref strings);
            a.rep.stosb();
            a.hlt();
        });
        ulong at = g.Spot(strings);
        g.ReturnTo = 0;
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 1 }));
            Assert.That(g.Traps[0].Rip, Is.EqualTo(at), "the instruction goes on after the trap");
            Assert.That(g.State->Gpr[1], Is.EqualTo(10));
            Assert.That(g.Read(Guest.DataAddress), Is.EqualTo(0x0000_7777_7777_7777));
        });
    }

    [TestCase(0x20u, 1)]
    [TestCase(0x1Fu, 1)]
    [TestCase(0x22u, 0)]
    public void PortBreakpointsNeedDebuggingExtensions(uint address, int expected)
    {
        foreach (bool extensions in new[] { true, false })
        {
            using Guest g = Guest.Long(kind);
            g.State->Cr4 |= extensions ? ControlBits.Cr4DebugExtensions : 0;
            g.Changed();
            g.Code(a =>
            {
                Arm(a, 3, address, 0x6000_0080);
                a.mov(al, 5);
                a.@out(0x20, ax);
                a.hlt();
            });
            g.ReturnTo = 1;
            g.Run();
            Assert.That(g.Traps, Has.Length.EqualTo(extensions ? (address == 0x1F ? 0 : expected) : 0));
        }
    }

    [Test]
    public void SingleStepTrapsAfterEachInstructionFromTheOneAfterPopf()
    {
        using Guest g = Guest.Long(kind);
        Label first = default, second = default, third = default;
        g.Code(a =>
        {
            (first, second, third) = (a.CreateLabel(), a.CreateLabel(), a.CreateLabel());
            a.pushfq();
            a.or(__qword_ptr[rsp], 0x100);
            a.popfq();
            a.nop();
            a.Label(ref first);
            a.pushfq();
            a.Label(ref second);
            a.and(__qword_ptr[rsp], -0x101);
            a.Label(ref third);
            a.popfq();
            a.nop();
            a.hlt();
        });
        ulong[] spots = [g.Spot(first), g.Spot(second), g.Spot(third), g.Spot(third) + 1];
        g.ReturnTo = 1;
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps.Select(t => t.Rip), Is.EqualTo(spots), "the POPF that clears TF still traps");
            Assert.That(g.State->Dr[6], Is.EqualTo(Fixed6 | 0x4000));
            Assert.That(g.Traps[0].Flags & TF, Is.Not.Zero, "the image keeps TF");
        });
    }

    [Test]
    public void BranchSingleStepTrapsOnTakenBranchesOnlyAndEndsWithTheTrap()
    {
        using Guest g = Guest.Long(kind);
        Label there = default;
        g.Code(a =>
        {
            there = a.CreateLabel();
            Label never = a.CreateLabel();
            a.mov(ecx, MsrNumbers.DebugControl);
            a.xor(edx, edx);
            a.mov(eax, 2);
            a.wrmsr();
            a.pushfq();
            a.or(__qword_ptr[rsp], 0x100);
            a.popfq();
            a.nop();
            a.cmp(eax, 0);
            a.je(never);
            a.jmp(there);
            a.Label(ref never);
            a.nop();
            a.Label(ref there);
            a.nop();
            a.hlt();
        });
        ulong target = g.Spot(there);
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps, Has.Length.EqualTo(1));
            Assert.That(g.Traps[0].Rip, Is.EqualTo(target));
            Assert.That(MsrTable.Value(g.State, MsrNumbers.DebugControl) & 2, Is.Zero, "BTF is cleared");
        });
    }

    [Test]
    public void LastBranchRecordHoldsTheBranchBeforeTheDebugException()
    {
        using Guest g = Guest.Long(kind);
        Label from = default, to = default;
        g.Code(a =>
        {
            (from, to) = (a.CreateLabel(), a.CreateLabel());
            a.mov(ecx, MsrNumbers.DebugControl);
            a.xor(edx, edx);
            a.mov(eax, 1);
            a.wrmsr();
            a.Label(ref from);
            a.jmp(to);
            a.nop();
            a.Label(ref to);
            a.nop();
            a.ud2();
        });
        (ulong source, ulong target) = (g.Spot(from), g.Spot(to));
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(MsrTable.Value(g.State, MsrNumbers.LastExceptionFrom), Is.EqualTo(target + 1), "where #UD was raised");
            Assert.That(MsrTable.Value(g.State, MsrNumbers.LastExceptionTo), Is.EqualTo(Guest.Handlers + 6 * 256));
            Assert.That(source, Is.LessThan(target));
        });
    }

    [Test]
    public void LoadOfStackSegmentHoldsTheSingleStepUpAndKeepsABreakpoint()
    {
        using Guest g = Guest.Long(kind);
        Label behind = default;
        g.Code(a =>
        {
            behind = a.CreateLabel();
            Arm(a, 0, Guest.DataAddress, 0x0003_0001);
            a.mov(__word_ptr[Guest.DataAddress + 64], ss);
            a.mov(ax, ss);
            a.mov(dr7, rbx);
            a.mov(__word_ptr[Guest.DataAddress], ax);
            Arm(a, 0, Guest.DataAddress, 0x0003_0001);
            a.mov(ss, __word_ptr[Guest.DataAddress]);
            a.nop();
            a.Label(ref behind);
            a.nop();
            a.hlt();
        });
        ulong spot = g.Spot(behind);
        g.ReturnTo = 1;
        g.Run();
        Assert.That(g.Traps, Has.Length.EqualTo(1));
        Assert.That(g.Traps[0].Rip, Is.EqualTo(spot), "after the instruction behind MOV SS");
    }

    [Test]
    public void SoftwareInterruptTakesNoSingleStepInItsHandler()
    {
        using Guest g = Guest.Long(kind);
        Label behind = default;
        g.Code(a =>
        {
            behind = a.CreateLabel();
            a.pushfq();
            a.or(__qword_ptr[rsp], 0x100);
            a.popfq();
            a.@int(0x20);
            a.Label(ref behind);
            a.nop();
            a.push(2);
            a.popfq();
            a.hlt();
        });
        ulong spot = g.Spot(behind);
        g.ReturnTo = 1;
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Vectors[0], Is.EqualTo(0x20));
            Assert.That(g.Traps[1], Is.EqualTo(g.Traps[1] with { Vector = 1, Rip = spot + 1 }), "IRET brings TF back: the trap comes one later");
        });
    }

    [Test]
    public void GeneralDetectProtectsDebugRegistersOnce()
    {
        using Guest g = Guest.Long(kind);
        Label spot = default;
        g.Code(a =>
        {
            spot = a.CreateLabel();
            a.mov(eax, 0x2000);
            a.mov(dr7, rax);
            a.Label(ref spot);
            a.mov(rbx, dr0);
            a.hlt();
        });
        ulong at = g.Spot(spot);
        g.ReturnTo = 1;
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 1 }));
            Assert.That(g.Traps[0].Rip, Is.EqualTo(at));
            Assert.That(g.State->Dr[6], Is.EqualTo(Fixed6 | 0x2000));
            Assert.That(g.State->Dr[7], Is.EqualTo(0x400), "GD is cleared by the exception");
        });
    }

    [Test]
    public void IcebpTrapsWithoutTouchingDr6()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            a.int1();
            a.hlt();
        });
        g.Run();
        Assert.That(g.Traps[0], Is.EqualTo(g.Traps[0] with { Vector = 1, Rip = Guest.CodeAddress + 1 }));
        Assert.That(g.State->Dr[6], Is.EqualTo(Fixed6));
    }

    [TestCase(false, 1, Description = "INT1 takes the breakpoint that MOV SS held up along")]
    [TestCase(true, 2, Description = "INT 1 is an interrupt: the breakpoint's #DB comes on top")]
    public void HeldBreakpointAndDebugInterrupt(bool software, int handlers)
    {
        using Guest g = Guest.Long(kind);
        g.Write16(Guest.DataAddress, Guest.KernelData);
        g.Code(a =>
        {
            Arm(a, 0, Guest.DataAddress, 0x0003_0001);
            a.mov(ss, __word_ptr[Guest.DataAddress]);
            if (software)
                a.@int(1);
            else
                a.int1();
            a.hlt();
        });
        g.ReturnTo = 1;
        g.Run();
        Assert.That(g.Traps, Has.Length.EqualTo(handlers));
        Assert.That(g.State->Dr[6], Is.EqualTo(Fixed6 | 1));
    }

    [TestCase(4, true)]
    [TestCase(4, false)]
    public void Dr4IsDr6UnlessDebuggingExtensionsAreOn(int number, bool extensions)
    {
        using Guest g = Guest.Long(kind);
        g.State->Cr4 |= extensions ? ControlBits.Cr4DebugExtensions : 0;
        g.Changed();
        Assert.That(number, Is.EqualTo(4));
        g.Code(a =>
        {
            // MOV RAX, DR4.
            a.db(0x0F, 0x21, 0xE0);
            a.hlt();
        });
        g.Run();
        if (extensions)
            Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 6 }));
        else
            Assert.That(g.Rax, Is.EqualTo(Fixed6));
    }

    [Test]
    public void SyscallStepsByTheFlagItLeavesAndSysretByTheOneItLoads()
    {
        using Guest g = Guest.Long(kind);
        Label back = default;
        MsrTable.Set(g.State, MsrNumbers.Star, ((ulong)0x10 << 48) | ((ulong)Guest.KernelCode << 32));
        MsrTable.Set(g.State, MsrNumbers.LongStar, Guest.CodeAddress);
        MsrTable.Set(g.State, MsrNumbers.SystemCallMask, 0x100);
        g.Code(a => a.sysretq());
        g.UserProgram(a =>
        {
            back = a.CreateLabel();
            a.pushfq();
            a.or(__qword_ptr[rsp], 0x100);
            a.popfq();
            a.syscall();
            a.Label(ref back);
            a.nop();
        });
        ulong spot = g.Spot(back);
        g.Run();
        Assert.That(g.Traps[0], Is.EqualTo(g.Traps[0] with { Vector = 1, Rip = spot, Cs = Guest.UserCodeSelector }), "not in the kernel's entry");
    }

    [Test]
    public void BreakpointsAreForgottenWhenDisabled()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Arm(a, 0, Guest.DataAddress, 0x0001_0001);
            a.mov(__byte_ptr[Guest.DataAddress], 1);
            a.xor(eax, eax);
            a.mov(dr7, rax);
            a.mov(__byte_ptr[Guest.DataAddress], 2);
            a.hlt();
        });
        g.ReturnTo = 1;
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 1 }));
        Assert.That(g.Core.DebugArmed, Is.False);
        Assert.That(g.Core.NeedsSingleStep, Is.False);
    }
}
