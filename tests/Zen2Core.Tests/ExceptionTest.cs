using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>Exceptions and interrupts in long mode (AMD APM vol. 2, chapter 8).</summary>
public unsafe class ExceptionTest
{
    private const ulong Marker = 0x100;

    [Test]
    public void PageFaultFromUserModePushesEverything()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.mov(rbx, LongModeSystem.Unmapped + 0x10);
            a.add(__qword_ptr[rbx], 1);
        }, 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(m);
        m.State->Flags = FlagBits.CF;
        m.Run();
        ulong frame = LongModeSystem.KernelStack - 48;
        Assert.Multiple(() =>
        {
            Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 14));
            Assert.That(m.State->Cr2, Is.EqualTo(LongModeSystem.Unmapped + 0x10));
            Assert.That(m.State->Gpr[4], Is.EqualTo(frame));
            Assert.That(m.Read(frame), Is.EqualTo(6), "write, user, not present");
            Assert.That(m.Read(frame + 8), Is.EqualTo(LongModeSystem.UserCode + 10), "address of the faulting instruction");
            Assert.That(m.Read(frame + 16), Is.EqualTo(LongModeSystem.UserCodeSelector));
            Assert.That(m.Read(frame + 24) & 0xFFFF, Is.EqualTo(3), "flags unchanged by the instruction that faulted");
            Assert.That(m.Read(frame + 32), Is.EqualTo(LongModeSystem.UserStack));
            Assert.That(m.State->Cpl, Is.Zero);
        });
    }

    [TestCase(14, false, false, 4u)]
    [TestCase(14, true, false, 6u)]
    [TestCase(14, false, true, 5u)]
    [TestCase(14, true, true, 7u)]
    public void PageFaultErrorCodes(int vector, bool write, bool present, uint error)
    {
        using TestMachine m = LongModeSystem.Build();
        if (present)
            m.Write(LongModeSystem.EntryOf(LongModeSystem.Unmapped), LongModeSystem.Unmapped | 3);
        m.Code(a =>
        {
            a.mov(rbx, LongModeSystem.Unmapped);
            if (write)
                a.mov(__byte_ptr[rbx], al);
            else
                a.mov(al, __byte_ptr[rbx]);
        }, 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(m);
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + (ulong)vector));
        Assert.That(m.Read(LongModeSystem.KernelStack - 48), Is.EqualTo(error));
    }

    [Test]
    public void ExecutionOfNoExecutePageFaults()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Write(LongModeSystem.EntryOf(LongModeSystem.UserData), LongModeSystem.UserData | 7 | (1UL << 63));
        m.Code(a => a.jmp(LongModeSystem.UserData), 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(m);
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 14));
        Assert.That(m.Read(LongModeSystem.KernelStack - 48), Is.EqualTo(0x15));
        Assert.That(m.Read(LongModeSystem.KernelStack - 40), Is.EqualTo(LongModeSystem.UserData));
    }

    [Test]
    public void SmapStopsSupervisorDataAccessUnlessOverridden()
    {
        using TestMachine m = LongModeSystem.Build();
        m.State->Cr4 |= ControlBits.Cr4Smap;
        m.Core.RefreshMode();
        m.Code(a =>
        {
            a.mov(rbx, LongModeSystem.UserData);
            a.stac();
            a.mov(rax, __qword_ptr[rbx]);
            a.clac();
            a.mov(rcx, 1);
            a.mov(rax, __qword_ptr[rbx]);
        });
        m.Run();
        Assert.That(m.State->Gpr[1], Is.EqualTo(1));
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 14));
        Assert.That(m.State->Cr2, Is.EqualTo(LongModeSystem.UserData));
    }

    [Test]
    public void SmepStopsSupervisorExecution()
    {
        using TestMachine m = LongModeSystem.Build();
        m.State->Cr4 |= ControlBits.Cr4Smep;
        m.Code(a => a.hlt(), 64, LongModeSystem.UserCode);
        m.Code(a => a.jmp(LongModeSystem.UserCode));
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 14));
        Assert.That(m.Read(m.State->Gpr[4]), Is.EqualTo(0x11));
    }

    [Test]
    public void WriteProtectAppliesToSupervisorOnlyWithWp()
    {
        foreach (bool protect in new[] { true, false })
        {
            using TestMachine m = LongModeSystem.Build();
            m.Write(LongModeSystem.EntryOf(LongModeSystem.UserData), LongModeSystem.UserData | 5);
            m.State->Cr0 = protect ? m.State->Cr0 | ControlBits.Cr0WriteProtect : m.State->Cr0 & ~ControlBits.Cr0WriteProtect;
            m.Code(a =>
            {
                a.mov(rbx, LongModeSystem.UserData);
                a.mov(__dword_ptr[rbx], 5);
                a.mov(r15d, 7);
                a.hlt();
            });
            m.Run();
            Assert.That(m.State->Gpr[15], Is.EqualTo(protect ? Marker + 14 : 7), $"WP {protect}");
        }
    }

    [Test]
    public void AccessedAndDirtyBitsAreSet()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.mov(rbx, LongModeSystem.UserData);
            a.mov(al, __byte_ptr[rbx]);
            a.mov(__byte_ptr[rbx + 0x1000], al);
            a.hlt();
        });
        m.Run();
        Assert.That(m.Read(LongModeSystem.EntryOf(LongModeSystem.UserData)) & 0x60, Is.EqualTo(0x20));
        Assert.That(m.Read(LongModeSystem.EntryOf(LongModeSystem.UserData + 0x1000)) & 0x60, Is.EqualTo(0x60));
    }

    [Test]
    public void NonCanonicalAddressIsGeneralProtectionOrStackFault()
    {
        foreach (bool stack in new[] { true, false })
        {
            using TestMachine m = LongModeSystem.Build();
            m.Code(a =>
            {
                a.mov(rbp, 0x8000_0000_0000);
                a.mov(rbx, rbp);
                if (stack)
                    a.mov(rax, __qword_ptr[rbp]);
                else
                    a.mov(rax, __qword_ptr[rbx]);
            });
            m.Run();
            Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + (stack ? 12u : 13u)));
        }
    }

    [Test]
    public void DivideErrorPointsAtTheInstruction()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.xor(ecx, ecx);
            a.div(ecx);
        });
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker));
        Assert.That(m.Read(m.State->Gpr[4]), Is.EqualTo(TestMachine.CodeAddress + 2));
    }

    [Test]
    public void BreakpointReturnsBehindTheInstructionAndNeedsGatePrivilege()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a => a.int3(), 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(m);
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 13), "gate of level 0");
        Assert.That(m.Read(LongModeSystem.KernelStack - 48), Is.EqualTo(3 * 8 + 2));

        using TestMachine open = LongModeSystem.Build();
        LongModeSystem.Gate(open, 3, LongModeSystem.Handlers + 3 * 32, stack: 1, level: 3);
        open.Code(a => a.int3(), 64, LongModeSystem.UserCode);
        LongModeSystem.EnterUser(open);
        open.Run();
        Assert.That(open.State->Gpr[15], Is.EqualTo(Marker + 3));
        Assert.That(open.State->Gpr[4], Is.EqualTo(LongModeSystem.InterruptStack - 40), "interrupt stack table");
        Assert.That(open.Read(open.State->Gpr[4]), Is.EqualTo(LongModeSystem.UserCode + 1));
    }

    [Test]
    public void FaultDuringDeliveryIsADoubleFault()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Write(LongModeSystem.Idt + 14 * 16, 0);
        m.Code(a => a.mov(al, __byte_ptr[LongModeSystem.Unmapped]));
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 8));
        Assert.That(m.Read(m.State->Gpr[4]), Is.Zero);
    }

    [Test]
    public void TripleFaultShutsDown()
    {
        using TestMachine m = LongModeSystem.Build();
        m.State->Idtr.Limit = 0;
        m.Code(a => a.ud2());
        m.Run();
        Assert.That(m.ShutDown);
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Shutdown));
    }

    [Test]
    public void ReturnFromInterruptRestoresUserMode()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a => a.iretq(), 64, LongModeSystem.Handlers + 6 * 32);
        m.Code(a =>
        {
            a.mov(rax, __qword_ptr[rsp]);
            a.add(rax, 2);
            a.mov(__qword_ptr[rsp], rax);
            a.iretq();
        }, 64, LongModeSystem.Handlers + 6 * 32);
        m.Code(a =>
        {
            a.ud2();
            a.mov(r14d, 0x77);
            a.syscall();
        }, 64, LongModeSystem.UserCode);
        m.Code(a => a.hlt(), 64, 0x30000);
        MsrTable.Set(m.State, MsrNumbers.Star, ((ulong)0x13 << 48) | ((ulong)LongModeSystem.KernelCodeSelector << 32));
        MsrTable.Set(m.State, MsrNumbers.LongStar, 0x30000);
        MsrTable.Set(m.State, MsrNumbers.SystemCallMask, 0x200);
        LongModeSystem.EnterUser(m);
        m.State->SystemFlags |= SystemFlagBits.IF;
        m.Run();
        Assert.Multiple(() =>
        {
            Assert.That(m.State->Gpr[14], Is.EqualTo(0x77));
            Assert.That(m.State->Cpl, Is.Zero);
            Assert.That(m.State->Gpr[1], Is.EqualTo(LongModeSystem.UserCode + 2 + 6 + 2), "RCX: next instruction");
            Assert.That(m.State->Gpr[11] & 0x200, Is.EqualTo(0x200), "R11: flags before");
            Assert.That(m.State->SystemFlags & SystemFlagBits.IF, Is.Zero, "SFMASK");
            Assert.That(m.State->Rip, Is.EqualTo(0x30001));
        });
    }

    [Test]
    public void InterruptWaitsForTheShadowOfSti()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.sti();
            a.mov(r14d, 1);
            a.mov(r14d, 2);
            a.hlt();
        });
        m.Core.Interrupts = new FixedInterrupt(0x30);
        m.Core.SetInterruptRequest(true);
        m.Run();
        Assert.That(m.State->Gpr[15], Is.EqualTo(Marker + 0x30));
        Assert.That(m.State->Gpr[14], Is.EqualTo(1));
    }

    [Test]
    public void ReturnInTheShadowOfStiReachesItsTarget()
    {
        // The block of RET is decoded right before the block it returns to: they lie next to each other.
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            Label function = a.CreateLabel(), again = a.CreateLabel();
            a.mov(ecx, 3);
            a.Label(ref again);
            a.cli();
            a.call(function);
            a.dec(ecx);
            a.jnz(again);
            a.hlt();
            a.Label(ref function);
            a.sti();
            a.ret();
            a.int3();
        });
        m.Run();
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
        Assert.That(m.State->Gpr[15], Is.Zero);
        Assert.That(m.State->Executed, Is.EqualTo(1 + 6 * 3 + 1));
    }

    [Test]
    public void SingleStepTrapsAfterEachInstruction()
    {
        using TestMachine m = LongModeSystem.Build();
        m.Code(a =>
        {
            a.inc(r13d);
            a.iretq();
        }, 64, LongModeSystem.Handlers + 32);
        m.Code(a =>
        {
            a.mov(eax, 1);
            a.add(eax, eax);
            a.nop();
            a.and(__dword_ptr[rsp], 0xFFFFFEFF);
            a.popfq();
            a.nop();
            a.hlt();
        });
        m.State->Gpr[4] -= 8;
        m.Write(m.State->Gpr[4], 2);
        m.State->SystemFlags |= SystemFlagBits.TF;
        m.Run();
        Assert.That(m.State->Activity, Is.EqualTo(ActivityState.Halted));
        Assert.That((uint)m.State->Gpr[13], Is.EqualTo(5), "one trap for each instruction up to and including POPF");
        Assert.That(m.State->Dr[6] & 0x4000, Is.Not.Zero);
    }

    /// <summary>A controller with one request that never changes.</summary>
    private sealed class FixedInterrupt(byte vector) : CoSim.Hw.Simulation.ICoreInterruptController
    {
        public byte TaskPriorityClass { get; set; }

        public ulong ApicBase => 0xFEE00900;

        public byte Acknowledge() => vector;

        public bool TryReadMsr(uint msr, out ulong value)
        {
            value = 0;
            return false;
        }

        public bool TryWriteMsr(uint msr, ulong value) => false;

        public uint ReadRegister(int offset) => 0;

        public void WriteRegister(int offset, uint value)
        {
        }
    }
}
