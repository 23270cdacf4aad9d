using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// Firmware's way from reset (APM vol. 2, section 14.1: real mode, CS base FFFF0000h, IP FFF0h) to C# in long mode: the
/// image is copied from flash to RAM, its zeroed data cleared, 1 TiB mapped one to one by 1 GiB pages. Also the code that
/// application processors run, and the way to the operating system.
/// </summary>
public static class FirmwareStubs
{
    private const int StackSize = 0x4000, PageTables = 0x3000;

    /// <summary>Where the counters stand in the application processors' page.</summary>
    private const int CounterOffset = 0xF0;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library, string main)
    {
        library.Add(new Stub { Names = ["firmware_page_tables"], Place = StubPlace.BootZero, Alignment = 4096, ZeroSize = PageTables });
        library.Add(new Stub { Names = ["firmware_stack"], Place = StubPlace.BootZero, Alignment = 4096, ZeroSize = StackSize });
        library.Add(new Stub { Names = ["reset_vector"], Needs = ["reset16"], Place = StubPlace.ResetVector, Bits = 16, Emit = ResetVector });
        library.Add(new Stub { Names = ["reset16"], Needs = ["reset_gdt", "reset32"], Place = StubPlace.Boot, Bits = 16, Emit = Reset16 });
        library.Add(new Stub { Names = ["reset_gdt"], Place = StubPlace.Boot, Emit = w => LongMode.DescriptorTable(w.Code, w.Address("reset_gdt")) });
        library.Add(new Stub
        {
            Names = ["reset32"],
            Needs = ["firmware_page_tables", "firmware_stack", "reset_gdt", "firmware_start64"],
            Place = StubPlace.Boot,
            Bits = 32,
            Emit = Reset32,
        });
        library.Add(new Stub { Names = ["firmware_start64"], Needs = ["firmware_stack", main], Emit = w => Start64(w, main) });
        library.Add(new Stub { Names = ["firmware_ap", "firmware_ap_end"], Bits = 16, Emit = ApplicationProcessor });
        library.Add(new Stub { Names = ["pvh_handoff"], Needs = ["pvh_handoff32"], Emit = Handoff64 });
        library.Add(new Stub { Names = ["pvh_handoff32"], Bits = 32, Emit = Handoff32 });
    }

    private static void ResetVector(StubWriter w)
    {
        ushort distance = (ushort)(w.Address("reset16") - 0xFFFFFFF3);
        w.Code.db(0xE9, (byte)distance, (byte)(distance >> 8)); // jmp near
    }

    private static void Reset16(StubWriter w)
    {
        Assembler c = w.Code;
        ushort gdt = (ushort)(w.Address("reset_gdt") + (ulong)LongMode.DescriptorTableSize);
        uint next = (uint)w.Address("reset32");
        c.cli();
        c.cld();
        c.db(0x2E, 0x66, 0x0F, 0x01, 0x16, (byte)gdt, (byte)(gdt >> 8)); // lgdt cs:[gdt], all 32 bits of the base
        c.mov(eax, 0x33);                                                // PE, MP, ET, NE; caches on
        c.mov(cr0, eax);
        c.db(0x66, 0xEA, (byte)next, (byte)(next >> 8), (byte)(next >> 16), (byte)(next >> 24), LongMode.KernelCode32, 0);
    }

    private static void Reset32(StubWriter w)
    {
        Assembler c = w.Code;
        uint start = (uint)w.Address("image_start"), loaded = (uint)w.Address("data_end") - start;
        uint end = (uint)w.Address("firmware_stack") + StackSize, zero = start + (loaded + 3) / 4 * 4;
        uint pml4 = (uint)w.Address("firmware_page_tables"), pdpt = pml4 + 0x1000;
        Label fill = c.CreateLabel();
        c.mov(eax, LongMode.KernelData);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.mov(esi, (uint)w.Address("image_load_start"));
        c.mov(edi, start);
        c.mov(ecx, (loaded + 3) / 4);
        c.rep.movsd();
        c.mov(edi, zero);
        c.mov(ecx, (end - zero) / 4);
        c.xor(eax, eax);
        c.rep.stosd();

        // Two page directory pointer tables in a row: entry n maps GiB n, which takes 30 bits of low and 2 of high word on.
        c.mov(__dword_ptr[pml4], pdpt | 3);
        c.mov(__dword_ptr[pml4 + 8], pdpt + 0x1000 | 3);
        c.mov(edi, pdpt);
        c.mov(eax, 0x83);
        c.xor(edx, edx);
        c.Label(ref fill);
        c.mov(__[edi], eax);
        c.mov(__[edi + 4], edx);
        c.add(edi, 8);
        c.add(eax, 0x40000000);
        c.adc(edx, 0);
        c.cmp(edi, pdpt + 0x2000);
        c.jne(fill);
        LongMode.Enter(c, () => c.mov(eax, pml4));
        c.jmp(LongMode.KernelCode, (uint)w.Address("firmware_start64"));
    }

    private static void Start64(StubWriter w, string main)
    {
        Assembler c = w.Code;
        Label halt = c.CreateLabel();
        c.mov(eax, LongMode.KernelData);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.xor(eax, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.mov(esp, (uint)w.Address("firmware_stack") + StackSize);
        c.xor(ebp, ebp);
        c.call(w.Address(main));
        c.Label(ref halt);
        c.hlt();
        c.jmp(halt);
    }

    /// <summary>
    /// Copied to a page below 1 MiB and run by all application processors at once, in real mode without a stack: loads the
    /// MSRs listed at +100h (count, then index, low, high), takes a number from the counter at +F0h, stores its x2APIC
    /// id at +400h + 4 number, counts at +F4h that it has, then halts for good: only INIT wakes it.
    /// </summary>
    private static void ApplicationProcessor(StubWriter w)
    {
        Assembler c = w.Code;
        Label next = c.CreateLabel(), done = c.CreateLabel(), halt = c.CreateLabel();
        c.cli();
        c.mov(ax, cs);
        c.mov(ds, ax);
        c.mov(bp, __word_ptr[0x100]);
        c.mov(si, 0x104);
        c.Label(ref next);
        c.test(bp, bp);
        c.je(done);
        c.mov(ecx, __dword_ptr[si]);
        c.mov(eax, __dword_ptr[si + 4]);
        c.mov(edx, __dword_ptr[si + 8]);
        c.wrmsr();
        c.add(si, 12);
        c.dec(bp);
        c.jmp(next);
        c.Label(ref done);
        c.mov(eax, 0xB);
        c.xor(ecx, ecx);
        c.cpuid();
        c.mov(ebx, 1);
        c.@lock.xadd(__dword_ptr[CounterOffset], ebx);
        c.shl(bx, 2);
        c.mov(__dword_ptr[bx + 0x400], edx);
        c.@lock.inc(__dword_ptr[CounterOffset + 4]);
        c.Label(ref halt);
        c.cli();
        c.hlt();
        c.jmp(halt);
        w.Export("firmware_ap_end");
        c.nop();
    }

    /// <summary>(entry, start info): leaves long mode for PVH's 32-bit protected mode; the code lies below 4 GiB.</summary>
    private static void Handoff64(StubWriter w)
    {
        Assembler c = w.Code;
        c.cli();
        c.mov(ebx, esi);
        c.push(LongMode.KernelCode32);
        c.push((int)w.Address("pvh_handoff32"));
        c.db(0x48, 0xCB); // far return, 64-bit
    }

    private static void Handoff32(StubWriter w)
    {
        Assembler c = w.Code;
        c.mov(eax, LongMode.KernelData);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.mov(eax, cr0);
        c.and(eax, 0x7FFEFFFF); // PG and WP off
        c.mov(cr0, eax);
        c.mov(ecx, 0xC0000080);
        c.xor(eax, eax);
        c.xor(edx, edx);
        c.wrmsr();
        c.mov(cr3, eax);
        c.mov(cr4, eax);
        c.jmp(edi);
    }
}
