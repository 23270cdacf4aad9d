using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Classes of exceptions, nesting, stacks, NMI blocking, alignment (AMD APM vol. 2, chapter 8).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class ExceptionTests(EngineKind kind)
{
    private const uint AC = 1 << 18;

    [TestCase((byte)13, (byte)13, 8, Description = "contributory, contributory")]
    [TestCase((byte)0, (byte)11, 8, Description = "#DE, #NP")]
    [TestCase((byte)6, (byte)13, 13, Description = "#UD is benign: the second is delivered")]
    [TestCase((byte)14, (byte)13, 8, Description = "page fault, contributory")]
    public void SecondFaultWhileDelivering(byte first, byte second, int expected)
    {
        using Guest g = Guest.Long(kind);
        g.Gate64(first, Guest.Handlers, 0, 0, type: second == 13 ? 0xC : 0xE, present: second == 13);
        g.Code(a => Cause(a, first));
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { (ulong)expected }));
        Assert.That(g.Traps[0].Error, Is.EqualTo(expected == 8 ? 0 : (ulong)first * 8 + 2 + 1), "IDT and EXT bits");
        Assert.That(g.Traps[0].Rip, Is.EqualTo(Guest.CodeAddress).Within(16));
    }

    private static void Cause(Assembler a, byte vector)
    {
        switch (vector)
        {
            case 0:
                a.xor(ecx, ecx);
                a.div(ecx);
                break;
            case 6:
                a.ud2();
                break;
            case 14:
                a.mov(rax, __qword_ptr[Guest.NotPresent]);
                break;
            default:
                a.mov(eax, 0x1000);
                a.mov(fs, ax);
                break;
        }
    }

    private static void RunUntil(Guest g, Func<bool> reached)
    {
        for (int n = 0; n < 100_000 && !reached(); n++)
            g.Engine.Run(g.Engine.NowCycles + 4);
        Assert.That(reached(), Is.True);
    }

    [Test]
    public void ThirdFaultShutsDown()
    {
        using Guest g = Guest.Long(kind);
        g.State->Idtr.Limit = 0;
        g.Code(a => a.ud2());
        g.Run();
        Assert.That(g.ShutDown, Is.True);
        Assert.That(g.State->Activity, Is.EqualTo(ActivityState.Shutdown));
    }

    [Test]
    public void SoftwareInterruptChecksTheGateAndExceptionsDoNot()
    {
        using Guest g = Guest.Long(kind);
        g.Gate64(0x30, Guest.Handlers + 0x30 * 256, 0, 0);
        g.Gate64(6, Guest.Handlers + 6 * 256, 0, 0);
        g.UserProgram(a =>
        {
            a.@int(0x30);
            a.nop();
        });
        g.ReturnTo = Guest.UserCode + 0x100;
        g.Code(64, Guest.UserCode + 0x100, Guest.UserCode + 0x100, a => a.ud2());
        RunUntil(g, () => g.Traps.Length >= 2);
        Assert.That(g.Traps[0], Is.EqualTo(g.Traps[0] with { Vector = 13, Error = 0x30 * 8 + 2, Rip = Guest.UserCode, Cs = Guest.UserCodeSelector }));
        Assert.That(g.Traps[1].Vector, Is.EqualTo(6));
        Assert.That(g.Traps[1].Flags & (1 << 16), Is.Not.Zero, "RF in the image of a fault");
        Assert.That(g.Traps[1].Ss, Is.EqualTo(Guest.UserDataSelector));
    }

    [Test]
    public void InterruptStackTableIsUsedWithoutAChangeOfLevelToo()
    {
        using Guest g = Guest.Long(kind);
        g.Gate64(6, Guest.Handlers + 6 * 256, stack: 1, level: 0);
        g.Code(a => a.ud2());
        g.Run();
        Assert.That(g.Traps[0].Rsp, Is.EqualTo(Guest.StackTop));
        Assert.That(g.State->Gpr[4], Is.EqualTo(Guest.IstStack - 48));
    }

    [Test]
    public void NmiIsBlockedUntilIret()
    {
        using Guest g = Guest.Long(kind);
        g.Code(64, 0x15000, 0x15000, a =>
        {
            Label wait = a.CreateLabel();
            a.inc(__dword_ptr[Guest.DataAddress]);
            a.mov(edx, 3000);
            a.Label(ref wait);
            a.dec(edx);
            a.jne(wait);
            a.inc(__dword_ptr[Guest.DataAddress + 8]);
            a.iretq();
        });
        g.Gate64(2, 0x15000, 0, 0);
        g.Code(a =>
        {
            Label again = a.CreateLabel();
            a.mov(ecx, 5000);
            a.Label(ref again);
            a.dec(ecx);
            a.jne(again);
            a.hlt();
        });
        g.Core.RaiseNmi();
        RunUntil(g, () => g.Read32(Guest.DataAddress) == 1);
        Assert.That(g.Read32(Guest.DataAddress + 8), Is.Zero, "the second one comes inside the handler of the first");
        g.Core.RaiseNmi();
        g.Run();
        Assert.That(g.Read32(Guest.DataAddress), Is.EqualTo(2));
        Assert.That(g.Read32(Guest.DataAddress + 8), Is.EqualTo(2));
    }

    /// <summary>IRET makes a segment of the inner level null and leaves its base, which 64-bit code uses (AMD APM vol. 3, IRET).</summary>
    [Test]
    public void ReturnToTheOuterLevelKeepsTheBaseOfASegmentItMakesNull()
    {
        using Guest g = Guest.Long(kind);
        CpuState.Segment(g.State, SegmentIndex.Gs) = new SegmentRegister
        {
            Selector = Guest.KernelData,
            Attributes = 0xC93,
            Limit = uint.MaxValue,
            Base = Guest.UserData,
        };
        g.Write(Guest.UserData + 16, 0x1122334455667788);
        g.Code(64, Guest.UserCode, Guest.UserCode, a =>
        {
            a.mov(ebx, gs);
            a.mov(rax, __qword_ptr.gs[16]);
            a.ud2();
        });
        g.Changed();
        g.Code(a =>
        {
            a.push(Guest.UserDataSelector);
            a.push((int)Guest.UserStack);
            a.push(2);
            a.push(Guest.UserCodeSelector);
            a.push((int)Guest.UserCode);
            a.iretq();
        });
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 6 }));
        Assert.That(g.Rax, Is.EqualTo(0x1122334455667788));
        Assert.That(g.State->Gpr[3], Is.Zero, "the selector");
    }

    /// <summary>One NMI is handled while one more is held (AMD APM vol. 2, 8.2.3).</summary>
    [TestCase(2, 2)]
    [TestCase(3, 2)]
    public void TwoNmisThatComeTogetherAreBothTaken(int raised, int taken)
    {
        using Guest g = Guest.Long(kind);
        g.ReturnTo = 1;
        g.Code(a =>
        {
            for (int n = 0; n < 20; n++)
                a.nop();
            a.hlt();
        });
        for (int n = 0; n < raised; n++)
            g.Core.RaiseNmi();
        using Guest later = new(kind);
        later.TakeStateOf(g);
        later.Run();
        Assert.That(later.Vectors, Is.EqualTo(Enumerable.Repeat(2UL, taken)));
    }

    [TestCase(2, 1, true)]
    [TestCase(4, 2, true)]
    [TestCase(8, 4, true)]
    [TestCase(8, 0, false)]
    [TestCase(1, 3, false)]
    [TestCase(16, 8, true)]
    public void AlignmentChecksAtLevelThree(int size, int offset, bool faults)
    {
        using Guest g = Guest.Long(kind);
        g.State->Cr0 |= ControlBits.Cr0AlignmentMask;
        g.UserProgram(a =>
        {
            a.mov(rbx, Guest.UserData + (ulong)offset);
            switch (size)
            {
                case 1: a.mov(al, __byte_ptr[rbx]); break;
                case 2: a.mov(ax, __word_ptr[rbx]); break;
                case 4: a.add(__dword_ptr[rbx], 1); break;
                case 8: a.mov(__qword_ptr[rbx], rax); break;
                default: a.movups(xmm0, __[rbx]); break;
            }

            a.ud2();
        });
        g.State->SystemFlags |= AC;
        g.Changed();
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { faults ? 17u : 6u }));
        Assert.That(g.Traps[0].Error, Is.Zero);
    }

    [TestCase(true, false)]
    [TestCase(false, true)]
    public void AlignmentChecksNeedMaskAndFlag(bool mask, bool flag)
    {
        using Guest g = Guest.Long(kind);
        g.State->Cr0 |= mask ? ControlBits.Cr0AlignmentMask : 0;
        g.UserProgram(a =>
        {
            a.mov(rax, __qword_ptr[Guest.UserData + 1]);
            a.ud2();
        });
        g.State->SystemFlags |= flag ? AC : 0;
        g.Changed();
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 6 }));
    }

    [Test]
    public void PopfTurnsAlignmentChecksOnForTheNextInstruction()
    {
        using Guest g = Guest.Long(kind);
        g.State->Cr0 |= ControlBits.Cr0AlignmentMask;
        g.UserProgram(a =>
        {
            a.mov(rax, __qword_ptr[Guest.UserData + 1]);
            a.pushfq();
            a.or(__dword_ptr[rsp], AC);
            a.popfq();
            a.mov(ecx, 2);
            a.mov(esi, (uint)Guest.UserData);
            a.lea(edi, __[rsi + 9]);
            a.rep.movsq();
            a.ud2();
        });
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 17 }));
        Assert.That(g.State->Gpr[1], Is.EqualTo(2), "nothing was copied");
    }

    [TestCase("popf")]
    [TestCase("iret")]
    public void InterruptThatWaitsIsTakenInTheFirstGap(string instruction)
    {
        using Guest g = Guest.Long(kind);
        Label gap = default;
        g.Code(a =>
        {
            gap = a.CreateLabel();
            a.mov(rbx, rsp);
            if (instruction == "iret")
            {
                a.push(Guest.KernelData);
                a.push(rbx);
                a.push(0x202);
                a.push(Guest.KernelCode);
                a.lea(rax, __[gap]);
                a.push(rax);
                a.iretq();
            }
            else
            {
                a.push(0x202);
                a.popfq();
            }

            a.Label(ref gap);
            a.cli();
            a.hlt();
        });
        ulong spot = g.Spot(gap);
        g.Core.SetInterruptRequest(true);
        g.Run();
        Assert.That(g.Traps, Has.Length.EqualTo(1), "between the flag's load and CLI");
        Assert.That(g.Traps[0].Rip, Is.EqualTo(spot));
    }

    [Test]
    public void StiHoldsInterruptsForOneInstructionOnly()
    {
        using Guest g = Guest.Long(kind);
        Label held = default, taken = default;
        g.Code(a =>
        {
            (held, taken) = (a.CreateLabel(), a.CreateLabel());
            a.sti();
            a.Label(ref held);
            a.nop();
            a.Label(ref taken);
            a.nop();
            a.hlt();
        });
        (ulong _, ulong spot) = (g.Spot(held), g.Spot(taken));
        g.Core.SetInterruptRequest(true);
        g.Run();
        // Without a controller the vector is FFh: no gate within the limit of the IDT.
        Assert.That(g.Traps[0].Rip, Is.EqualTo(spot));
        Assert.That(g.Traps[0].Vector, Is.EqualTo(255).Or.EqualTo(13));
    }
}
