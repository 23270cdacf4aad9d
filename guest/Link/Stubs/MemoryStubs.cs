using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Block moves, fences, cache control and the vector state.</summary>
public static class MemoryStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Inline("x86_rep_movsb", c => c.rep.movsb());                             // (destination, source, unused, count)
        library.Inline("x86_rep_movsq", c => c.rep.movsq());
        library.Inline("x86_rep_stosb", c => { c.mov(eax, esi); c.rep.stosb(); });       // (destination, value, unused, count)
        library.Inline("x86_rep_stosq", c => { c.xor(eax, eax); c.rep.stosq(); });       // (destination, unused, unused, count): zeroes
        library.Inline("x86_lfence", c => c.lfence());
        library.Inline("x86_sfence", c => c.sfence());
        library.Inline("x86_mfence", c => c.mfence());
        library.Inline("x86_clflush", c => c.clflush(__[rdi]));
        library.Inline("x86_fxsave", c => c.fxsave64(__[rdi]));
        library.Inline("x86_fxrstor", c => c.fxrstor64(__[rdi]));
        library.Inline("x86_fninit", c => c.fninit());
        library.Function("x86_mul", c => { c.mov(rax, rdi); c.mul(rsi); c.ret(); });      // full 128-bit product in RDX:RAX
    }
}
