using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Call gates, gate sizes, conforming code, stacks of inner levels, selector inspection (AMD APM vol. 2, 4.8 to 4.12; vol. 3).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class GateTests(EngineKind kind)
{
    private const uint Inner = 0x14000;

    [Test]
    public void CallGateCopiesParametersToTheInnerStackAndReturnReleasesBoth()
    {
        using Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Gate(Guest.Code32, Inner, 0xEC, 2));
        g.Code(32, Inner, Inner, a =>
        {
            a.mov(eax, __dword_ptr[esp + 8]);
            a.mov(ebx, __dword_ptr[esp + 12]);
            a.mov(ecx, esp);
            a.mov(edx, cs);
            a.retf(8);
        });
        g.User32Program(a =>
        {
            a.push(0x111);
            a.push(0x222);
            a.call(Guest.Spare | 3, 0);
            a.mov(esi, esp);
            a.ud2();
        });
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Traps32[0].Vector, Is.EqualTo(6));
            Assert.That(g.Rax, Is.EqualTo(0x222));
            Assert.That(g.State->Gpr[3], Is.EqualTo(0x111));
            Assert.That(g.State->Gpr[1], Is.EqualTo(Guest.KernelStack - 24));
            Assert.That(g.State->Gpr[2], Is.EqualTo(Guest.Code32));
            Assert.That(g.State->Gpr[6], Is.EqualTo(Guest.User32Stack), "parameters are released");
        });
    }

    [TestCase((byte)0x8C, 13u, Description = "gate of level 0")]
    [TestCase((byte)0x6C, 11u, Description = "not present")]
    public void CallGateChecks(byte access, uint vector)
    {
        using Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Gate(Guest.Code32, Inner, access));
        g.User32Program(a => a.call(Guest.Spare | 3, 0));
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(vector));
        Assert.That(g.Traps32[0].Error, Is.EqualTo(Guest.Spare));
    }

    [Test]
    public void ConformingCodeKeepsTheLevelOfItsCaller()
    {
        using Guest g = Guest.Protected(kind);
        g.Code(32, Inner, Inner, a =>
        {
            a.mov(eax, cs);
            a.retf();
        });
        g.User32Program(a =>
        {
            a.call(Guest.Conforming32, Inner);
            a.ud2();
        });
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(6));
        Assert.That(g.Rax, Is.EqualTo(Guest.Conforming32 | 3));
    }

    [Test]
    public void SixteenBitGatePushesWords()
    {
        using Guest g = Guest.Protected(kind);
        // IP has 16 bits: the program must lie below 64 KiB for IRET to come back.
        const ulong low = 0x9000, handler = 0x9100;
        g.Code(32, low, low, a =>
        {
            a.@int(0x30);
            a.hlt();
        });
        g.Code(32, handler, handler, a =>
        {
            a.mov(ecx, esp);
            a.iret();
        });
        g.Gate32(0x30, (uint)handler, 0, type: 6);
        g.State->Rip = low;
        g.Changed();
        g.Run();
        Assert.That(g.State->Gpr[1], Is.EqualTo(Guest.StackTop - 6));
        Assert.That(g.State->Rip, Is.EqualTo(low + 3));
    }

    [Test]
    public void InnerStackThatIsTooSmallRaisesStackFaultWithItsSelector()
    {
        using Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare2, Guest.Descriptor(0, 0xFF, 0x93, 4));
        g.Write32(Guest.Tss32 + 4, 0x1000);
        g.Write32(Guest.Tss32 + 8, Guest.Spare2);
        g.Write(Guest.Idt32 + 12 * 8, Guest.Gate(Guest.Spare, 0, 0x85));
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Descriptor((uint)Guest.OtherTss, 0x67, 0x89));
        g.WriteTask(Guest.OtherTss, Inner, 0x66000);
        g.Code(32, Inner, Inner, a =>
        {
            a.pop(eax);
            a.hlt();
        });
        g.User32Program(a => a.@int(0x30));
        g.Run();
        Assert.That(g.Rax, Is.EqualTo(Guest.Spare2));
    }

    [TestCase(Guest.Code32, true, 0x00CF9B00u, 0xFFFFFFFFu, true, false, Description = "code, readable")]
    [TestCase(Guest.Data32, true, 0x00CF9300u, 0xFFFFFFFFu, true, true, Description = "data")]
    [TestCase(Guest.Task32, true, 0x00008B00u, 0x2067u, false, false, Description = "busy TSS")]
    [TestCase((ushort)0, false, 0u, 0u, false, false, Description = "null")]
    [TestCase((ushort)0x400, false, 0u, 0u, false, false, Description = "beyond the table")]
    public void InspectionTellsWhatASelectorMayDo(ushort selector, bool visible, uint rights, uint limit, bool readable, bool writable)
    {
        using Guest g = Guest.Protected(kind);
        g.Program32(a =>
        {
            a.mov(eax, selector);
            a.xor(ebx, ebx);
            a.xor(ecx, ecx);
            a.lar(ebx, eax);
            a.setz(dl);
            a.lsl(ecx, eax);
            a.setz(dh);
            a.verr(ax);
            a.mov(esi, 0);
            a.mov(edi, 0);
            a.setz(__byte_ptr[(uint)Guest.DataAddress]);
            a.verw(ax);
            a.setz(__byte_ptr[(uint)Guest.DataAddress + 1]);
            a.hlt();
        });
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That((g.State->Gpr[2] & 0xFFFF) == 0x0101, Is.EqualTo(visible));
            Assert.That(g.State->Gpr[3] & 0x00F0FF00, Is.EqualTo((ulong)(rights & 0x00F0FF00)));
            Assert.That(g.State->Gpr[1], Is.EqualTo((ulong)limit));
            Assert.That(g.Read16(Guest.DataAddress), Is.EqualTo((readable ? 1 : 0) | (writable ? 0x100 : 0)));
        });
    }

    [Test]
    public void StackLimitHoldsForPushesByMicrocodeToo()
    {
        using Guest g = Guest.Protected(kind);
        g.Write(Guest.Gdt32 + Guest.Spare2, Guest.Descriptor(0x90000, 0xFF, 0x93, 4));
        Label spot = default;
        g.Program32(a =>
        {
            spot = a.CreateLabel();
            a.mov(eax, Guest.Spare2);
            a.mov(esp, 0x110);
            a.mov(ss, ax);
            a.Label(ref spot);
            a.pushfd();
        });
        uint at = (uint)g.Spot(spot);
        g.Write(Guest.Idt32 + 12 * 8, Guest.Gate(Guest.Spare, 0, 0x85));
        g.Write(Guest.Gdt32 + Guest.Spare, Guest.Descriptor((uint)Guest.OtherTss, 0x67, 0x89));
        g.WriteTask(Guest.OtherTss, Inner, 0x66000);
        g.Code(32, Inner, Inner, a =>
        {
            a.pop(eax);
            a.hlt();
        });
        g.Run();
        Assert.That(g.Rax, Is.Zero, "#SS(0)");
        Assert.That(g.Read32(Guest.Tss32 + 0x20), Is.EqualTo(at));
        Assert.That(g.Read32(Guest.Tss32 + 0x24) & (1 << 16), Is.Not.Zero, "RF in the saved flags of a fault");
    }
}
