using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Instructions that control the processor: MSRs, control and descriptor registers, interrupts, waiting, CPUID.</summary>
public static class ProcessorStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Inline("x86_rdmsr", c => { c.mov(ecx, edi); c.rdmsr(); });
        library.Inline("x86_wrmsr", c => { c.mov(eax, esi); c.wrmsr(); }); // (unused, low, high, msr)
        library.Inline("x86_read_cr0", c => c.mov(rax, cr0));
        library.Inline("x86_read_cr2", c => c.mov(rax, cr2));
        library.Inline("x86_read_cr3", c => c.mov(rax, cr3));
        library.Inline("x86_read_cr4", c => c.mov(rax, cr4));
        library.Inline("x86_write_cr0", c => c.mov(cr0, rdi));
        library.Inline("x86_write_cr3", c => c.mov(cr3, rdi));
        library.Inline("x86_write_cr4", c => c.mov(cr4, rdi));
        library.Inline("x86_lidt", c => c.lidt(__[rdi]));
        library.Inline("x86_lgdt", c => c.lgdt(__[rdi]));
        library.Inline("x86_ltr", c => c.ltr(di));
        library.Inline("x86_lsl", c => c.lsl(eax, edi));
        library.Inline("x86_invlpg", c => c.invlpg(__[rdi]));
        library.Inline("x86_swapgs", c => c.swapgs());
        library.Inline("x86_wbinvd", c => c.wbinvd());
        library.Inline("x86_cli", c => c.cli());
        library.Inline("x86_sti", c => c.sti());
        library.Inline("x86_hlt", c => c.hlt());
        library.Inline("x86_sti_hlt", c => { c.sti(); c.hlt(); });
        library.Inline("x86_int3", c => c.int3());
        library.Inline("x86_ud2", c => c.ud2());
        library.Inline("x86_stac", c => c.stac());
        library.Inline("x86_clac", c => c.clac());
        library.Inline("x86_read_flags", c => { c.pushfq(); c.pop(rax); });
        library.Inline("x86_write_flags", c => { c.push(rdi); c.popfq(); });
        library.Inline("x86_xgetbv", c => { c.mov(ecx, edi); c.xgetbv(); });
        library.Function("x86_monitor", c => { c.mov(rax, rdi); c.xor(ecx, ecx); c.xor(edx, edx); c.monitor(); c.ret(); });
        library.Function("x86_sti_mwait", c => { c.mov(eax, edi); c.mov(ecx, esi); c.sti(); c.mwait(); c.ret(); });
        library.Inline("x86_mwait", c => { c.mov(eax, edi); c.mwait(); }); // (hint, unused, unused, extensions)
        library.Function("x86_monitorx", c => { c.mov(rax, rdi); c.xor(ecx, ecx); c.xor(edx, edx); c.monitorx(); c.ret(); });
        library.Function("x86_mwaitx", c => { c.push(rbx); c.mov(ebx, edi); c.mov(ecx, esi); c.xor(eax, eax); c.mwaitx(); c.pop(rbx); c.ret(); });
        library.Function("x86_cpuid", Cpuid);
        library.Function("x86_reload_segments", ReloadSegments);
    }

    /// <summary>(leaf, subleaf, uint* result): stores EAX, EBX, ECX, EDX.</summary>
    private static void Cpuid(Assembler c)
    {
        c.push(rbx);
        c.mov(r8, rdx);
        c.mov(eax, edi);
        c.mov(ecx, esi);
        c.cpuid();
        c.mov(__[r8], eax);
        c.mov(__[r8 + 4], ebx);
        c.mov(__[r8 + 8], ecx);
        c.mov(__[r8 + 12], edx);
        c.pop(rbx);
        c.ret();
    }

    /// <summary>(code selector, data selector): after LGDT. FS and GS get the null selector, which clears their bases.</summary>
    private static void ReloadSegments(Assembler c)
    {
        Label next = c.CreateLabel();
        c.mov(ds, esi);
        c.mov(es, esi);
        c.mov(ss, esi);
        c.xor(eax, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.push(rdi);
        c.lea(rax, __[next]);
        c.push(rax);
        c.db(0x48, 0xCB); // far return, 64-bit
        c.Label(ref next);
        c.ret();
    }
}
