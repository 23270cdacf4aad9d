using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Page translation and protection in every mode (AMD APM vol. 2, chapter 5 and 8.4.2).</summary>
[TestFixture(EngineKind.Functional)]
[TestFixture(EngineKind.Detailed)]
public unsafe class PagingTests(EngineKind kind)
{
    private const uint Directory = 0x100000, Table = 0x101000, Pointers = 0x102000;
    private const uint Remapped = 0x40000000;
    private const uint P = 1, W = 2, U = 4, A = 0x20, D = 0x40, Large = 0x80;
    private const ulong NoExecute = 1UL << 63;

    /// <summary>32-bit paging: the first 4 MiB by a table, 40000000h by whatever the test puts there.</summary>
    private Guest Legacy(bool pageSizeExtensions)
    {
        Guest g = Guest.Protected(kind);
        for (uint n = 0; n < 1024; n++)
            g.Write32(Table + n * 4, (n << 12) | P | W | U);
        g.Write32(Directory, Table | P | W | U);
        g.State->Cr3 = Directory;
        g.State->Cr4 |= pageSizeExtensions ? ControlBits.Cr4PageSizeExtensions : 0;
        g.State->Cr0 |= ControlBits.Cr0Paging | ControlBits.Cr0WriteProtect;
        g.Changed();
        return g;
    }

    [Test]
    public void FourMegabytePageTranslatesAndGetsItsBits()
    {
        using Guest g = Legacy(pageSizeExtensions: true);
        g.Write32(Directory + (Remapped >> 22) * 4, 0x400000 | P | W | Large);
        g.Program32(a =>
        {
            a.mov(__dword_ptr[Remapped + 0x123456], 0x77);
            a.hlt();
        });
        g.Run();
        Assert.That(g.Read32(0x400000 + 0x123456), Is.EqualTo(0x77));
        Assert.That(g.Read32(Directory + (Remapped >> 22) * 4) & (A | D), Is.EqualTo(A | D));
    }

    [TestCase(true, 1u << 21, 0x9u, Description = "bit 21 of a 4 MiB entry is reserved")]
    [TestCase(true, 0u, 0u, Description = "fine")]
    public void ReservedBitsOfLargePages(bool extensions, uint bits, uint expected)
    {
        using Guest g = Legacy(extensions);
        g.Write32(Directory + (Remapped >> 22) * 4, 0x400000 | P | W | Large | bits);
        g.Program32(a =>
        {
            a.mov(eax, __dword_ptr[Remapped]);
            a.hlt();
        });
        g.Run();
        if (expected == 0)
        {
            Assert.That(g.Traps32, Is.Empty);
            return;
        }

        Assert.That(g.Traps32[0].Vector, Is.EqualTo(14));
        Assert.That(g.Traps32[0].Error, Is.EqualTo(expected));
        Assert.That(g.State->Cr2, Is.EqualTo(Remapped));
    }

    [TestCase(0u, false, false, 0x0u, Description = "not present, supervisor read")]
    [TestCase(0u, true, false, 0x2u, Description = "not present, write")]
    [TestCase(P | U, true, true, 0x7u, Description = "read-only, user write")]
    [TestCase(P | U, true, false, 0x3u, Description = "read-only, supervisor write with CR0.WP")]
    [TestCase(P | W, false, true, 0x5u, Description = "supervisor page, user read")]
    public void ErrorCodesOfLegacyPaging(uint entry, bool write, bool user, uint expected)
    {
        using Guest g = Legacy(pageSizeExtensions: false);
        g.Write32(Directory + (Remapped >> 22) * 4, (Table + 0x10000) | P | W | U);
        g.Write32(Table + 0x10000, entry == 0 ? 0 : 0x300000 | entry);
        void Access(Assembler a)
        {
            if (write)
                a.mov(__dword_ptr[Remapped], 1);
            else
                a.mov(eax, __dword_ptr[Remapped]);
        }

        if (user)
            g.User32Program(Access);
        else
            g.Program32(Access);
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(14));
        Assert.That(g.Traps32[0].Error, Is.EqualTo(expected));
    }

    /// <summary>PAE: identity by 2 MiB pages, 40000000h as the test likes.</summary>
    private Guest Pae(ulong directoryEntry, bool noExecute)
    {
        Guest g = Guest.Protected(kind);
        g.Write(Pointers, Directory | P);
        g.Write(Pointers + 8, (Directory + 0x3000) | P);
        for (ulong n = 0; n < 8; n++)
            g.Write(Directory + n * 8, (n << 21) | P | W | U | Large);
        g.Write(Directory + 0x3000, directoryEntry);
        for (int n = 0; n < 4; n++)
            g.State->Pdpte[n] = g.Read(Pointers + (ulong)n * 8);
        g.State->Cr3 = Pointers;
        g.State->Cr4 |= ControlBits.Cr4Pae;
        g.State->Efer |= noExecute ? ControlBits.EferNoExecute : 0;
        g.State->Cr0 |= ControlBits.Cr0Paging | ControlBits.Cr0WriteProtect;
        g.Changed();
        return g;
    }

    [TestCase(0UL, true, null, Description = "fine")]
    [TestCase(1UL << 52, true, 0x9u, Description = "bits 52-62 are reserved in legacy mode")]
    [TestCase(NoExecute, false, 0x9u, Description = "NX without EFER.NXE is reserved")]
    [TestCase(1UL << 13, true, 0x9u, Description = "address bit below the page size")]
    public void PaeReadsItsEntries(ulong bits, bool noExecute, uint? expected)
    {
        using Guest g = Pae(0x400000 | P | W | U | Large | bits, noExecute);
        g.Write32(0x400010, 0x55);
        g.Program32(a =>
        {
            a.mov(eax, __dword_ptr[Remapped + 0x10]);
            a.hlt();
        });
        g.Run();
        if (expected is null)
            Assert.That(g.Rax, Is.EqualTo(0x55));
        else
            Assert.That(g.Traps32[0].Error, Is.EqualTo(expected));
    }

    [Test]
    public void PaeForbidsExecution()
    {
        using Guest g = Pae(0x400000 | P | W | U | Large | NoExecute, noExecute: true);
        g.Program32(a =>
        {
            a.mov(eax, Remapped);
            a.jmp(eax);
        });
        g.Run();
        Assert.That(g.Traps32[0].Error, Is.EqualTo(0x11));
        Assert.That(g.Traps32[0].Eip, Is.EqualTo(Remapped));
    }

    [Test]
    public void LoadingCr3InPaeChecksThePointers()
    {
        using Guest g = Pae(0, noExecute: false);
        g.Write(Pointers + 0x1000, P | 0x1E0);
        g.Program32(a =>
        {
            a.mov(eax, Pointers + 0x1000);
            a.mov(cr3, eax);
        });
        g.Run();
        Assert.That(g.Traps32[0].Vector, Is.EqualTo(13));
        Assert.That(g.State->Cr3, Is.EqualTo(Pointers));
    }

    [TestCase(0UL, true, false, false, 0u, null)]
    [TestCase(NoExecute, false, true, false, 0u, 0x15u, Description = "NX, user fetch")]
    [TestCase(0UL, true, false, true, 0u, 0x1u, Description = "SMAP, supervisor read of a user page")]
    [TestCase(0UL, true, false, true, 1u << 18, null, Description = "SMAP with RFLAGS.AC")]
    public void ProtectionOfUserPages(ulong bits, bool read, bool user, bool smap, uint flags, uint? expected)
    {
        using Guest g = Guest.Long(kind);
        g.Write(Guest.EntryOf(Guest.UserData), Guest.UserData | P | W | U | bits);
        g.Code(64, Guest.UserData, Guest.UserData, a => a.hlt());
        g.State->Cr4 |= smap ? ControlBits.Cr4Smap : 0;
        void Program(Assembler a)
        {
            if (read)
                a.mov(rax, __qword_ptr[Guest.UserData]);
            else
                a.jmp(Guest.UserData);
            a.hlt();
        }

        if (user)
            g.UserProgram(Program);
        else
            g.Code(Program);
        g.State->SystemFlags |= flags;
        g.Changed();
        g.Run();
        if (expected is null)
            Assert.That(g.Traps, Is.Empty);
        else
            Assert.That(g.Traps[0], Is.EqualTo(g.Traps[0] with { Vector = 14, Error = expected.Value, Cr2 = Guest.UserData }));
    }

    [Test]
    public void SupervisorMayNotExecuteUserPagesUnderSmep()
    {
        using Guest g = Guest.Long(kind);
        g.State->Cr4 |= ControlBits.Cr4Smep;
        g.Changed();
        g.Code(a => a.jmp(Guest.UserCode));
        g.Run();
        Assert.That(g.Traps[0], Is.EqualTo(g.Traps[0] with { Vector = 14, Error = 0x11, Rip = Guest.UserCode }));
    }

    [TestCase(0x1000UL, Large, Description = "bit 7 of a fourth-level entry")]
    [TestCase(0x1000UL, 0x100UL, Description = "bit 8 of a fourth-level entry, on AMD")]
    [TestCase(0x2000UL, 0x100UL, Description = "bit 8 of a third-level entry that is no page")]
    [TestCase(0x2000UL, 1UL << 48, Description = "beyond 48 physical bits")]
    public void ReservedBitsOfLongModeTables(ulong table, ulong bits)
    {
        using Guest g = Guest.Long(kind);
        // Entry 1 of the fourth level leads to tables of its own, so that the program itself stays mapped.
        g.Write(0x1000 + 8, 0x200003 | (table == 0x1000 ? bits : 0));
        g.Write(0x200000, 0x3003 | (table == 0x2000 ? bits : 0));
        g.Changed();
        g.Code(a =>
        {
            a.mov(rbx, 0x80_0000_0000);
            a.mov(rax, __qword_ptr[rbx]);
            a.hlt();
        });
        g.Run();
        Assert.That(g.Traps[0], Is.EqualTo(g.Traps[0] with { Vector = 14, Error = 9, Cr2 = 0x80_0000_0000 }));
    }

    /// <summary>A translation is not kept before the accessed bit is set, whatever the dirty bit says (AMD APM vol. 2, 5.4.2).</summary>
    [Test]
    public void StoreToADirtyPageSetsTheAccessedBit()
    {
        using Guest g = Guest.Long(kind);
        ulong entry = Guest.EntryOf(Guest.UserData);
        g.Write(entry, Guest.UserData | P | W | U | D);
        g.Changed();
        g.Code(a =>
        {
            Label skip = a.CreateLabel();
            a.mov(__dword_ptr[Guest.UserData + 8], eax);
            // The walk of a store under a branch that is not known yet is speculative.
            a.mov(rbx, __qword_ptr[Guest.DataAddress]);
            a.test(rbx, rbx);
            a.jne(skip);
            a.mov(__dword_ptr[Guest.UserData], eax);
            a.Label(ref skip);
            a.hlt();
        });
        g.Run();
        Assert.That(g.Read(entry) & (A | D), Is.EqualTo(A | D));
    }

    [Test]
    public void UserModeInstructionPreventionCoversAllFive()
    {
        foreach (bool prevented in new[] { true, false })
        {
            using Guest g = Guest.Long(kind);
            g.State->Cr4 |= prevented ? ControlBits.Cr4Umip : 0;
            g.UserProgram(a =>
            {
                a.sgdt(__[Guest.UserData]);
                a.sidt(__[Guest.UserData]);
                a.sldt(ax);
                a.str(ax);
                a.smsw(ax);
                a.ud2();
            });
            g.ReturnTo = 0;
            g.Run();
            Assert.That(g.Vectors, Is.EqualTo(new ulong[] { prevented ? 13u : 6u }));
        }
    }
}
