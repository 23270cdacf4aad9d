using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// The kernel's entry by Xen's PVH boot protocol (xen/include/public/arch-x86/hvm/start_info.h): 32-bit protected mode
/// with flat segments, paging off, the physical address of hvm_start_info in EBX. Ends in C#'s entry(start_info) in
/// long mode, on the boot stack, with the first 4 GiB mapped both at 0 and, its first 2 GiB, at FFFFFFFF80000000h.
/// </summary>
public static class PvhStubs
{
    /// <summary>The 32-bit entry point.</summary>
    public const string Entry = "pvh_entry";

    private const int BootStackSize = 0x8000;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library, string main)
    {
        library.Add(new Stub { Names = ["boot_page_tables"], Place = StubPlace.BootZero, Alignment = 4096, ZeroSize = 3 * 4096 });
        library.Add(new Stub { Names = ["boot_stack"], Place = StubPlace.Zero, Alignment = 4096, ZeroSize = BootStackSize });
        library.Add(new Stub
        {
            Names = ["boot_gdt"],
            Place = StubPlace.Boot,
            Emit = w => LongMode.DescriptorTable(w.Code, w.Address("boot_gdt")),
        });
        library.Add(new Stub
        {
            Names = [Entry],
            Needs = ["boot_page_tables", "boot_gdt", "boot_enter64"],
            Place = StubPlace.Boot,
            Bits = 32,
            Emit = Entry32,
        });
        library.Add(new Stub
        {
            Names = ["boot_enter64"],
            Needs = ["boot_enter_high"],
            Place = StubPlace.Boot,
            Emit = w => { w.Code.mov(rax, w.Address("boot_enter_high")); w.Code.jmp(rax); },
        });
        library.Add(new Stub { Names = ["boot_enter_high"], Needs = ["boot_stack", main], Emit = w => EnterHigh(w, main) });
    }

    private static void Entry32(StubWriter w)
    {
        Assembler c = w.Code;
        uint tables = (uint)w.Address("boot_page_tables"), low = tables + 0x1000, high = tables + 0x2000, gdt = (uint)w.Address("boot_gdt");
        c.cld();
        // The image's zeroed memory is zero already: only the entries are written. Gigabyte pages: every Zen has them.
        c.mov(__dword_ptr[tables], low | 3);
        c.mov(__dword_ptr[tables + 511 * 8], high | 3);
        for (uint gib = 0; gib < 4; gib++) c.mov(__dword_ptr[low + gib * 8], gib << 30 | 0x83);
        c.mov(__dword_ptr[high + 510 * 8], 0x83);
        c.mov(__dword_ptr[high + 511 * 8], 1u << 30 | 0x83);
        LongMode.Enter(c, () => c.mov(eax, tables));
        c.lgdt(__[(long)(gdt + (uint)LongMode.DescriptorTableSize)]);
        c.jmp(LongMode.KernelCode, (uint)w.Address("boot_enter64"));
    }

    private static void EnterHigh(StubWriter w, string main)
    {
        Assembler c = w.Code;
        c.mov(eax, LongMode.KernelData);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.xor(eax, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.mov(rsp, w.Address("boot_stack") + BootStackSize);
        c.xor(ebp, ebp);
        c.mov(edi, ebx);
        c.call(w.Address(main));
        c.ud2();
    }
}
