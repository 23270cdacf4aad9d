using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>SMI, the AMD64 save area, RSM, SMRAM (AMD APM vol. 2, 10.2 and 10.3).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class SystemManagementTests(EngineKind kind)
{
    private const uint SmmBase = 0x30000, Save = SmmBase + 0xFE00;
    private const ulong Marks = 0x500;

    private static void Handler(Guest g, Action<Assembler> program, uint smmBase = SmmBase) =>
        g.Code(16, smmBase + 0x8000, 0x8000, program);

    /// <summary>Stores a doubleword at a 32-bit address; SMM's segments reach everything.</summary>
    private static void Store(Assembler a, uint address, uint value)
    {
        a.mov(ebx, address);
        a.mov(__dword_ptr[ebx], value);
    }

    private static void Mark(Assembler a)
    {
        a.mov(ebx, (uint)Marks);
        a.inc(__dword_ptr[ebx]);
    }

    [Test]
    public void SmiSavesTheStateAndRsmLoadsWhatTheHandlerLeft()
    {
        using Guest g = Guest.Long(kind);
        Handler(g, a =>
        {
            Mark(a);
            a.mov(ax, cs);
            a.mov(ebx, (uint)Marks + 8);
            a.mov(__word_ptr[ebx], ax);
            a.mov(eax, cr0);
            a.mov(__dword_ptr[ebx + 8], eax);
            Store(a, Save + 0x1F8, 0x1234);
            a.rsm();
        });
        g.Code(a =>
        {
            a.nop();
            a.hlt();
        });
        g.State->Gpr[3] = 0xB0B;
        g.State->Gpr[15] = 0xF15;
        ulong control = g.State->Cr0, efer = g.State->Efer;
        g.Changed();
        g.Core.RaiseSmi();
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Read32(Marks), Is.EqualTo(1));
            Assert.That(g.Read16(Marks + 8), Is.EqualTo(0x3000), "CS is SMBASE / 16");
            Assert.That(g.Read32(Marks + 16) & 0x8000_000D, Is.Zero, "PE, EM, TS and PG are clear");
            Assert.That(g.Read32(Save + 0xFC), Is.EqualTo(0x30064), "revision");
            Assert.That(g.Read32(Save + 0x100), Is.EqualTo(SmmBase));
            Assert.That(g.Read(Save + 0x178), Is.EqualTo(Guest.CodeAddress), "RIP");
            Assert.That(g.Read(Save + 0x180), Is.EqualTo(0xF15), "R15");
            Assert.That(g.Read(Save + 0x158), Is.EqualTo(control));
            Assert.That(g.Read(Save + 0xD0), Is.EqualTo(efer));
            Assert.That(g.Read16(Save + 0x10), Is.EqualTo(Guest.KernelCode));
            Assert.That(g.Read16(Save + 0x12), Is.EqualTo(0x209B), "attributes of 64-bit code");
            Assert.That(g.Rax, Is.EqualTo(0x1234), "RAX as the handler left it in the save area");
            Assert.That(g.State->Gpr[3], Is.EqualTo(0xB0B), "RBX as it was");
            Assert.That(g.State->Mode, Is.EqualTo(CpuMode.Long64));
            Assert.That(g.State->InSmm, Is.Zero);
            Assert.That(g.Core.SystemManagementInterruptsTaken, Is.EqualTo(1));
        });
    }

    [Test]
    public void HandlerMovesItsBase()
    {
        using Guest g = Guest.Long(kind);
        Handler(g, a =>
        {
            Store(a, Save + 0x100, 0x100000);
            a.rsm();
        });
        Handler(g, a =>
        {
            Mark(a);
            a.rsm();
        }, 0x100000);
        g.Code(a => a.hlt());
        g.Core.RaiseSmi();
        g.Run();
        Assert.That(MsrTable.Value(g.State, MsrNumbers.SmmBase), Is.EqualTo(0x100000));
        g.Core.RaiseSmi();
        g.Run();
        Assert.That(g.Read32(Marks), Is.EqualTo(1));
    }

    [Test]
    public void NmiWaitsForRsm()
    {
        using Guest g = Guest.Long(kind);
        Handler(g, a =>
        {
            Mark(a);
            a.rsm();
        });
        g.Code(a => a.hlt());
        g.ReturnTo = 1;
        g.Core.RaiseSmi();
        g.Core.RaiseNmi();
        g.Run();
        Assert.That(g.Read32(Marks), Is.EqualTo(1));
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 2 }));
        Assert.That(g.Traps[0].Rip, Is.EqualTo(Guest.CodeAddress), "after the SMI, before the program");
    }

    [Test]
    public void SmiInSmmWaitsForRsm()
    {
        using Guest g = Guest.Long(kind);
        g.Ports.Map("smi", 0xB2, 1, new SmiPort(g), default);
        Handler(g, a =>
        {
            Label once = a.CreateLabel();
            Mark(a);
            a.cmp(__dword_ptr[ebx], 1);
            a.jne(once);
            a.@out(0xB2, al);
            a.inc(__dword_ptr[ebx + 8]);
            a.Label(ref once);
            a.rsm();
        });
        g.Code(a => a.hlt());
        g.Core.RaiseSmi();
        g.Run();
        Assert.That(g.Read32(Marks), Is.EqualTo(2));
        Assert.That(g.Read32(Marks + 8), Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void HaltGoesOnUnlessTheHandlerSaysOtherwise(bool restart)
    {
        using Guest g = Guest.Long(kind);
        Handler(g, a =>
        {
            Mark(a);
            a.mov(ebx, Save + 0xC9);
            a.mov(al, __byte_ptr[ebx]);
            a.mov(__byte_ptr[(uint)Marks + 8], al);
            if (!restart)
                a.mov(__byte_ptr[ebx], 0);
            a.rsm();
        });
        g.Code(a =>
        {
            a.hlt();
            a.mov(ecx, 7);
            a.hlt();
        });
        g.State->Gpr[1] = 0;
        g.Changed();
        g.Run();
        g.Core.RaiseSmi();
        g.Run();
        Assert.That(g.Read32(Marks), Is.EqualTo(1));
        Assert.That(g.Read(Marks + 8) & 0xFF, Is.EqualTo(1), "auto-halt flag");
        Assert.That(g.State->Gpr[1], Is.EqualTo(restart ? 0 : 7));
        Assert.That(g.State->Activity, Is.EqualTo(ActivityState.Halted));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void IoInstructionIsDescribedAndMayBeRestarted(bool restart)
    {
        using Guest g = Guest.Long(kind);
        SmiPort port = new(g);
        g.Ports.Map("smi", 0xB2, 1, port, default);
        Label spot = default;
        Handler(g, a =>
        {
            Mark(a);
            a.cmp(__dword_ptr[ebx], 1);
            Label end = a.CreateLabel();
            a.jne(end);
            if (restart)
            {
                a.mov(ebx, Save + 0xC8);
                a.mov(__byte_ptr[ebx], 0xFF);
            }

            a.Label(ref end);
            a.rsm();
        });
        g.Code(a =>
        {
            spot = a.CreateLabel();
            a.mov(al, 0x5A);
            a.Label(ref spot);
            a.@out(0xB2, al);
            a.hlt();
        });
        ulong at = g.Spot(spot);
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(port.Writes, Is.EqualTo(restart ? 2 : 1));
            Assert.That(g.Read(Save + 0xA0), Is.EqualTo(at), "restart RIP");
            Assert.That(g.Read32(Save + 0xC0), Is.EqualTo(0x00B2_0012), "port B2h, one byte, valid, output");
        });
    }

    [Test]
    public void RsmOutsideSmmIsUndefined()
    {
        using Guest g = Guest.Long(kind);
        g.Code(a => a.rsm());
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 6 }));
    }

    [Test]
    public void ImpossibleImageShutsDown()
    {
        using Guest g = Guest.Long(kind);
        Handler(g, a =>
        {
            Store(a, Save + 0x158, 0x8000_0000);
            a.rsm();
        });
        g.Code(a => a.hlt());
        g.Core.RaiseSmi();
        g.Run();
        Assert.That(g.ShutDown, Is.True);
    }

    [Test]
    public void TopSegmentIsSeenInSmmOnlyAndTheLockHolds()
    {
        const ulong segment = 0x800000;
        using Guest g = Guest.Long(kind);
        g.Write(segment, 0x1122334455667788);
        Handler(g, a =>
        {
            a.mov(ebx, (uint)segment);
            a.mov(eax, __dword_ptr[ebx]);
            a.mov(ebx, (uint)Marks);
            a.mov(__dword_ptr[ebx], eax);
            a.rsm();
        });
        g.Code(a =>
        {
            a.mov(rsi, __qword_ptr[segment]);
            a.mov(__qword_ptr[segment], rax);
            a.hlt();
        });
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.SmmAddress, segment), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.SmmMask, 0xFFFF_FFFE_0000 | 2), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.Hwcr, 1), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.SmmMask, 0), Is.False, "locked");
        MsrAccess.TryWrite(g.Core, MsrNumbers.Hwcr, 0);
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.SmmBase, 0), Is.False, "the lock cannot be taken back");
        g.Core.RaiseSmi();
        g.Run();
        Assert.Multiple(() =>
        {
            Assert.That(g.Read32(Marks), Is.EqualTo(0x55667788));
            Assert.That(g.State->Gpr[6], Is.EqualTo(ulong.MaxValue));
            Assert.That(g.Read(segment), Is.EqualTo(0x1122334455667788), "the write is lost");
        });
    }

    [Test]
    public void InitWaitsForRsmAndKeepsWhatResetClears()
    {
        using Guest g = Guest.Long(kind);
        Handler(g, a =>
        {
            Mark(a);
            a.rsm();
        });
        MsrAccess.TryWrite(g.Core, MsrNumbers.LongStar, 0x1234);
        g.State->Vec[0] = 77;
        g.Code(a => a.hlt());
        g.Code(16, 0xFFFF0, 0xFFF0, a => a.hlt());
        g.Changed();
        g.Core.RaiseSmi();
        g.Core.RaiseInit();
        g.Engine.Run(g.Engine.NowCycles + 2000);
        Assert.Multiple(() =>
        {
            Assert.That(g.Read32(Marks), Is.EqualTo(1), "the handler ran first");
            Assert.That(g.State->Mode, Is.EqualTo(CpuMode.Real));
            Assert.That(g.State->Gpr[2], Is.EqualTo(0x0083_0F10), "INIT happened");
            Assert.That(MsrTable.Value(g.State, MsrNumbers.LongStar), Is.EqualTo(0x1234), "MSRs stay");
            Assert.That(g.State->Vec[0], Is.EqualTo(77), "and vector registers");
        });
        ResetState.Reset(g.Core);
        Assert.That(MsrTable.Value(g.State, MsrNumbers.LongStar), Is.Zero);
        Assert.That(g.State->Vec[0], Is.Zero);
    }

    private sealed class SmiPort(Guest guest) : IPortDevice
    {
        public int Writes { get; private set; }

        public uint ReadPort(ushort port, int size) => 0;

        public void WritePort(ushort port, int size, uint value)
        {
            Writes++;
            guest.Core.RaiseSmi();
        }
    }
}
