using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// Firmware's way back to a suspended operating system (ACPI Specification 6.3, section 16.3.1): real mode, CS the waking vector
/// shifted right by four, IP its low four bits.
/// </summary>
public static class WakeStubs
{
    private const int RealModeCode = 0x08, RealModeData = 0x10, Selectors = 3;

    /// <summary>A page below 1 MiB that the operating system does not use; the far return's two words stand at its end.</summary>
    private const int StackSegment = 0x9F00, StackTop = 0x1000;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Add(new Stub { Names = ["wake_handoff"], Needs = ["wake32"], Emit = Wake64 });
        library.Add(new Stub { Names = ["wake32"], Needs = ["wake16", "wake_tables"], Bits = 32, Emit = Wake32 });
        library.Add(new Stub { Names = ["wake16"], Bits = 16, Emit = Wake16 });
        library.Add(new Stub { Names = ["wake_tables"], Needs = ["wake16"], Emit = Tables });
    }

    /// <summary>(vector): leaves 64-bit code; the vector goes on in EBX.</summary>
    private static void Wake64(StubWriter w)
    {
        Assembler c = w.Code;
        c.cli();
        c.mov(ebx, edi);
        c.push(LongMode.KernelCode32);
        c.push((int)w.Address("wake32"));
        c.db(0x48, 0xCB); // far return, 64-bit
    }

    /// <summary>Paging and long mode off, then a code segment of 16 bits with the base of the next stub.</summary>
    private static void Wake32(StubWriter w)
    {
        Assembler c = w.Code;
        uint tables = (uint)w.Address("wake_tables");
        c.mov(eax, LongMode.KernelData);
        c.mov(ds, eax);
        c.mov(eax, cr0);
        c.and(eax, 0x7FFEFFFF); // PG and WP off
        c.mov(cr0, eax);
        c.mov(ecx, 0xC0000080); // EFER
        c.xor(eax, eax);
        c.xor(edx, edx);
        c.wrmsr();
        c.mov(cr3, eax);
        c.mov(cr4, eax);
        c.lgdt(__[tables + Selectors * 8]);
        c.lidt(__[tables + Selectors * 8 + 6]);
        c.jmp(RealModeCode, (uint)(w.Address("wake16") & 15));
    }

    /// <summary>
    /// Real mode from protected mode (AMD APM vol. 2, section 14.6 in reverse): segments with real mode's limits first, then PE off. The far
    /// return that loads CS is the jump to the vector.
    /// </summary>
    private static void Wake16(StubWriter w)
    {
        Assembler c = w.Code;
        c.mov(ax, RealModeData);
        c.mov(ds, ax);
        c.mov(es, ax);
        c.mov(fs, ax);
        c.mov(gs, ax);
        c.mov(ss, ax);
        c.mov(eax, cr0);
        c.and(eax, -2);
        c.mov(cr0, eax);
        c.mov(ax, StackSegment);
        c.mov(ss, ax);
        c.mov(sp, StackTop);
        c.xor(ax, ax);
        c.mov(ds, ax);
        c.mov(es, ax);
        c.mov(fs, ax);
        c.mov(gs, ax);
        c.mov(eax, ebx);
        c.shr(eax, 4);
        c.and(bx, 15);
        c.push(ax);
        c.push(bx);
        c.db(0xCB); // far return, 16-bit
    }

    /// <summary>Descriptors of 64 KiB, then the operands of LGDT and, for real mode's table at 0, of LIDT.</summary>
    private static void Tables(StubWriter w)
    {
        Assembler c = w.Code;
        ulong codeBase = w.Address("wake16") & ~15UL;
        c.dq(0);
        c.dq(0x0000_9B00_0000_FFFF | codeBase << 16);
        c.dq(0x0000_9300_0000_FFFF);
        c.dw(Selectors * 8 - 1);
        c.dd((uint)w.Address("wake_tables"));
        c.dw(0x3FF);
        c.dd(0);
    }
}
