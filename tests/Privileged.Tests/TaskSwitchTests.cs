using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Task switches of legacy protected mode (AMD APM vol. 2, 12.3).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class TaskSwitchTests(EngineKind kind)
{
    private const uint OtherCode = 0x14000, OtherStack = 0x68000, NT = 1 << 14;
    private const int Busy = 2;

    private static bool IsBusy(Guest g, ushort selector) => (g.Read(Guest.Gdt32 + selector + 5u) & Busy) != 0;

    private Guest WithOtherTask(Action<Assembler> other, uint limit = 0x67, byte access = 0x89)
    {
        Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Descriptor((uint)Guest.OtherTss, limit, access));
        g.WriteTask(Guest.OtherTss, OtherCode, OtherStack);
        g.Code(32, OtherCode, OtherCode, other);
        return g;
    }

    [Test]
    public void CallNestsAndIretComesBack()
    {
        using Guest g = WithOtherTask(a =>
        {
            a.pushfd();
            a.pop(edx);
            a.mov(ecx, 0x1234);
            a.iretd();
        });
        Label behind = default;
        g.Program32(a =>
        {
            behind = a.CreateLabel();
            a.mov(ecx, 5);
            a.mov(ebx, 6);
            a.call(Guest.Spare, 0);
            a.Label(ref behind);
            a.inc(ecx);
            a.hlt();
        });
        uint spot = (uint)g.Spot(behind);
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32, Is.Empty);
            Assert.That(g.State->Gpr[1], Is.EqualTo(6), "registers of the first task came back");
            Assert.That(g.State->Gpr[3], Is.EqualTo(6));
            Assert.That(g.Read32(Guest.Tss32 + 0x20), Is.EqualTo(spot));
            Assert.That(g.Read16(Guest.OtherTss), Is.EqualTo(Guest.Task32), "link");
            Assert.That(g.Read32(Guest.OtherTss + 0x2C), Is.EqualTo(0x1234), "ECX of the other task was saved");
            Assert.That(g.Read32(Guest.OtherTss + 0x30) & NT, Is.EqualTo(NT), "NT was set in the nested task");
            Assert.That(g.Read32(Guest.OtherTss + 0x24) & NT, Is.Zero, "and is cleared in its saved flags");
            Assert.That(IsBusy(g, Guest.Spare), Is.False);
            Assert.That(IsBusy(g, Guest.Task32), Is.True);
            Assert.That(g.State->Cr0 & ControlBits.Cr0TaskSwitched, Is.Not.Zero);
            Assert.That(CpuState.Segment(g.State, SegmentIndex.Tr).Selector, Is.EqualTo(Guest.Task32));
        });
    }

    [Test]
    public void JumpDoesNotNest()
    {
        using Guest g = WithOtherTask(a => a.hlt());
        g.Program32(a => a.jmp(Guest.Spare, 0));
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(IsBusy(g, Guest.Task32), Is.False);
            Assert.That(IsBusy(g, Guest.Spare), Is.True);
            Assert.That(g.State->RFlags & NT, Is.Zero);
            Assert.That(g.State->Gpr[4], Is.EqualTo(OtherStack));
        });
    }

    [Test]
    public void TaskGateInTheIdtNestsAndPushesTheErrorCode()
    {
        using Guest g = WithOtherTask(a =>
        {
            a.pop(eax);
            a.mov(__dword_ptr[(uint)Guest.DataAddress], eax);
            a.mov(__dword_ptr[(uint)Guest.Tss32 + 0x20], 0x15000);
            a.iretd();
        });
        g.Write(Guest.Idt32 + 13 * 8, Guest.Gate(Guest.Spare, 0, 0x85));
        g.Code(32, 0x15000, 0x15000, a => a.hlt());
        Label faulting = default;
        g.Program32(a =>
        {
            faulting = a.CreateLabel();
            a.mov(eax, 0x123 * 8);
            a.Label(ref faulting);
            a.mov(fs, ax);
            a.nop();
        });
        uint spot = (uint)g.Spot(faulting);
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Read32(Guest.DataAddress), Is.EqualTo(0x123 * 8), "error code on the handler's stack");
            Assert.That(g.State->Rip, Is.EqualTo(0x15001), "the handler changed where the task goes on");
            Assert.That(spot, Is.LessThan(0x15000));
            Assert.That(g.Traps32, Is.Empty);
        });
    }

    [Test]
    public void SoftwareInterruptThroughATaskGateSavesTheNextInstruction()
    {
        using Guest g = WithOtherTask(a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.iretd();
            a.jmp(again);
        });
        g.Write(Guest.Idt32 + 0x30 * 8, Guest.Gate(Guest.Spare, 0, 0x85));
        g.Program32(a =>
        {
            a.@int(0x30);
            a.mov(esi, 7);
            a.@int(0x30);
            a.hlt();
        });
        g.Run();
        Assert.That(g.State->Gpr[6], Is.EqualTo(7));
        Assert.That(g.Traps32, Is.Empty);
    }

    [TestCase(0x66u, (byte)0x89, (byte)10, Guest.Spare, Description = "TSS too small")]
    [TestCase(0x67u, (byte)0x8B, (byte)13, Guest.Spare, Description = "busy")]
    [TestCase(0x67u, (byte)0x09, (byte)11, Guest.Spare, Description = "not present")]
    public void BadTaskSegmentsFaultInTheOldTask(uint limit, byte access, byte vector, int error)
    {
        using Guest g = WithOtherTask(a => a.hlt(), limit, access);
        g.Program32(a => a.jmp(Guest.Spare, 0));
        g.Run();
        Assert.That(g.Traps32, Has.Length.EqualTo(1));
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32[0].Vector, Is.EqualTo(vector));
            Assert.That(g.Traps32[0].Error, Is.EqualTo(error));
            Assert.That(g.Traps32[0].Eip, Is.EqualTo(Guest.CodeAddress));
            Assert.That(CpuState.Segment(g.State, SegmentIndex.Tr).Selector, Is.EqualTo(Guest.Task32));
        });
    }

    [TestCase(0x4Cul, (ushort)Guest.Data32, 10u, Guest.Data32, Description = "CS is data")]
    [TestCase(0x50ul, (ushort)Guest.Code32, 10u, Guest.Code32, Description = "SS is code")]
    [TestCase(0x54ul, (ushort)0x70, 10u, 0x70, Description = "DS is beyond what the table holds")]
    [TestCase(0x60ul, (ushort)Guest.Code32, 10u, Guest.Code32, Description = "LDT is no LDT")]
    public void BadSelectorsFaultInTheNewTask(ulong offset, ushort selector, uint vector, int error)
    {
        using Guest g = WithOtherTask(a => a.hlt());
        g.Write(Guest.Idt32 + 10 * 8, Guest.Gate(Guest.Spare2, 0, 0x85));
        g.Write(Guest.Gdt32 + Guest.Spare2, Guest.Descriptor(0x6A00, 0x67, 0x89));
        g.WriteTask(0x6A00, 0x15000, 0x66000);
        g.Code(32, 0x15000, 0x15000, a =>
        {
            a.pop(eax);
            a.hlt();
        });
        g.Write16(Guest.OtherTss + offset, selector);
        g.Program32(a => a.jmp(Guest.Spare, 0));
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(vector, Is.EqualTo(10));
            Assert.That(g.State->Rip, Is.EqualTo(0x15002), "the handler's task");
            Assert.That(g.Rax & 0xFFFC, Is.EqualTo((ulong)error));
            Assert.That(g.Read16(0x6A00), Is.EqualTo(Guest.Spare), "nested in the new task");
        });
    }

    [Test]
    public void IretToATaskThatIsNotBusyIsInvalidTss()
    {
        using Guest g = WithOtherTask(a => a.hlt());
        g.Write16(Guest.Tss32, Guest.Spare);
        g.Program32(a =>
        {
            a.pushfd();
            a.or(__dword_ptr[esp], NT);
            a.popfd();
            a.iretd();
        });
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(10));
        Assert.That(g.Traps32[0].Error, Is.EqualTo(Guest.Spare));
    }

    [Test]
    public void TrapBitRaisesDebugInTheNewTask()
    {
        using Guest g = WithOtherTask(a => a.hlt());
        g.Write16(Guest.OtherTss + 0x64, 1);
        g.Program32(a => a.jmp(Guest.Spare, 0));
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32[0].Vector, Is.EqualTo(1));
            Assert.That(g.Traps32[0].Eip, Is.EqualTo(OtherCode));
            Assert.That(g.State->Dr[6] & 0x8000, Is.Not.Zero);
        });
    }

    [Test]
    public void Sixteen_BitTaskSegmentHoldsSixteenBits()
    {
        using Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Descriptor((uint)Guest.OtherTss, 0x2B, 0x81));
        ushort[] fields = [0, 0, 0, 0, 0, 0, 0, 0x100, 2, 1, 2, 3, 4, 0xF000, 5, 6, 7];
        for (int n = 0; n < fields.Length; n++)
            g.Write16(Guest.OtherTss + (ulong)n * 2, fields[n]);
        foreach ((ulong offset, ushort selector) in new[] { (0x22ul, Guest.Data16), (0x24ul, Guest.Code16), (0x26ul, Guest.Data16), (0x28ul, Guest.Data16) })
            g.Write16(Guest.OtherTss + offset, selector);
        g.Code(16, 0x10100, 0x100, a => a.iret());
        g.Program32(a =>
        {
            a.mov(ecx, 0x12345678);
            a.call(Guest.Spare, 0);
            a.hlt();
        });
        g.Code(16, 0x10100, 0x100, a =>
        {
            a.inc(bx);
            a.iret();
        });
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32, Is.Empty);
            Assert.That(g.State->Gpr[1], Is.EqualTo(0x12345678));
            Assert.That(g.Read16(Guest.OtherTss + 0x18), Is.EqualTo(5), "BX, saved after its increment");
            Assert.That(g.Read16(Guest.OtherTss), Is.EqualTo(Guest.Task32));
        });
    }
}
